package machine

import (
	"fmt"
	"strings"
)

// Code is what there is to know of a machine's instructions.
type Code struct {
	// Unit is what instructions' sizes are multiples of, in bytes.
	Unit int
	// Fixed says that all have that size, and are words of four bytes in
	// little-endian order.
	Fixed bool
	// Nop is the instruction that fills gaps.
	Nop []byte

	decode  func(code []byte, pc int64) Insn
	text    func(code []byte, pc int64) string
	padding func([]byte) bool // nil where Nop is the only padding
}

// Insn is an instruction, as far as comparing needs to understand it.
type Insn struct {
	Size int
	// Mask has a zero bit for each bit of a distance that the assembler put into
	// the instruction itself; nil when there is none. Its length is Size.
	Mask   []byte
	Target int64 // where that distance leads, from where pc counts
	Bad    bool  // not an instruction; Size bytes of data
}

// Decode reads the instruction at the start of code, which is at pc. code must
// not be empty; the instruction never has more bytes than that.
func (c *Code) Decode(code []byte, pc int64) Insn { return c.decode(code, pc) }

// Disassemble is an instruction in the GNU assembler's syntax, or the bytes where
// they are none.
func (c *Code) Disassemble(code []byte, pc int64) (text string) {
	// The decoders are not ours, and the bytes may be anything.
	defer func() {
		if recover() != nil {
			text = bytesText(code)
		}
	}()
	return strings.TrimSpace(c.text(code, pc))
}

// IsPadding reports whether bytes are nothing but instructions that do nothing,
// on a machine that has several such. On others Nop tells.
func (c *Code) IsPadding(b []byte) bool { return c.padding != nil && c.padding(b) }

// bytesText writes bytes as the assembler takes them.
func bytesText(b []byte) string {
	var s strings.Builder
	s.WriteString(".byte ")
	for i, c := range b {
		if i > 0 {
			s.WriteString(", ")
		}
		fmt.Fprintf(&s, "0x%02x", c)
	}
	return s.String()
}
