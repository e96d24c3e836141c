package compare

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/arch/arm64/arm64asm"
	"golang.org/x/arch/riscv64/riscv64asm"
	"golang.org/x/arch/x86/x86asm"

	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// insn is an instruction, as far as comparing needs to understand it.
type insn struct {
	size int
	// mask has a zero bit for each bit of a distance that the assembler put
	// into the instruction itself; nil when there is none. Its length is size.
	mask   []byte
	target int64 // where that distance leads, from the start of the section
	bad    bool  // not an instruction; size bytes of data
}

// decoder understands a machine's code.
type decoder struct {
	// decode reads the instruction at the start of code, which stands at pc.
	// code is not empty.
	decode func(code []byte, pc int64) insn
	// text is the instruction in the GNU assembler's syntax.
	text func(code []byte, pc int64) string
	// unit is what instructions' sizes are multiples of, in bytes.
	unit int
	// fixed says that all have that size.
	fixed bool
	fill  []byte // instruction that fills gaps
	// padding reports whether bytes are nothing but instructions that do
	// nothing, where there are several such; nil: fill is the only one.
	padding func([]byte) bool
}

var decoders = map[elf.Machine]*decoder{
	elf.EM_AARCH64: {decodeARM64, textARM64, 4, true, []byte{0x1f, 0x20, 0x03, 0xd5}, nil},
	elf.EM_RISCV:   {decodeRISCV, textRISCV, 2, false, []byte{0x13, 0x00, 0x00, 0x00}, paddingRISCV},
	elf.EM_X86_64:  {decodeX86, textX86, 1, false, []byte{0x90}, paddingX86},
}

// decoderFor returns the decoder of a machine. Every machine that elfobj reads
// has one.
func decoderFor(m *machine.Machine) *decoder { return decoders[m.ELF] }

// Distances in AArch64 instructions (Arm ARM, C4.1), by class: bits that tell
// the class, bits of the distance in words, and the mask that takes it out.
var arm64Distances = []struct {
	classMask, class uint32
	shift, bits      uint8 // of the distance
	mask             []byte
}{
	{0x7c000000, 0x14000000, 0, 26, []byte{0x00, 0x00, 0x00, 0xfc}}, // B, BL
	{0xff000000, 0x54000000, 5, 19, []byte{0x1f, 0x00, 0x00, 0xff}}, // B.cond, BC.cond
	{0x7e000000, 0x34000000, 5, 19, []byte{0x1f, 0x00, 0x00, 0xff}}, // CBZ, CBNZ
	{0x7e000000, 0x36000000, 5, 14, []byte{0x1f, 0x00, 0xf8, 0xff}}, // TBZ, TBNZ
	{0x3b000000, 0x18000000, 5, 19, []byte{0x1f, 0x00, 0x00, 0xff}}, // LDR (literal), LDRSW, PRFM
}

// arm64ADR takes the distance out of ADR, whose low two bits stand apart.
var arm64ADR = []byte{0x1f, 0x00, 0x00, 0x9f}

// Masks of RISC-V instructions.
var (
	riscvCJ     = []byte{0x03, 0xe0}
	riscvCB     = []byte{0x83, 0xe3}
	riscvBranch = []byte{0x7f, 0xf0, 0xff, 0x01}
	riscvJAL    = []byte{0xff, 0x0f, 0x00, 0x00}
)

// Instructions are little-endian in big-endian objects too (Arm ARM, B2.6.2).
func decodeARM64(code []byte, pc int64) insn {
	if len(code) < 4 {
		return insn{size: len(code), bad: true}
	}
	w := binary.LittleEndian.Uint32(code)
	if mask, distance := arm64Distance(w); mask != nil {
		return insn{size: 4, mask: mask, target: pc + distance}
	}
	return insn{size: 4}
}

// arm64Distance returns the distance in an instruction, in bytes, and the mask
// that takes it out; no mask for an instruction without.
func arm64Distance(w uint32) (mask []byte, distance int64) {
	for i := range arm64Distances {
		d := &arm64Distances[i]
		if w&d.classMask == d.class {
			field := uint32(1)<<d.bits - 1
			n := int32(w>>d.shift&field<<(32-d.bits)) >> (32 - d.bits)
			return d.mask, int64(n) * 4
		}
	}
	if w&0x9f000000 == 0x10000000 {
		n := int32((w>>5&0x7ffff<<2|w>>29&3)<<11) >> 11
		return arm64ADR, int64(n)
	}
	return nil, 0
}

func textARM64(code []byte, _ int64) string {
	if len(code) < 4 {
		return bytesText(code)
	}
	inst, err := arm64asm.Decode(code)
	if err != nil {
		return fmt.Sprintf(".inst 0x%08x", binary.LittleEndian.Uint32(code))
	}
	return strings.ToLower(arm64asm.GNUSyntax(inst))
}

