package check

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// branchProtection looks into the property notes (AAELF64 6.2, "Program
// Property"): a link keeps a bit there when all inputs have it.
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
		off := int64(0)
		f := Finding{Message: fmt.Sprintf("%s does not say that all code has %s", elfobj.PropertySection, w.name),
			Fix: "compile with -mbranch-protection=standard, and give assembly sources the same note; one input without it is enough ('readelf -n' of each says which)"}
		switch {
		case w.bit == 0:
			f.Message = fmt.Sprintf("%s objects cannot say that code has %s", c.o.Machine.Name, w.name)
			f.Fix = "leave " + w.option + " out"
		case at == 0:
			f.Message = fmt.Sprintf("the object has no %s, so that nothing says that all code has %s", elfobj.PropertySection, w.name)
		case damage != nil:
			off = damage.Offset
			f.Message = fmt.Sprintf("%s cannot be read (%s), so that nothing says that all code has %s", elfobj.PropertySection, damage.What, w.name)
			f.Fix = damage.Advice
		}
		if at == 0 {
			off = -1
		}
		c.add(&branchProtection, at, off, f)
	}
	return nil
}

// features returns the bits that all properties of a type have. at is the last
// section with property notes, 0 where there is none, and damage says why that
// cannot be read.
func (c *checker) features(property uint32) (at elfobj.SectionIndex, bits uint32, damage *elfobj.Error) {
	found := false
	for i, s := range c.o.Sections {
		if s == nil || s.Name != elfobj.PropertySection {
			continue
		}
		at = elfobj.SectionIndex(i)
		props, err := c.o.Properties(s)
		if errors.As(err, &damage) {
			return at, 0, damage
		}
		for _, p := range props {
			if p.Type != property || len(p.Value) != 4 {
				continue
			}
			if !found {
				bits, found = ^uint32(0), true
			}
			if c.o.BigEndian {
				bits &= binary.BigEndian.Uint32(p.Value)
			} else {
				bits &= binary.LittleEndian.Uint32(p.Value)
			}
		}
	}
	return at, bits, nil
}
