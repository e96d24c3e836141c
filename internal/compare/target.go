// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"debug/elf"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// place is the target of a reference, in terms that do not change when another
// unit grows.
type place struct {
	// name is the name of an external symbol, or describes the start or the
	// end of a section; it is empty if unit is set.
	name  string
	unit  int32 // or none
	delta int64 // from the start of the unit, or from name
	// sec is the section that name is about; several may have one name. 0 if name is not about a section.
	sec elfobj.SectionIndex
}

// locate returns the place of an offset in a section.
func (v *view) locate(at elfobj.SectionIndex, off uint64) place {
	s := v.secs[at].s
	if s.IsAlloc() && off == s.Size && off > 0 {
		return place{"end of " + s.Name, none, 0, at}
	}
	if n := v.unitAt(at, off); n >= 0 {
		return place{"", int32(n), int64(off - v.units[n].start), 0}
	}
	return place{s.Name, none, int64(off), at}
}

// relocTarget returns the target of a relocation.
func (v *view) relocTarget(rel *elfobj.Reloc) place {
	s := &v.o.Symbols[rel.Symbol]
	if s.Section <= 0 {
		return place{v.externalName(s), none, rel.Addend, 0}
	}
	if t := s.Type(); t == elf.STT_FUNC || t == elf.STT_OBJECT {
		// The reference is to this function or object, even if the addend
		// points outside of it.
		p := v.locate(s.Section, s.Value)
		p.delta += rel.Addend
		return p
	}
	bias := v.o.Machine.Bias(rel.Type)
	off := s.Value + uint64(rel.Addend+bias)
	if off > v.secs[s.Section].s.Size {
		p := v.locate(s.Section, s.Value)
		p.delta += rel.Addend
		return p
	}
	p := v.locate(s.Section, off)
	p.delta -= bias
	return p
}

// externalName describes a symbol that is not in a section.
func (v *view) externalName(s *elfobj.Symbol) string {
	switch {
	case s.Section == elfobj.Absolute:
		return fmt.Sprintf("%s = %#x", v.name(s), s.Value)
	case s.Section == elfobj.Common:
		return v.name(s) + " (common)"
	}
	return v.name(s)
}

// placeText formats a place.
func (v *view) placeText(p place) string {
	name := p.name
	if p.unit != none {
		name = v.unitTitle(&v.units[p.unit])
	} else if p.sec != 0 && v.several[v.secs[p.sec].s.Name] {
		name += fmt.Sprintf(" (section %d)", p.sec)
	}
	switch {
	case name == "":
		name = "no symbol"
	case p.delta != 0:
		name += fmt.Sprintf("%+#x", p.delta)
	}
	return name
}

// unitTitle returns a title for a unit: its symbol, or its section with the
// input or the offset.
func (v *view) unitTitle(u *unit) string {
	if u.symbol != 0 {
		return v.o.Symbols[u.symbol].Name
	}
	s := v.secs[u.sec].s
	if u.file != "" {
		return fmt.Sprintf("%s of %s", s.Name, u.file)
	}
	if u.start == 0 {
		return s.Name
	}
	return fmt.Sprintf("%s+%#x", s.Name, u.start)
}

// same reports whether a place in a and a place in b correspond.
func (c *comparison) same(a, b place) bool {
	if (a.unit == none) != (b.unit == none) {
		return false
	}
	if a.unit == none {
		return a.name == b.name && a.delta == b.delta && c.unitID(a, false) == c.unitID(b, true)
	}
	if c.pairs.toB[a.unit] != b.unit {
		return false
	}
	if al := c.aligned[a.unit]; al != nil {
		d, ok := al.offset(a.delta)
		return ok && d == b.delta || a.delta == b.delta && c.diffs[a.unit].sameAt(a.delta)
	}
	return a.delta == b.delta
}

// unitID returns a number that a unit shares with its counterpart. For a place without
// a unit, in one of several sections of a name, it is one that the section shares with its
// counterpart.
func (c *comparison) unitID(p place, inB bool) int64 {
	switch {
	case p.unit == none && c.twin(p, inB):
		return -2 - c.sectionID(p.sec, inB)
	case p.unit == none:
		return -1
	case !inB:
		return int64(p.unit)
	case c.pairs.toA[p.unit] != none:
		return int64(c.pairs.toA[p.unit])
	}
	return int64(len(c.a.units)) + int64(p.unit)
}

// twin reports whether a place is in one of several sections of a name, in either object.
func (c *comparison) twin(p place, inB bool) bool {
	if p.sec == 0 {
		return false
	}
	v := c.a
	if inB {
		v = c.b
	}
	name := v.secs[p.sec].s.Name
	return c.a.several[name] || c.b.several[name]
}

// sectionID returns a number that a section shares with its counterpart: the one that has the counterpart of its first unit, or without units the one that comes
// as late among those of its name.
func (c *comparison) sectionID(sec elfobj.SectionIndex, inB bool) int64 {
	if !inB {
		return int64(sec)
	}
	for n := c.b.secs[sec].first; n < c.b.secs[sec].last; n++ {
		if in := c.pairs.toA[n]; in != none {
			return int64(c.a.units[in].sec)
		}
	}
	if in := c.pairs.secsToA[sec]; in != 0 {
		return int64(in)
	}
	return int64(len(c.a.secs)) + int64(sec)
}
