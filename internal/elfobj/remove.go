// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"errors"
	"fmt"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Drop removes the symbol from its object: it is not written. Other symbols keep
// their indices.
func (s *Symbol) Drop() { s.Section, s.Value = droppedSection, 0 }

// RemoveSections removes the sections for which remove is set, by index, together
// with their relocations and symbols, and section groups that have no members
// left. Other sections keep their indices.
//
// If the rest refers to a removed section, that is an error and nothing is
// removed: by a relocation against one of its symbols, by SHF_LINK_ORDER, or by a
// group whose signature it defines.
func (o *Object) RemoveSections(remove []bool) error {
	removed := func(i SectionIndex) bool { return i > 0 && int(i) < len(remove) && remove[i] }
	emptied := make([]bool, len(o.Groups))
	for i := range o.Groups {
		emptied[i] = len(o.Groups[i].Members) > 0 && !slices.ContainsFunc(o.Groups[i].Members, func(m SectionIndex) bool { return !removed(m) })
	}
	dropped := make([]bool, len(o.Symbols))
	for i := range o.Symbols {
		s := &o.Symbols[i]
		g, ok := s.groupIndex()
		dropped[i] = removed(s.Section) || ok && emptied[g]
	}
	if err := o.checkRemoval(removed, emptied, dropped); err != nil {
		return err
	}
	for i := range o.Symbols {
		if dropped[i] {
			o.Symbols[i].Drop()
		}
	}
	for i := range o.Groups {
		o.Groups[i].Members = slices.DeleteFunc(slices.Clone(o.Groups[i].Members), removed)
	}
	for i := range o.Sections {
		if removed(SectionIndex(i)) {
			o.Sections[i] = nil
		}
	}
	o.deleteGroups(emptied)
	return nil
}

// checkRemoval reports references to removed sections and symbols.
func (o *Object) checkRemoval(removed func(SectionIndex) bool, emptied, dropped []bool) error {
	var errs []error
	for i, s := range o.Sections {
		if s == nil || removed(SectionIndex(i)) {
			continue
		}
		if removed(s.LinkOrder) {
			what := "SHF_LINK_ORDER refers to section %s, which is to be removed"
			if s.IsLivepatch() {
				what = "these relocations apply to section %s, which is to be removed"
			}
			errs = append(errs, o.errorAt(errcode.SectionInUse, s.Name, -1, "keep that section, or remove this one as well", what, o.Sections[s.LinkOrder].Name))
		}
		for rel, err := range o.Relocations(s) {
			if err != nil {
				return err
			}
			if dropped[rel.Symbol] {
				errs = append(errs, o.ErrorAt(errcode.SectionInUse, s, rel.Offset, "keep that section, or remove this one as well",
					"relocation %s refers to %s, which is to be removed", o.Machine.RelocName(rel.Type), o.symbolText(rel.Symbol)))
				break // one per section is enough
			}
		}
	}
	for i := range o.Groups {
		if g := &o.Groups[i]; !emptied[i] && dropped[g.Signature] {
			errs = append(errs, o.errorAt(errcode.SectionInUse, g.Name, -1, "remove the group's other sections as well, or keep that one",
				"the group's signature is %s, which is to be removed", o.symbolText(uint32(g.Signature))))
		}
	}
	return errors.Join(errs...)
}

// symbolText describes a symbol and its section.
func (o *Object) symbolText(i uint32) string {
	s := &o.Symbols[i]
	sec := o.SectionOf(s)
	switch {
	case sec == nil:
		return o.SymbolName(i)
	case s.Type() == elf.STT_SECTION:
		return "section " + sec.Name
	}
	return fmt.Sprintf("%s in section %s", o.SymbolName(i), sec.Name)
}

// RemoveGroups removes the section groups for which remove is set, by index in
// Groups. Their members become ordinary sections.
func (o *Object) RemoveGroups(remove []bool) {
	for i := range o.Groups {
		if remove[i] {
			for _, m := range o.Groups[i].Members {
				o.Sections[m].Flags &^= elf.SHF_GROUP
			}
		}
	}
	for i := range o.Symbols {
		if g, ok := o.Symbols[i].groupIndex(); ok && remove[g] {
			o.Symbols[i].Drop()
		}
	}
	o.deleteGroups(remove)
}

// deleteGroups deletes entries of Groups and renumbers the symbols of the others.
func (o *Object) deleteGroups(remove []bool) {
	if !slices.Contains(remove, true) {
		return
	}
	number := make([]int, len(o.Groups))
	var kept []Group
	for i, g := range o.Groups {
		number[i] = len(kept)
		if !remove[i] {
			kept = append(kept, g)
		}
	}
	o.Groups = kept
	for i := range o.Symbols {
		if g, ok := o.Symbols[i].groupIndex(); ok {
			o.Symbols[i].Section = groupSection(number[g])
		}
	}
}
