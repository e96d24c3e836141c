// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"debug/elf"

	"golang.org/x/arch/x86/x86asm"
)

// largeX86 is SHF_X86_64_LARGE: the section may be more than 2 GiB away.
const largeX86 elf.SectionFlag = 0x10000000

// x86_64 has the relocations of x86-64 psABI 4.4.
var x86_64 = &Machine{
	ELF:        elf.EM_X86_64,
	Name:       "x86-64",
	Emulations: []Emulation{{"elf_x86_64", false}},
	None:       0,
	Prel32:     2,
	Abs64:      1,
	Prel64:     24,
	Protection: Protection{Property: 0xc0000002, BTI: 1, PAC: 2}, // GNU_PROPERTY_X86_FEATURE_1_AND; IBT, SHSTK
	Code:       Code{Unit: 1, Nop: []byte{0x90}, decode: decodeX86, text: textX86, isPadding: isPaddingX86},
	prefix:     "R_X86_64_",
	sectionTypes: []SectionType{
		{0x70000001, "X86_64_UNWIND", TypePlain}, // x86-64 psABI 4.2.3: .eh_frame
	},
	nops:           nopsX86,
	StackByDefault: true,
	AnyFlags:       largeX86,
	NamedSections: []NamedSection{ // x86-64 psABI, "Special Sections"
		{".lbss", elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE | largeX86},
		{".ldata", elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE | largeX86},
		{".lrodata", elf.SHT_PROGBITS, elf.SHF_ALLOC | largeX86},
		{".gnu.linkonce.lb", elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE | largeX86},
		{".gnu.linkonce.lr", elf.SHT_PROGBITS, elf.SHF_ALLOC | largeX86},
		{".gnu.linkonce.lt", elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_EXECINSTR | largeX86},
	},
	properties: []propertyRange{ // x86-64 psABI, "Program Property"
		{0xc0000000, 0xc0000000, PropertyOrAnd, "X86_COMPAT_ISA_1_USED"},
		{0xc0000001, 0xc0000001, PropertyOr, "X86_COMPAT_ISA_1_NEEDED"},
		{0xc0000002, 0xc0007fff, PropertyAnd, ""},   // UINT32_AND
		{0xc0008000, 0xc000ffff, PropertyOr, ""},    // UINT32_OR
		{0xc0010000, 0xc0017fff, PropertyOrAnd, ""}, // UINT32_OR_AND
	},
	relocs: []relocation{
		{0, "NONE", KindNone, 0},
		{1, "64", KindAbsolute, 8},
		{2, "PC32", KindRelative, 4 | reach(32, 1) | fromEnd},
		{3, "GOT32", KindGOT, 4},
		{4, "PLT32", KindBranch, 4 | reach(32, 1) | fromEnd},
		{5, "COPY", KindDynamic, 0},
		{6, "GLOB_DAT", KindDynamic, 8},
		{7, "JMP_SLOT", KindDynamic, 8},
		{8, "RELATIVE", KindDynamic, 8},
		{9, "GOTPCREL", KindGOT, 4},
		{10, "32", KindAbsolute, 4},
		{11, "32S", KindAbsolute, 4},
		{12, "16", KindAbsolute, 2},
		{13, "PC16", KindRelative, 2 | reach(16, 1)},
		{14, "8", KindAbsolute, 1},
		{15, "PC8", KindRelative, 1 | reach(8, 1)},
		{16, "DTPMOD64", KindTLS, 8},
		{17, "DTPOFF64", KindTLS, 8},
		{18, "TPOFF64", KindTLS, 8},
		{19, "TLSGD", KindTLS, 4},
		{20, "TLSLD", KindTLS, 4},
		{21, "DTPOFF32", KindTLS, 4},
		{22, "GOTTPOFF", KindTLS, 4},
		{23, "TPOFF32", KindTLS, 4},
		{24, "PC64", KindRelative, 8},
		{25, "GOTOFF64", KindGOT, 8},
		{26, "GOTPC32", KindGOT, 4},
		{27, "GOT64", KindGOT, 8},
		{28, "GOTPCREL64", KindGOT, 8},
		{29, "GOTPC64", KindGOT, 8},
		{30, "GOTPLT64", KindGOT, 8},
		{31, "PLTOFF64", KindPLT, 8},
		{32, "SIZE32", KindAbsolute, 4 | anyStorage},
		{33, "SIZE64", KindAbsolute, 8 | anyStorage},
		{34, "GOTPC32_TLSDESC", KindTLS, 4},
		{35, "TLSDESC_CALL", KindTLS, 0},
		{36, "TLSDESC", KindTLS, 16},
		{37, "IRELATIVE", KindDynamic, 8},
		{38, "RELATIVE64", KindDynamic, 8},
		{39, "PC32_BND", KindRelative, 4},
		{40, "PLT32_BND", KindPLT, 4},
		{41, "GOTPCRELX", KindGOT, 4},
		{42, "REX_GOTPCRELX", KindGOT, 4},
		{43, "CODE_4_GOTPCRELX", KindGOT, 4},
		{44, "CODE_4_GOTTPOFF", KindTLS, 4},
		{45, "CODE_4_GOTPC32_TLSDESC", KindTLS, 4},
		{46, "CODE_5_GOTPCRELX", KindGOT, 4},
		{47, "CODE_5_GOTTPOFF", KindTLS, 4},
		{48, "CODE_5_GOTPC32_TLSDESC", KindTLS, 4},
		{49, "CODE_6_GOTPCRELX", KindGOT, 4},
		{50, "CODE_6_GOTTPOFF", KindTLS, 4},
		{51, "CODE_6_GOTPC32_TLSDESC", KindTLS, 4},
	},
}

// nopsX86 are the no-op instructions that Intel recommends (Software Developer's
// Manual, NOP), with prefixes up to ten bytes.
var nopsX86 = [][]byte{
	{0x90},
	{0x66, 0x90},
	{0x0f, 0x1f, 0x00},
	{0x0f, 0x1f, 0x40, 0x00},
	{0x0f, 0x1f, 0x44, 0x00, 0x00},
	{0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00},
	{0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00},
	{0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
	{0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
	{0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
}

func decodeX86(code []byte, pc int64) Insn {
	inst, ok := decodeX86Inst(code)
	if !ok {
		return Insn{Size: 1, Bad: true}
	}
	in := Insn{Size: inst.Len}
	if inst.PCRel > 0 && inst.PCRelOff+inst.PCRel <= inst.Len {
		in.Mask = make([]byte, inst.Len)
		var n int64
		for i := range in.Mask {
			in.Mask[i] = 0xff
		}
		for i := inst.PCRel - 1; i >= 0; i-- {
			in.Mask[inst.PCRelOff+i] = 0
			n = n<<8 | int64(code[inst.PCRelOff+i])
		}
		free := uint(64 - 8*inst.PCRel)
		in.Target = pc + int64(inst.Len) + n<<free>>free
	}
	return in
}

// decodeX86Inst decodes an instruction. The decoder may panic on invalid code.
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

// isPaddingX86 accepts NOPs of all lengths and INT3.
func isPaddingX86(b []byte) bool {
	for len(b) > 0 {
		inst, ok := decodeX86Inst(b)
		if !ok || inst.Op != x86asm.NOP && b[0] != 0xcc {
			return false
		}
		b = b[inst.Len:]
	}
	return true
}
