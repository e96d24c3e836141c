// SPDX-License-Identifier: Apache-2.0

package check

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// branchProtection looks into the property notes (AAELF64 6.2, "Program
// Property") and build attributes: a link keeps a bit there when all inputs have it.
func (c *checker) branchProtection() error {
	if !c.opts.RequireBTI && !c.opts.RequirePAC {
		return nil
	}
	bits := c.o.Machine.Protection
	at, have, damage := c.features(bits.Property)
	for _, w := range []struct {
		required bool
		bit      uint32
		name     string
		option   string
	}{
		{c.opts.RequireBTI, bits.BTI, "branch target identification (BTI)", "--require-bti"},
		{c.opts.RequirePAC, bits.PAC, "return address signing (PAC)", "--require-pac"},
	} {
		if !w.required || have&w.bit != 0 {
			continue
		}
		off, where := int64(0), elfobj.PropertySection
		if at != 0 {
			where = c.o.Sections[at].Name
		}
		f := Finding{
			Message: fmt.Sprintf("%s does not say that all code has %s", where, w.name),
			Fix:     "compile with -mbranch-protection=standard, and give assembly sources the same note; a single input without it is enough ('readelf -nA' shows which)",
		}
		switch {
		case w.bit == 0:
			f.Message = fmt.Sprintf("%s objects cannot say that code has %s", c.o.Machine.Name, w.name)
			f.Fix = "remove " + w.option
		case at == 0:
			f.Message = fmt.Sprintf("the object has no %s to say that all code has %s", elfobj.PropertySection, w.name)
		case damage != nil:
			off = damage.Offset
			f.Message = fmt.Sprintf("%s is damaged (%s) and cannot say that all code has %s", where, damage.What, w.name)
			f.Fix = damage.Advice
		}
		if at == 0 {
			off = -1
		}
		c.add(&branchProtection, at, off, f)
	}
	return nil
}

// features returns the bits that all properties of a type have, and build
// attributes that mean the same. at is the last section with either, 0 where there
// is none, and damage says why that cannot be read.
func (c *checker) features(property uint32) (at elfobj.SectionIndex, bits uint32, damage *elfobj.Error) {
	found := false
	add := func(typ uint32, value []byte) {
		if typ != property || len(value) != 4 {
			return
		}
		if !found {
			bits, found = ^uint32(0), true
		}
		if c.o.BigEndian {
			bits &= binary.BigEndian.Uint32(value)
		} else {
			bits &= binary.LittleEndian.Uint32(value)
		}
	}
	for i, s := range c.o.Sections {
		switch {
		case s == nil:
		case s.Name == elfobj.PropertySection:
			at = elfobj.SectionIndex(i)
			props, err := c.o.Properties(s)
			if errors.As(err, &damage) {
				return at, 0, damage
			}
			for _, p := range props {
				add(p.Type, p.Value)
			}
		case c.o.Machine.IsAttributes(s.Type):
			said, err := c.o.Machine.AttributeProperties(machine.AttributeSet{Data: s.Contents(), BigEndian: c.o.BigEndian})
			if err != nil {
				return elfobj.SectionIndex(i), 0, &elfobj.Error{Code: err.Code, Offset: err.Offset, What: err.What, Advice: err.Advice}
			}
			for _, p := range said {
				if p.Type == property {
					at = elfobj.SectionIndex(i)
				}
				add(p.Type, p.Value)
			}
		}
	}
	return at, bits, nil
}
