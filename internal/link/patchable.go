// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// isPatchable reports whether a section is a table of functions that begin with a
// call or room for one, by which tracers find them: that of
// -fpatchable-function-entry or of -mrecord-mcount. An entry is an address.
func isPatchable(name string) bool {
	return name == "__patchable_function_entries" || name == "__mcount_loc"
}

// patchableEntry is the size of an entry of the table in bytes.
const patchableEntry = 8

// cutPatchable removes the entries of functions that are left out. gcc puts the
// entries of all functions of a source into one section, COMDAT or not; before
// version 13 also where the section follows (SHF_LINK_ORDER) a function, the first
// one. It then follows the first function that is not left out.
func (isec *inputSection) cutPatchable() {
	if !isec.in.discards || isec.discard != kept || isec.size() == 0 || isec.size()%patchableEntry != 0 {
		return
	}
	o := isec.in.obj
	dead := make([]bool, isec.size()/patchableEntry)
	deadEntries, first := 0, elfobj.SectionIndex(0)
	for _, rel := range o.RawRelocs(isec.sec) {
		n := rel.Offset / patchableEntry
		if n >= uint64(len(dead)) || int(rel.Symbol) >= len(o.Symbols) {
			return // damaged, which the writer reports
		}
		s := &o.Symbols[rel.Symbol]
		switch {
		case s.Section <= 0:
		case isec.in.sections[s.Section].discard == kept:
			if first == 0 {
				first = s.Section
			}
		case !dead[n]:
			dead[n] = true
			deadEntries++
		}
	}
	if deadEntries == 0 || deadEntries == len(dead) && isec.follows() != nil && isec.follows().discard != kept {
		return // dropFollowers drops all of it
	}
	old := isec.data()
	data := make([]byte, 0, len(old))
	moved := make([]uint64, len(dead)) // how far each entry moves back
	isec.cuts = &cuts{}
	for n := range dead {
		at := uint64(n) * patchableEntry
		moved[n] = at - uint64(len(data))
		if !dead[n] {
			isec.cuts.keep(at, patchableEntry, uint64(len(data)))
			data = append(data, old[at:at+patchableEntry]...)
		}
	}
	var relocs []elfobj.Reloc
	for _, rel := range o.RawRelocs(isec.sec) {
		if n := rel.Offset / patchableEntry; !dead[n] {
			rel.Offset -= moved[n]
			relocs = append(relocs, rel)
		}
	}
	isec.replace(data, elfobj.EncodeRelocs(relocs, o.BigEndian))
	if f := isec.follows(); f != nil && f.discard != kept && first > 0 {
		isec.sec.LinkOrder = first
	}
}

// follows is the section that the input section follows (SHF_LINK_ORDER), or nil.
func (isec *inputSection) follows() *inputSection {
	if isec.sec.Flags&elf.SHF_LINK_ORDER == 0 || isec.sec.LinkOrder <= 0 {
		return nil
	}
	return &isec.in.sections[isec.sec.LinkOrder]
}
