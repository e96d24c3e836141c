// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"debug/elf"
	"encoding/binary"

	"golang.org/x/arch/riscv64/riscv64asm"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// riscv64 has the relocations of RISC-V psABI 8.4. Ranges hold with relaxation as
// well, which only shortens distances.
var riscv64 = &Machine{
	ELF:        elf.EM_RISCV,
	Name:       "RISC-V",
	Emulations: []Emulation{{"elf64lriscv", false}},
	None:       0,
	Prel32:     57,
	Relax:      51,
	Align:      43,
	Code:       Code{Unit: 2, Nop: riscvNop, decode: decodeRISCV, text: textRISCV, isPadding: isPaddingRISCV},
	prefix:     "R_RISCV_",
	properties: []propertyRange{
		{0xc0000000, 0xc0000000, PropertyAnd, "RISCV_FEATURE_1_AND"}, // RISC-V psABI, "Program Property"
	},
	attributes:      riscvAttributes,
	sectionTypes:    []SectionType{{riscvAttributes, "RISCV_ATTRIBUTES", TypeMerged}},
	codeFill:        riscvCodeFill,
	mergeFlags:      mergeRISCVFlags,
	DataHasNoABI:    true,
	mergeAttributes: mergeRISCVAttributes,
	relocs: []relocation{
		{0, "NONE", KindNone, 0},
		{1, "32", KindAbsolute, 4},
		{2, "64", KindAbsolute, 8},
		{3, "RELATIVE", KindDynamic, 8},
		{4, "COPY", KindDynamic, 0},
		{5, "JUMP_SLOT", KindDynamic, 8},
		{6, "TLS_DTPMOD32", KindTLS, 4},
		{7, "TLS_DTPMOD64", KindTLS, 8},
		{8, "TLS_DTPREL32", KindTLS, 4},
		{9, "TLS_DTPREL64", KindTLS, 8},
		{10, "TLS_TPREL32", KindTLS, 4},
		{11, "TLS_TPREL64", KindTLS, 8},
		{16, "BRANCH", KindBranch, 4 | reach(13, 2)},
		{17, "JAL", KindBranch, 4 | reach(21, 2)},
		{18, "CALL", KindBranch, 8 | reach(32, 1) | splitField},
		{19, "CALL_PLT", KindBranch, 8 | reach(32, 1) | splitField},
		{20, "GOT_HI20", KindGOT, 4},
		{21, "TLS_GOT_HI20", KindTLS, 4},
		{22, "TLS_GD_HI20", KindTLS, 4},
		{23, "PCREL_HI20", KindRelative, 4},
		{24, "PCREL_LO12_I", KindLow, 4},
		{25, "PCREL_LO12_S", KindLow, 4},
		{26, "HI20", KindAbsolute, 4},
		{27, "LO12_I", KindLow, 4},
		{28, "LO12_S", KindLow, 4},
		{29, "TPREL_HI20", KindTLS, 4},
		{30, "TPREL_LO12_I", KindTLS, 4},
		{31, "TPREL_LO12_S", KindTLS, 4},
		{32, "TPREL_ADD", KindTLS, 0},
		{33, "ADD8", KindPair, 1},
		{34, "ADD16", KindPair, 2},
		{35, "ADD32", KindPair, 4},
		{36, "ADD64", KindPair, 8},
		{37, "SUB8", KindPair, 1},
		{38, "SUB16", KindPair, 2},
		{39, "SUB32", KindPair, 4},
		{40, "SUB64", KindPair, 8},
		{41, "GNU_VTINHERIT", KindPair, 0},
		{42, "GNU_VTENTRY", KindPair, 0},
		{43, "ALIGN", KindPair, 0},
		{44, "RVC_BRANCH", KindBranch, 2 | reach(9, 2)},
		{45, "RVC_JUMP", KindBranch, 2 | reach(12, 2)},
		{46, "RVC_LUI", KindAbsolute, 2},
		{47, "GPREL_I", KindRelative, 4},
		{48, "GPREL_S", KindRelative, 4},
		{49, "TPREL_I", KindTLS, 4},
		{50, "TPREL_S", KindTLS, 4},
		{51, "RELAX", KindPair, 0},
		{52, "SUB6", KindPair, 1},
		{53, "SET6", KindPair, 1},
		{54, "SET8", KindPair, 1},
		{55, "SET16", KindPair, 2},
		{56, "SET32", KindPair, 4},
		{57, "32_PCREL", KindRelative, 4},
		{58, "IRELATIVE", KindDynamic, 8},
		{59, "PLT32", KindPLT, 4},
		{60, "SET_ULEB128", KindPair, 1},
		{61, "SUB_ULEB128", KindPair, 1},
		{62, "TLSDESC_HI20", KindTLS, 4},
		// These refer to the instruction with TLSDESC_HI20.
		{63, "TLSDESC_LOAD_LO12", KindTLS, 4 | anyStorage},
		{64, "TLSDESC_ADD_LO12", KindTLS, 4 | anyStorage},
		{65, "TLSDESC_CALL", KindTLS, 0 | anyStorage},
	},
}

