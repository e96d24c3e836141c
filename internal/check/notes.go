package check

import (
	"encoding/binary"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

const propertySection = ".note.gnu.property"

// branchProtection looks into the property note (AAELF64 6.2, "Program
// Property"): a link keeps a bit there when all inputs have it.
func (c *checker) branchProtection() error {
	want := []struct {
		required bool
		bit      uint32
		name     string
		option   string
	}{
		{c.opts.RequireBTI, c.o.Machine.Protection.BTI, "branch target identification (BTI)", "--require-bti"},
		{c.opts.RequirePAC, c.o.Machine.Protection.PAC, "return address signing (PAC)", "--require-pac"},
	}
	at, bits, found := elfobj.SectionIndex(0), uint32(0), false
	for i, s := range c.o.Sections {
		if s != nil && s.Name == propertySection {
			at = elfobj.SectionIndex(i)
			if b, ok := features(s.Contents(), c.o.BigEndian, c.o.Machine.Protection.Property); ok {
				bits, found = b, true
			}
		}
	}
	for _, w := range want {
		if !w.required || found && w.bit != 0 && bits&w.bit != 0 {
			continue
		}
		f := Finding{Message: fmt.Sprintf("%s does not say that all code has %s", propertySection, w.name),
			Fix: "compile with -mbranch-protection=standard, and give assembly sources the same note; one input without it is enough ('readelf -n' of each says which)"}
		switch {
		case w.bit == 0:
			f.Message = fmt.Sprintf("%s objects cannot say that code has %s", c.o.Machine.Name, w.name)
			f.Fix = "leave " + w.option + " out"
		case at == 0:
			f.Message = fmt.Sprintf("the object has no %s, so that nothing says that all code has %s", propertySection, w.name)
		}
		off := int64(-1)
		if at > 0 {
			off = 0
		}
		c.add(&branchProtection, at, off, f)
	}
	return nil
}

// features finds a property of 32 bits in the contents of a property note:
// notes of name "GNU" and type 5 (NT_GNU_PROPERTY_TYPE_0) hold properties, which
// are a type, a size and as many bytes, padded to 8.
func features(b []byte, bigEndian bool, property uint32) (bits uint32, found bool) {
	var ord binary.ByteOrder = binary.LittleEndian
	if bigEndian {
		ord = binary.BigEndian
	}
	for len(b) >= 16 {
		namesz, descsz, typ := uint64(ord.Uint32(b)), uint64(ord.Uint32(b[4:])), ord.Uint32(b[8:])
		start := 12 + (namesz+3)&^3
		end := start + descsz
		if end > uint64(len(b)) {
			return bits, found
		}
		desc := b[start:end]
		if typ == 5 && namesz == 4 && string(b[12:16]) == "GNU\x00" {
			for len(desc) >= 8 {
				size := uint64(ord.Uint32(desc[4:]))
				if size > uint64(len(desc)-8) {
					break
				}
				if ord.Uint32(desc) == property && size == 4 {
					v := ord.Uint32(desc[8:])
					if found {
						v &= bits
					}
					bits, found = v, true
				}
				desc = desc[min(uint64(len(desc)), 8+(size+7)&^7):]
			}
		}
		b = b[min(uint64(len(b)), (end+7)&^7):]
	}
	return bits, found
}
