package elfobj

import (
	"debug/elf"
	"errors"
	"fmt"
	"slices"
)

// Drop takes the symbol out of its object. Its index stays its own, so that no
// other index changes; it is not written.
func (s *Symbol) Drop() { s.Section, s.Value = droppedSection, 0 }

// RemoveSections takes out the sections for which remove is set, by index,
// together with their relocations and the symbols that they define, and section
// groups that have no member left. The others keep their indices.
//
// What stays must not need what goes: a relocation against a symbol of a removed
// section, SHF_LINK_ORDER to one, or a group whose signature it defines is an
// error, and nothing is changed then.
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

// checkRemoval looks for references from what stays to what goes.
func (o *Object) checkRemoval(removed func(SectionIndex) bool, emptied, dropped []bool) error {
	var errs []error
	for i, s := range o.Sections {
		if s == nil || removed(SectionIndex(i)) {
			continue
		}
		if removed(s.LinkOrder) {
			errs = append(errs, o.errorAt(s.Name, -1, "keep that section, or remove this one as well",
				"follows section %s (SHF_LINK_ORDER), which is to be removed", o.Sections[s.LinkOrder].Name))
		}
		for rel, err := range o.Relocations(s) {
			if err != nil {
				return err
			}
			if dropped[rel.Symbol] {
				errs = append(errs, o.ErrorAt(s, rel.Offset, "keep that section, or remove this one as well",
					"relocation %s refers to %s, which is to be removed", o.Machine.RelocName(rel.Type), o.placeOf(rel.Symbol)))
				break // one a section is enough to act on
			}
		}
	}
	for i := range o.Groups {
		if g := &o.Groups[i]; !emptied[i] && dropped[g.Signature] {
			errs = append(errs, o.errorAt(g.Name, -1, "remove the group's other sections as well, or keep that one",
				"the group's signature is %s, which is to be removed", o.placeOf(uint32(g.Signature))))
		}
	}
	return errors.Join(errs...)
}

// placeOf names a symbol and its section.
func (o *Object) placeOf(i uint32) string {
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

// RemoveGroups takes out the section groups for which remove is set, by
// position in Groups. Their members become ordinary sections.
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

// deleteGroups closes the gaps that groups leave, and renumbers the symbols of
// the others.
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
