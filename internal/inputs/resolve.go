// SPDX-License-Identifier: Apache-2.0

package inputs

import (
	"container/heap"
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// resolver tracks which names still ask for a member when the link gets to an archive.
type resolver struct {
	names map[string]state
	// wanted are the names that are undefined or common.
	wanted map[string]bool
}

func newResolver() *resolver {
	return &resolver{names: map[string]state{}, wanted: map[string]bool{}}
}

// state is what the objects so far say of a name; each state replaces the ones before it.
type state uint8

const (
	unknown   state = iota
	undefined       // a strong reference: any definition is wanted
	weak            // a weak definition, which is enough
	common          // a common symbol: a definition of the data is wanted, with its initial value
	defined
)

// definition is a symbol that a member of an archive defines.
type definition struct {
	member int
	name   string
	// data says that it replaces a common symbol. GNU ld searches for an object with
	// a strong definition, and takes no function: before C99's tentative definitions,
	// Fortran libraries had functions with the names of common blocks.
	data bool
}

// wants reports whether the objects so far ask for a definition.
func (r *resolver) wants(d definition) bool {
	switch r.names[d.name] {
	case undefined:
		return true
	case common:
		return d.data
	}
	return false
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
	defining  map[string][]definition // see definitions
	extracted []bool
}

// extractMembers appends the members of an archive that define what is wanted,
// including what the members themselves ask for. The order is that of
// searching the archive from start to end until a round finds no more members
// ("Using ld", on archives), but without the search: it would be quadratic when
// members reference symbols of members before them.
func (r *resolver) extractMembers(objects []*elfobj.Object, o *operand) []*elfobj.Object {
	if o.search == nil {
		o.search = &search{definitions(o.objects), make([]bool, len(o.objects))}
	}
	s := o.search
	var rounds rounds
	for name := range r.wanted {
		rounds.push(s.defining[name])
	}
	for {
		d, ok := rounds.pop()
		if !ok {
			return objects
		}
		// Another member may have supplied the name by now.
		if !s.extracted[d.member] && r.wants(d) {
			s.extracted[d.member] = true
			objects = append(objects, o.objects[d.member])
			r.add(o.objects[d.member], func(name string) { rounds.push(s.defining[name]) })
		}
	}
}

// definitions returns the definitions of each name by the members, in their order.
// The archive's own index lists names alone, which is too little for common symbols.
func definitions(members []*elfobj.Object) map[string][]definition {
	all := map[string][]definition{}
	for i, m := range members {
		first, _ := m.Globals()
		for k := first; k < len(m.Symbols); k++ {
			s := &m.Symbols[k]
			if !s.IsLocal() && !s.IsUndefined() && s.Name != "" {
				all[s.Name] = append(all[s.Name], definition{i, s.Name, stateOf(s) == defined && !isFunction(s)})
			}
		}
	}
	return all
}

func isFunction(s *elfobj.Symbol) bool {
	return s.Type() == elf.STT_FUNC || s.Type() == elfobj.STTGNUIfunc
}

// stateOf is what one object says of a symbol. Weak references ask for nothing.
func stateOf(s *elfobj.Symbol) state {
	switch {
	case s.IsUndefined() && s.Binding() == elf.STB_GLOBAL:
		return undefined
	case s.IsUndefined():
		return unknown
	case s.Section == elfobj.Common:
		return common
	case s.Binding() == elf.STB_WEAK:
		return weak
	}
	return defined
}

// add records the symbols of an object and calls added, unless it is nil, for
// each name that is wanted for a new reason.
func (r *resolver) add(o *elfobj.Object, added func(name string)) {
	first, _ := o.Globals()
	for i := first; i < len(o.Symbols); i++ {
		s := &o.Symbols[i]
		if s.IsLocal() || s.Name == "" {
			continue
		}
		now := stateOf(s)
		if now <= r.names[s.Name] {
			continue
		}
		r.names[s.Name] = now
		if now != undefined && now != common {
			delete(r.wanted, s.Name)
			continue
		}
		r.wanted[s.Name] = true
		if added != nil {
			added(s.Name)
		}
	}
}

// rounds is a queue of definitions in search order: those of members after the last
// one are in this round, others in the next one.
type rounds struct {
	now, next queue
	last      int // the last member of this round, plus 1
}

func (r *rounds) push(definitions []definition) {
	for _, d := range definitions {
		if d.member >= r.last {
			heap.Push(&r.now, d)
		} else {
			heap.Push(&r.next, d)
		}
	}
}

// pop returns a definition of the next member.
func (r *rounds) pop() (d definition, ok bool) {
	if len(r.now) == 0 {
		r.now, r.next, r.last = r.next, r.now, 0
	}
	if len(r.now) == 0 {
		return definition{}, false
	}
	d = heap.Pop(&r.now).(definition)
	r.last = d.member + 1
	return d, true
}

// queue is a min-heap.
type queue []definition

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].member < q[j].member }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(definition)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