// riscvAttributes is SHT_RISCV_ATTRIBUTES.
const riscvAttributes = 0x70000003

// Flags of e_flags (RISC-V psABI, "File Header").
const (
	riscvRVC      = 0x1 // uses compressed instructions
	riscvFloatABI = 0x6
	riscvRVE      = 0x8
	riscvTSO      = 0x10
)

var (
	riscvNop  = []byte{0x13, 0x00, 0x00, 0x00} // NOP
	riscvCNop = []byte{0x01, 0x00}             // C.NOP
)

func riscvCodeFill(flags uint32) []byte {
	if flags&riscvRVC != 0 {
		return riscvCNop
	}
	return riscvNop
}

// mergeRISCVFlags merges e_flags: the float ABI and RVE must be equal, and RVC and
// TSO are set if any input has them.
func mergeRISCVFlags(a, b uint32) (uint32, error) {
	const spread = riscvRVC | riscvTSO
	if a&riscvFloatABI != b&riscvFloatABI {
		return a, errcode.OtherABI.Errorf("floating-point ABI is %#x, want %#x", b&riscvFloatABI, a&riscvFloatABI)
	}
	if a&riscvRVE != b&riscvRVE {
		return a, errcode.OtherABI.Errorf("number of registers (RVE) differs")
	}
	if unknown := (a | b) &^ (riscvFloatABI | riscvRVE | spread); unknown != 0 {
		return a, errcode.OtherABI.Errorf("unknown processor flags %#x", unknown)
	}
	return a | b&spread, nil
}

// Masks of RISC-V instructions.
var (
	riscvCJ     = []byte{0x03, 0xe0}
	riscvCB     = []byte{0x83, 0xe3}
	riscvBranch = []byte{0x7f, 0xf0, 0xff, 0x01}
	riscvJAL    = []byte{0xff, 0x0f, 0x00, 0x00}
)

// decodeRISCV decodes PC-relative instructions: B and J types and their compressed
// forms (RISC-V ISA manual, chapters 2 and 28). AUIPC has the high part of an
// address and always a relocation.
func decodeRISCV(code []byte, pc int64) Insn {
	if len(code) < 2 {
		return Insn{Size: len(code), Bad: true}
	}
	h := binary.LittleEndian.Uint16(code)
	if h&3 != 3 {
		bit := func(from, to uint) int64 { return int64(h>>from&1) << to }
		switch {
		case h&0xe003 == 0xa001: // C.J
			n := bit(12, 11) | bit(11, 4) | bit(10, 9) | bit(9, 8) | bit(8, 10) | bit(7, 6) | bit(6, 7) | bit(5, 3) | bit(4, 2) | bit(3, 1) | bit(2, 5)
			return Insn{Size: 2, Mask: riscvCJ, Target: pc + n<<52>>52}
		case h&0xc003 == 0xc001: // C.BEQZ, C.BNEZ
			n := bit(12, 8) | bit(11, 4) | bit(10, 3) | bit(6, 7) | bit(5, 6) | bit(4, 2) | bit(3, 1) | bit(2, 5)
			return Insn{Size: 2, Mask: riscvCB, Target: pc + n<<55>>55}
		}
		return Insn{Size: 2}
	}
	if len(code) < 4 {
		return Insn{Size: len(code), Bad: true}
	}
	w := binary.LittleEndian.Uint32(code)
	bits := func(from, n, to uint) int64 { return int64(w>>from&(1<<n-1)) << to }
	switch w & 0x7f {
	case 0x63: // branches
		n := bits(31, 1, 12) | bits(7, 1, 11) | bits(25, 6, 5) | bits(8, 4, 1)
		return Insn{Size: 4, Mask: riscvBranch, Target: pc + n<<51>>51}
	case 0x6f: // JAL
		n := bits(31, 1, 20) | bits(12, 8, 12) | bits(20, 1, 11) | bits(21, 10, 1)
		return Insn{Size: 4, Mask: riscvJAL, Target: pc + n<<43>>43}
	}
	return Insn{Size: 4}
}

func textRISCV(code []byte, _ int64) string {
	inst, err := riscv64asm.Decode(code)
	if err != nil {
		return bytesText(code)
	}
	return riscv64asm.GNUSyntax(inst)
}

// isPaddingRISCV accepts NOP and C.NOP.
func isPaddingRISCV(b []byte) bool {
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
