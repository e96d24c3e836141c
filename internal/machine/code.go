// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"encoding/binary"
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

	// ShadowStack is how code pushes return addresses to a shadow call stack, and
	// pops them; nil if compilers have none for the machine.
	ShadowStack *ShadowStack

	restores  func(code []byte, at, register int) bool
	changes   func(insn uint32, register int) bool // nil if not known
	literal   func(insn uint32) (register int, distance int64, ok bool)
	addsTo    func(insn uint32, register int) bool
	decode    func(code []byte, pc int64) Insn
	text      func(code []byte, pc int64) string
	isPadding func([]byte) bool // nil if Nop is the only padding
}

// ShadowStack is the shadow call stack of a compiler: a stack of return addresses
// with a register of its own, which is always a callee's pointer to it.
type ShadowStack struct {
	Register  int    // the number of the general-purpose register
	Name      string // of the register
	Push, Pop []byte // the instructions
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

// Changes reports whether the instruction at the start of code changes a
// general-purpose register. It is false on machines whose Code does not know it.
func (c *Code) Changes(code []byte, register int) bool {
	return c.changes != nil && len(code) >= 4 && c.changes(binary.LittleEndian.Uint32(code), register)
}

// LoadsLiterals reports whether code loads constants from literal pools.
func (c *Code) LoadsLiterals() bool { return c.literal != nil }

// Literal decodes the instruction at the start of code, which is at pc, as a load
// of 8 bytes at a distance into a general-purpose register.
func (c *Code) Literal(code []byte, pc int64) (register int, target int64, ok bool) {
	if c.literal == nil || len(code) < 4 {
		return 0, 0, false
	}
	register, distance, ok := c.literal(binary.LittleEndian.Uint32(code))
	return register, pc + distance, ok
}

// AddsTo reports whether the instruction at the start of code adds a register to
// another one, the given one.
func (c *Code) AddsTo(code []byte, register int) bool {
	return c.addsTo != nil && len(code) >= 4 && c.addsTo(binary.LittleEndian.Uint32(code), register)
}

// RestoresRegisters reports whether the instruction at an offset in code loads a
// register as a part of a saved set: the instruction before it or after it loads
// the next register from the next place, as the kernel's restore_callee_saved_regs
// does (arch/arm64/include/asm/kvm_asm.h).
func (c *Code) RestoresRegisters(code []byte, at, register int) bool {
	return c.restores != nil && c.restores(code, at, register)
}

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
