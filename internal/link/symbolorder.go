// SPDX-License-Identifier: Apache-2.0

package link

import (
	"cmp"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/bfdorder"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// symbolInputs lists the inputs in the order of their local symbols.
func (l *linker) symbolInputs() []*input {
	inputs := make([]*input, len(l.inputs))
	for i := range l.inputs {
		inputs[i] = &l.inputs[i]
	}
	if l.opts.Symbols != OrderGNU {
		return inputs
	}
	// GNU ld goes through the output sections, and through the input sections of
	// each, empty ones as well. It writes the local symbols of an input when it first
	// comes to one of its sections.
	ranks := map[*inputSection]int{} // in sections that the script describes
	for _, o := range l.outputs {
		if o.desc != nil {
			for i, isec := range o.desc.sections {
				ranks[isec] = i
			}
			for i, isec := range o.desc.orphans {
				ranks[isec] = len(o.desc.sections) + i
			}
		}
	}
	type place struct {
		out  elfobj.SectionIndex
		rank int
	}
	first := make(map[*input]place, len(inputs))
	for number, in := range inputs {
		// One of which nothing is linked has no symbols.
		p := place{out: elfobj.SectionIndex(len(l.outputs) + 1)}
		for i := range in.sections {
			isec := &in.sections[i]
			if isec.out == nil || isec.out.index > p.out {
				continue
			}
			rank, described := ranks[isec]
			if !described {
				rank = number
			}
			if isec.out.index < p.out || rank < p.rank {
				p = place{isec.out.index, rank}
			}
		}
		first[in] = p
	}
	slices.SortStableFunc(inputs, func(a, b *input) int {
		p, q := first[a], first[b]
		return cmp.Or(cmp.Compare(p.out, q.out), cmp.Compare(p.rank, q.rank))
	})
	return inputs
}

// globalOrder lists the indices of the global symbols in the order in which they are
// written.
func (l *linker) globalOrder() []uint32 {
	order := l.symbolTable.inOrder()
	if l.opts.Symbols != OrderGNU {
		return order
	}
	order = l.scriptFirst(order)
	names := make([]string, len(order))
	for i, n := range order {
		names[i] = l.symbolTable.at(n).def.Name
	}
	sorted := make([]uint32, len(order))
	for i, n := range bfdorder.Order(names) {
		sorted[i] = order[n]
	}
	return sorted
}

// scriptFirst moves the symbols that the script assigns to the front, as GNU ld reads
// the script before the objects. PROVIDE adds no name.
func (l *linker) scriptFirst(order []uint32) []uint32 {
	if l.opts.Script == nil {
		return order
	}
	number := map[string]int{}
	for _, a := range l.opts.Script.Assignments() {
		if _, known := number[a.Name]; !known && !a.IsDot() && !a.Kind.Provides() {
			number[a.Name] = len(number)
		}
	}
	assigned, others := make([]uint32, 0, len(number)), make([]uint32, 0, len(order))
	for _, n := range order {
		if _, ok := number[l.symbolTable.at(n).def.Name]; ok {
			assigned = append(assigned, n)
		} else {
			others = append(others, n)
		}
	}
	slices.SortFunc(assigned, func(a, b uint32) int {
		return cmp.Compare(number[l.symbolTable.at(a).def.Name], number[l.symbolTable.at(b).def.Name])
	})
	return append(assigned, others...)
}