// decodeRISCV knows the instructions with distances: B and J types and their
// compressed forms (RISC-V ISA manual, chapters 2 and 28). A distance of AUIPC
// is an address's high part and always has a relocation.
func decodeRISCV(code []byte, pc int64) insn {
	if len(code) < 2 {
		return insn{size: len(code), bad: true}
	}
	h := binary.LittleEndian.Uint16(code)
	if h&3 != 3 {
		bit := func(from, to uint) int64 { return int64(h>>from&1) << to }
		switch {
		case h&0xe003 == 0xa001: // C.J
			n := bit(12, 11) | bit(11, 4) | bit(10, 9) | bit(9, 8) | bit(8, 10) | bit(7, 6) | bit(6, 7) | bit(5, 3) | bit(4, 2) | bit(3, 1) | bit(2, 5)
			return insn{size: 2, mask: riscvCJ, target: pc + n<<52>>52}
		case h&0xc003 == 0xc001: // C.BEQZ, C.BNEZ
			n := bit(12, 8) | bit(11, 4) | bit(10, 3) | bit(6, 7) | bit(5, 6) | bit(4, 2) | bit(3, 1) | bit(2, 5)
			return insn{size: 2, mask: riscvCB, target: pc + n<<55>>55}
		}
		return insn{size: 2}
	}
	if len(code) < 4 {
		return insn{size: len(code), bad: true}
	}
	w := binary.LittleEndian.Uint32(code)
	bits := func(from, n, to uint) int64 { return int64(w>>from&(1<<n-1)) << to }
	switch w & 0x7f {
	case 0x63: // branches
		n := bits(31, 1, 12) | bits(7, 1, 11) | bits(25, 6, 5) | bits(8, 4, 1)
		return insn{size: 4, mask: riscvBranch, target: pc + n<<51>>51}
	case 0x6f: // JAL
		n := bits(31, 1, 20) | bits(12, 8, 12) | bits(20, 1, 11) | bits(21, 10, 1)
		return insn{size: 4, mask: riscvJAL, target: pc + n<<43>>43}
	}
	return insn{size: 4}
}

func textRISCV(code []byte, _ int64) string {
	inst, err := riscv64asm.Decode(code)
	if err != nil {
		return bytesText(code)
	}
	return riscv64asm.GNUSyntax(inst)
}

func decodeX86(code []byte, pc int64) insn {
	inst, ok := decodeX86Inst(code)
	if !ok {
		return insn{size: 1, bad: true}
	}
	in := insn{size: inst.Len}
	if inst.PCRel > 0 && inst.PCRelOff+inst.PCRel <= inst.Len {
		in.mask = make([]byte, inst.Len)
		var n int64
		for i := range in.mask {
			in.mask[i] = 0xff
		}
		for i := inst.PCRel - 1; i >= 0; i-- {
			in.mask[inst.PCRelOff+i] = 0
			n = n<<8 | int64(code[inst.PCRelOff+i])
		}
		free := uint(64 - 8*inst.PCRel)
		in.target = pc + int64(inst.Len) + n<<free>>free
	}
	return in
}

// decodeX86Inst guards against the decoder's own faults: the bytes may be
// anything.
func decodeX86Inst(code []byte) (inst x86asm.Inst, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	inst, err := x86asm.Decode(code, 64)
	return inst, err == nil && inst.Len > 0 && inst.Len <= len(code)
}

func textX86(code []byte, pc int64) string {
	inst, ok := decodeX86Inst(code)
	if !ok {
		return bytesText(code)
	}
	return x86asm.GNUSyntax(inst, uint64(pc), nil)
}

// paddingX86 knows NOP of all lengths, and INT3.
func paddingX86(b []byte) bool {
	for len(b) > 0 {
		inst, ok := decodeX86Inst(b)
		if !ok || inst.Op != x86asm.NOP && b[0] != 0xcc {
			return false
		}
		b = b[inst.Len:]
	}
	return true
}

// paddingRISCV knows NOP and C.NOP.
func paddingRISCV(b []byte) bool {
	for len(b) > 0 {
		switch {
		case len(b) >= 4 && binary.LittleEndian.Uint32(b) == 0x13:
			b = b[4:]
		case len(b) >= 2 && binary.LittleEndian.Uint16(b) == 1:
			b = b[2:]
		default:
			return false
		}
	}
	return true
}

// disassemble is text, whatever the bytes are.
func (d *decoder) disassemble(code []byte, pc int64) (text string) {
	defer func() {
		if recover() != nil {
			text = bytesText(code)
		}
	}()
	return strings.TrimSpace(d.text(code, pc))
}

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
