package check

import (
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// branchProtection checks the property notes (AAELF64 6.2, "Program
// Property"). A link keeps a bit there only if all inputs have it.
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
			Fix: "compile with -mbranch-protection=standard, and give assembly sources the same note; a single input without it is enough ('readelf -n' shows which)"}
		switch {
		case w.bit == 0:
			f.Message = fmt.Sprintf("%s objects cannot say that code has %s", c.o.Machine.Name, w.name)
			f.Fix = "remove " + w.option
		case at == 0:
			f.Message = fmt.Sprintf("the object has no %s to say that all code has %s", elfobj.PropertySection, w.name)
		case damage != nil:
			off = damage.Offset
			f.Message = fmt.Sprintf("%s is damaged (%s) and cannot say that all code has %s", elfobj.PropertySection, damage.What, w.name)
			f.Fix = damage.Advice
		}
		if at == 0 {
			off = -1
		}
		c.add(&branchProtection, at, off, f)
	}
	return nil
}

// features returns the bits that are set in all properties of a type. at is the
// last section with property notes, or 0, and damage is set if its contents
// cannot be parsed.
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
			if p.Type != property || p.Size != 4 {
				continue
			}
			if !found {
				bits, found = ^uint32(0), true
			}
			bits &= p.Value
		}
	}
	return at, bits, nil
}
