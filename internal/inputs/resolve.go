package inputs

import (
	"container/heap"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// resolver knows which symbols are wanted when an archive is reached.
type resolver struct {
	defined, undefined map[string]bool
}

// choose appends the objects of an operand that the link takes, in the order in
// which it takes them.
func (r *resolver) choose(chosen []*elfobj.Object, o *operand, whole, lazy bool) []*elfobj.Object {
	if !whole && o.archive {
		return r.chooseMembers(chosen, o.objects)
	}
	if lazy {
		for _, obj := range o.objects {
			r.add(obj, nil)
		}
	}
	return append(chosen, o.objects...)
}

// chooseMembers appends the members of an archive that define what is undefined,
// and what they want themselves. They come in rounds, as if the archive was
// searched from its start to its end until a search finds no more ("Using ld",
// on archives); members that want others before them make many rounds, so that
// it is never searched.
func (r *resolver) chooseMembers(chosen []*elfobj.Object, members []*elfobj.Object) []*elfobj.Object {
	defining := definitions(members)
	var rounds rounds
	for name := range r.undefined {
		rounds.push(defining[name])
	}
	taken := make([]bool, len(members))
	for {
		i, ok := rounds.pop()
		if !ok {
			return chosen
		}
		// What it was wanted for may be defined by now.
		if m := members[i]; !taken[i] && r.wants(m) {
			taken[i] = true
			chosen = append(chosen, m)
			r.add(m, func(name string) { rounds.push(defining[name]) })
		}
	}
}

// definitions lists the members that define each name, by index. A common symbol
// does not make a member wanted.
func definitions(members []*elfobj.Object) map[string][]int {
	d := map[string][]int{}
	for i, m := range members {
		eachDefinition(m, func(name string) bool {
			d[name] = append(d[name], i)
			return true
		})
	}
	return d
}

// eachDefinition calls f with the names of the global symbols that an object
// defines, but for common ones, until f returns false.
func eachDefinition(o *elfobj.Object, f func(name string) bool) {
	first, _ := o.Globals()
	for i := first; i < len(o.Symbols); i++ {
		if s := &o.Symbols[i]; !s.IsLocal() && !s.IsUndefined() && s.Section != elfobj.Common && s.Name != "" && !f(s.Name) {
			return
		}
	}
}

// add notes what an object defines and wants, and calls wanted, if it is given,
// for each name that becomes undefined. A weak reference wants nothing.
func (r *resolver) add(o *elfobj.Object, wanted func(name string)) {
	first, _ := o.Globals()
	for i := first; i < len(o.Symbols); i++ {
		s := &o.Symbols[i]
		switch {
		case s.IsLocal() || s.Name == "":
		case !s.IsUndefined():
			r.defined[s.Name] = true
			delete(r.undefined, s.Name)
		case s.Info>>4 == 1 && !r.defined[s.Name] && !r.undefined[s.Name]:
			r.undefined[s.Name] = true
			if wanted != nil {
				wanted(s.Name)
			}
		}
	}
}

// wants reports whether an object defines something that is undefined.
func (r *resolver) wants(o *elfobj.Object) (wanted bool) {
	eachDefinition(o, func(name string) bool {
		wanted = r.undefined[name]
		return !wanted
	})
	return wanted
}

// rounds holds the members to look at in the order of the rounds: those after
// the last one come in this round, those before it in the next one.
type rounds struct {
	now, next indices
	last      int // popped in this round, and 1
}

func (r *rounds) push(members []int) {
	for _, i := range members {
		if i >= r.last {
			heap.Push(&r.now, i)
		} else {
			heap.Push(&r.next, i)
		}
	}
}

// pop returns the next member to look at.
func (r *rounds) pop() (member int, ok bool) {
	if len(r.now) == 0 {
		r.now, r.next, r.last = r.next, r.now, 0
	}
	if len(r.now) == 0 {
		return 0, false
	}
	member = heap.Pop(&r.now).(int)
	r.last = member + 1
	return member, true
}

// indices is a heap of numbers.
type indices []int

func (h indices) Len() int           { return len(h) }
func (h indices) Less(i, j int) bool { return h[i] < h[j] }
func (h indices) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *indices) Push(x any)        { *h = append(*h, x.(int)) }
func (h *indices) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
