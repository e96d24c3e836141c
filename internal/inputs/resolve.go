// SPDX-License-Identifier: Apache-2.0

package inputs

import (
	"container/heap"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// resolver tracks which symbols are undefined when the link gets to an archive.
type resolver struct {
	defined, undefined map[string]bool
}

// addGroup appends the objects of the operands of a group, or of a single operand,
// that take part in the link. resolve says that there are archives to search.
func (r *resolver) addGroup(objects []*elfobj.Object, ins []Input, operands []operand, resolve bool) []*elfobj.Object {
	for round := 0; ; round++ {
		before := len(objects)
		for i := range operands {
			o := &operands[i]
			switch {
			case o.archive && !ins[i].Whole:
				objects = r.extractMembers(objects, o)
			case round > 0:
			default:
				if resolve {
					for _, obj := range o.objects {
						r.add(obj, nil)
					}
				}
				objects = append(objects, o.objects...)
			}
		}
		if len(objects) == before || ins[0].Group == 0 {
			return objects
		}
	}
}

// search is what is known of an archive that has been searched.
type search struct {
	defining  map[string][]int // see definitions
	extracted []bool
}

// extractMembers appends the members of an archive that define undefined symbols,
// including those that the members themselves reference. The order is that of
// searching the archive from start to end until a round finds no more members
// ("Using ld", on archives), but without the search: it would be quadratic when
// members reference symbols of members before them.
func (r *resolver) extractMembers(objects []*elfobj.Object, o *operand) []*elfobj.Object {
	if o.search == nil {
		o.search = &search{definitions(o.objects), make([]bool, len(o.objects))}
	}
	s := o.search
	var rounds rounds
	for name := range r.undefined {
		rounds.push(s.defining[name])
	}
	for {
		i, ok := rounds.pop()
		if !ok {
			return objects
		}
		// The symbol may be defined by now.
		if m := o.objects[i]; !s.extracted[i] && r.resolves(m) {
			s.extracted[i] = true
			objects = append(objects, m)
			r.add(m, func(name string) { rounds.push(s.defining[name]) })
		}
	}
}

// definitions returns the indices of the members that define each name. Common
// symbols do not cause a member to be extracted.
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

// eachDefinition calls f with the name of each global symbol that an object
// defines, except common symbols, until f returns false.
func eachDefinition(o *elfobj.Object, f func(name string) bool) {
	first, _ := o.Globals()
	for i := first; i < len(o.Symbols); i++ {
		if s := &o.Symbols[i]; !s.IsLocal() && !s.IsUndefined() && s.Section != elfobj.Common && s.Name != "" && !f(s.Name) {
			return
		}
	}
}

// add records the symbols of an object and calls added, unless it is nil, for
// each new undefined one. Weak references do not count.
func (r *resolver) add(o *elfobj.Object, added func(name string)) {
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
			if added != nil {
				added(s.Name)
			}
		}
	}
}

// resolves reports whether an object defines an undefined symbol.
func (r *resolver) resolves(o *elfobj.Object) (found bool) {
	eachDefinition(o, func(name string) bool {
		found = r.undefined[name]
		return !found
	})
	return found
}

// rounds is a queue of members in search order: members after the last one are
// in this round, others in the next one.
type rounds struct {
	now, next indices
	last      int // the last member of this round, plus 1
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

// pop returns the next member.
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

// indices is a min-heap.
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
