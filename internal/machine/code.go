package machine

import (
	"fmt"
	"strings"
)

// Code describes a machine's instructions.
type Code struct {
	// Unit is the granularity of instruction sizes in bytes.
	Unit int
	// Fixed says that all instructions are little-endian words of 4 bytes.
	Fixed bool
	// Nop is the instruction that fills gaps.
	Nop []byte

	decode    func(code []byte, pc int64) Insn
	text      func(code []byte, pc int64) string
	isPadding func([]byte) bool // nil if Nop is the only padding
}

// Insn is a decoded instruction, as far as needed to compare instructions.
type Insn struct {
	Size int
	// Mask has zero bits for the distance in a PC-relative instruction. Its length
	// is Size. It is nil for other instructions.
	Mask   []byte
	Target int64 // of a PC-relative instruction, in the same units as pc
	Bad    bool  // not an instruction, but Size bytes of data
}

// Decode decodes the instruction at the start of code, which is at pc. code must
// not be empty. The size of the instruction is at most len(code).
func (c *Code) Decode(code []byte, pc int64) Insn { return c.decode(code, pc) }

// Disassemble returns an instruction in GNU assembler syntax, or a .byte directive
// if it is invalid.
func (c *Code) Disassemble(code []byte, pc int64) (text string) {
	// The decoders may panic on invalid code.
	defer func() {
		if recover() != nil {
			text = bytesText(code)
		}
	}()
	return strings.TrimSpace(c.text(code, pc))
}

// IsPadding reports whether code consists of padding instructions only, on a
// machine with padding other than Nop.
func (c *Code) IsPadding(b []byte) bool { return c.isPadding != nil && c.isPadding(b) }

// bytesText formats bytes as a .byte directive.
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
