// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/arch/arm64/arm64asm"
)

// GNU properties of AArch64.
const (
	aarch64Features = 0xc0000000 // GNU_PROPERTY_AARCH64_FEATURE_1_AND
	aarch64PAuth    = 0xc0000001 // GNU_PROPERTY_AARCH64_FEATURE_PAUTH
)

// aarch64AttributesType is SHT_AARCH64_ATTRIBUTES.
const aarch64AttributesType = 0x70000003

// aarch64 has the relocations of AAELF64 5.7. What is right at hypervisor
// addresses is what arch/arm64/kvm/hyp/nvhe/gen-hyprel.c says, whose default is
// to stop: ABS32 is there since 6.11, for the type numbers of kCFI, which are
// absolute symbols.
var aarch64 = &Machine{
	ELF:            elf.EM_AARCH64,
	Name:           "AArch64",
	BigEndian:      true,
	Emulations:     []Emulation{{"aarch64elf", false}, {"aarch64linux", false}, {"aarch64elfb", true}, {"aarch64linuxb", true}},
	None:           0,
	Prel32:         261,
	Abs64:          257,
	Prel64:         260,
	HypRelocations: true,
	Protection:     Protection{Property: aarch64Features, BTI: 1, PAC: 2},
	Code: Code{
		Unit: 4, Fixed: true, Nop: []byte{0x1f, 0x20, 0x03, 0xd5}, decode: decodeAArch64, text: textAArch64,
		// str x30, [x18], #8; ldr x30, [x18, #-8]! (AAPCS64 6.1.1: x18 is the platform register).
		ShadowStack: &ShadowStack{18, "x18", []byte{0x5e, 0x86, 0x00, 0xf8}, []byte{0x5e, 0x8e, 0x5f, 0xf8}},
		changes:     changesAArch64, restores: restoresAArch64, literal: literalAArch64, addsTo: addsToAArch64,
	},
	prefix:   "R_AARCH64_",
	AllFlags: 0x20000000, // SHF_AARCH64_PURECODE: has no data to read
	properties: []propertyRange{ // AAELF64 6.3, PAUTHABIELF64 "Recording the signing schema"
		{aarch64Features, aarch64Features, PropertyAnd, "AARCH64_FEATURE_1_AND"},
		{aarch64PAuth, aarch64PAuth, PropertySame, "AARCH64_FEATURE_PAUTH"},
	},
	attributes: aarch64AttributesType,
	sectionTypes: []SectionType{
		{aarch64AttributesType, "AARCH64_ATTRIBUTES", TypeMerged},
		{0x70000004, "AARCH64_AUTH_RELR", TypeRefused},
		{0x70000007, "AARCH64_MEMTAG_GLOBALS_STATIC", TypeConcatenated},
		{0x70000008, "AARCH64_MEMTAG_GLOBALS_DYNAMIC", TypeRefused},
	},
	mergeAttributes:     mergeAArch64Attributes,
	attributeProperties: aarch64AttributeProperties,
	linked:              aarch64LinkedFields,
	rewritten:           rewrittenAArch64,
	relocs: []relocation{
		{0, "NONE", KindNone, 0},
		{257, "ABS64", KindAbsolute, 8 | hypListed},
		{258, "ABS32", KindAbsolute, 4 | hypConstant},
		{259, "ABS16", KindAbsolute, 2},
		{260, "PREL64", KindRelative, 8},
		{261, "PREL32", KindRelative, 4},
		{262, "PREL16", KindRelative, 2},
		{263, "MOVW_UABS_G0", KindAbsolute, 4},
		{264, "MOVW_UABS_G0_NC", KindAbsolute, 4},
		{265, "MOVW_UABS_G1", KindAbsolute, 4},
		{266, "MOVW_UABS_G1_NC", KindAbsolute, 4},
		{267, "MOVW_UABS_G2", KindAbsolute, 4},
		{268, "MOVW_UABS_G2_NC", KindAbsolute, 4},
		{269, "MOVW_UABS_G3", KindAbsolute, 4},
		{270, "MOVW_SABS_G0", KindAbsolute, 4},
		{271, "MOVW_SABS_G1", KindAbsolute, 4},
		{272, "MOVW_SABS_G2", KindAbsolute, 4},
		{273, "LD_PREL_LO19", KindRelative, 4 | reach(21, 4)},
		{274, "ADR_PREL_LO21", KindRelative, 4 | reach(21, 1)},
		{275, "ADR_PREL_PG_HI21", KindRelative, 4},
		{276, "ADR_PREL_PG_HI21_NC", KindRelative, 4},
		{277, "ADD_ABS_LO12_NC", KindLow, 4},
		{278, "LDST8_ABS_LO12_NC", KindLow, 4},
		{279, "TSTBR14", KindBranch, 4 | reach(16, 4)},
		{280, "CONDBR19", KindBranch, 4 | reach(21, 4)},
		{282, "JUMP26", KindBranch, 4 | reach(28, 4)},
		{283, "CALL26", KindBranch, 4 | reach(28, 4)},
		{284, "LDST16_ABS_LO12_NC", KindLow, 4},
		{285, "LDST32_ABS_LO12_NC", KindLow, 4},
		{286, "LDST64_ABS_LO12_NC", KindLow, 4},
		{287, "MOVW_PREL_G0", KindRelative, 4},
		{288, "MOVW_PREL_G0_NC", KindRelative, 4},
		{289, "MOVW_PREL_G1", KindRelative, 4},
		{290, "MOVW_PREL_G1_NC", KindRelative, 4},
		{291, "MOVW_PREL_G2", KindRelative, 4},
		{292, "MOVW_PREL_G2_NC", KindRelative, 4},
		{293, "MOVW_PREL_G3", KindRelative, 4},
		{299, "LDST128_ABS_LO12_NC", KindLow, 4},
		{300, "MOVW_GOTOFF_G0", KindGOT, 4},
		{301, "MOVW_GOTOFF_G0_NC", KindGOT, 4},
		{302, "MOVW_GOTOFF_G1", KindGOT, 4},
		{303, "MOVW_GOTOFF_G1_NC", KindGOT, 4},
		{304, "MOVW_GOTOFF_G2", KindGOT, 4},
		{305, "MOVW_GOTOFF_G2_NC", KindGOT, 4},
		{306, "MOVW_GOTOFF_G3", KindGOT, 4},
		{307, "GOTREL64", KindGOT, 8},
		{308, "GOTREL32", KindGOT, 4},
		{309, "GOT_LD_PREL19", KindGOT, 4},
		{310, "LD64_GOTOFF_LO15", KindGOT, 4},
		{311, "ADR_GOT_PAGE", KindGOT, 4},
		{312, "LD64_GOT_LO12_NC", KindGOT, 4},
		{313, "LD64_GOTPAGE_LO15", KindGOT, 4},
		{314, "PLT32", KindPLT, 4 | hypIgnored},
		{315, "GOTPCREL32", KindGOT, 4},
		{316, "PATCHINST", KindAbsolute, 4},  // the symbol's value is the instruction
		{317, "FUNCINIT64", KindAbsolute, 8}, // what the symbol returns
		{512, "TLSGD_ADR_PREL21", KindTLS, 4},
		{513, "TLSGD_ADR_PAGE21", KindTLS, 4},
		{514, "TLSGD_ADD_LO12_NC", KindTLS, 4},
		{515, "TLSGD_MOVW_G1", KindTLS, 4},
		{516, "TLSGD_MOVW_G0_NC", KindTLS, 4},
		{517, "TLSLD_ADR_PREL21", KindTLS, 4},
		{518, "TLSLD_ADR_PAGE21", KindTLS, 4},
		{519, "TLSLD_ADD_LO12_NC", KindTLS, 4},
		{520, "TLSLD_MOVW_G1", KindTLS, 4},
		{521, "TLSLD_MOVW_G0_NC", KindTLS, 4},
		{522, "TLSLD_LD_PREL19", KindTLS, 4},
		{523, "TLSLD_MOVW_DTPREL_G2", KindTLS, 4},
		{524, "TLSLD_MOVW_DTPREL_G1", KindTLS, 4},
		{525, "TLSLD_MOVW_DTPREL_G1_NC", KindTLS, 4},
		{526, "TLSLD_MOVW_DTPREL_G0", KindTLS, 4},
		{527, "TLSLD_MOVW_DTPREL_G0_NC", KindTLS, 4},
		{528, "TLSLD_ADD_DTPREL_HI12", KindTLS, 4},
		{529, "TLSLD_ADD_DTPREL_LO12", KindTLS, 4},
		{530, "TLSLD_ADD_DTPREL_LO12_NC", KindTLS, 4},
		{531, "TLSLD_LDST8_DTPREL_LO12", KindTLS, 4},
		{532, "TLSLD_LDST8_DTPREL_LO12_NC", KindTLS, 4},
		{533, "TLSLD_LDST16_DTPREL_LO12", KindTLS, 4},
		{534, "TLSLD_LDST16_DTPREL_LO12_NC", KindTLS, 4},
		{535, "TLSLD_LDST32_DTPREL_LO12", KindTLS, 4},
		{536, "TLSLD_LDST32_DTPREL_LO12_NC", KindTLS, 4},
		{537, "TLSLD_LDST64_DTPREL_LO12", KindTLS, 4},
		{538, "TLSLD_LDST64_DTPREL_LO12_NC", KindTLS, 4},
		{539, "TLSIE_MOVW_GOTTPREL_G1", KindTLS, 4},
		{540, "TLSIE_MOVW_GOTTPREL_G0_NC", KindTLS, 4},
		{541, "TLSIE_ADR_GOTTPREL_PAGE21", KindTLS, 4},
		{542, "TLSIE_LD64_GOTTPREL_LO12_NC", KindTLS, 4},
		{543, "TLSIE_LD_GOTTPREL_PREL19", KindTLS, 4},
		{544, "TLSLE_MOVW_TPREL_G2", KindTLS, 4},
		{545, "TLSLE_MOVW_TPREL_G1", KindTLS, 4},
		{546, "TLSLE_MOVW_TPREL_G1_NC", KindTLS, 4},
		{547, "TLSLE_MOVW_TPREL_G0", KindTLS, 4},
		{548, "TLSLE_MOVW_TPREL_G0_NC", KindTLS, 4},
		{549, "TLSLE_ADD_TPREL_HI12", KindTLS, 4},
		{550, "TLSLE_ADD_TPREL_LO12", KindTLS, 4},
		{551, "TLSLE_ADD_TPREL_LO12_NC", KindTLS, 4},
		{552, "TLSLE_LDST8_TPREL_LO12", KindTLS, 4},
		{553, "TLSLE_LDST8_TPREL_LO12_NC", KindTLS, 4},
		{554, "TLSLE_LDST16_TPREL_LO12", KindTLS, 4},
		{555, "TLSLE_LDST16_TPREL_LO12_NC", KindTLS, 4},
		{556, "TLSLE_LDST32_TPREL_LO12", KindTLS, 4},
		{557, "TLSLE_LDST32_TPREL_LO12_NC", KindTLS, 4},
		{558, "TLSLE_LDST64_TPREL_LO12", KindTLS, 4},
		{559, "TLSLE_LDST64_TPREL_LO12_NC", KindTLS, 4},
		{560, "TLSDESC_LD_PREL19", KindTLS, 4},
		{561, "TLSDESC_ADR_PREL21", KindTLS, 4},
		{562, "TLSDESC_ADR_PAGE21", KindTLS, 4},
		{563, "TLSDESC_LD64_LO12_NC", KindTLS, 4},
		{564, "TLSDESC_ADD_LO12_NC", KindTLS, 4},
		{565, "TLSDESC_OFF_G1", KindTLS, 4},
		{566, "TLSDESC_OFF_G0_NC", KindTLS, 4},
		{567, "TLSDESC_LDR", KindTLS, 0},
		{568, "TLSDESC_ADD", KindTLS, 0},
		{569, "TLSDESC_CALL", KindTLS, 0},
		{570, "TLSLE_LDST128_TPREL_LO12", KindTLS, 4},
		{571, "TLSLE_LDST128_TPREL_LO12_NC", KindTLS, 4},
		{572, "TLSLD_LDST128_DTPREL_LO12", KindTLS, 4},
		{573, "TLSLD_LDST128_DTPREL_LO12_NC", KindTLS, 4},
		// PAUTHABIELF64, "Relocations".
		{580, "AUTH_ABS64", KindAbsolute, 8},
		{581, "AUTH_MOVW_GOTOFF_G0", KindGOT, 4},
		{582, "AUTH_MOVW_GOTOFF_G0_NC", KindGOT, 4},
		{583, "AUTH_MOVW_GOTOFF_G1", KindGOT, 4},
		{584, "AUTH_MOVW_GOTOFF_G1_NC", KindGOT, 4},
		{585, "AUTH_MOVW_GOTOFF_G2", KindGOT, 4},
		{586, "AUTH_MOVW_GOTOFF_G2_NC", KindGOT, 4},
		{587, "AUTH_MOVW_GOTOFF_G3", KindGOT, 4},
		{588, "AUTH_GOT_LD_PREL19", KindGOT, 4},
		{589, "AUTH_LD64_GOTOFF_LO15", KindGOT, 4},
		{590, "AUTH_ADR_GOT_PAGE", KindGOT, 4},
		{591, "AUTH_LD64_GOT_LO12_NC", KindGOT, 4},
		{592, "AUTH_LD64_GOTPAGE_LO15", KindGOT, 4},
		{593, "AUTH_GOT_ADD_LO12_NC", KindGOT, 4},
		{594, "AUTH_GOT_ADR_PREL_LO21", KindGOT, 4},
		{595, "AUTH_TLSDESC_ADR_PAGE21", KindTLS, 4},
		{596, "AUTH_TLSDESC_LD64_LO12", KindTLS, 4},
		{597, "AUTH_TLSDESC_ADD_LO12", KindTLS, 4},
		{598, "AUTH_TLSDESC_CALL", KindTLS, 0},
		{1024, "COPY", KindDynamic, 0},
		{1025, "GLOB_DAT", KindDynamic, 8},
		{1026, "JUMP_SLOT", KindDynamic, 8},
		{1027, "RELATIVE", KindDynamic, 8},
		{1028, "TLS_DTPMOD64", KindDynamic, 8},
		{1029, "TLS_DTPREL64", KindDynamic, 8},
		{1030, "TLS_TPREL64", KindDynamic, 8},
		{1031, "TLSDESC", KindDynamic, 16},
		{1032, "IRELATIVE", KindDynamic, 8},
	},
}

// PC-relative AArch64 instructions (Arm ARM, C4.1), by class: the bits of the
// class, the field with the distance in words, and the mask of the other bits.
var aarch64PCRel = []struct {
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

// aarch64ADRMask is the mask for ADR, whose low two bits are in another field.
var aarch64ADRMask = []byte{0x1f, 0x00, 0x00, 0x9f}

// Instructions are little-endian in big-endian objects as well (Arm ARM, B2.6.2).
func decodeAArch64(code []byte, pc int64) Insn {
	if len(code) < 4 {
		return Insn{Size: len(code), Bad: true}
	}
	w := binary.LittleEndian.Uint32(code)
	if mask, distance := aarch64PCRelOffset(w); mask != nil {
		return Insn{Size: 4, Mask: mask, Target: pc + distance}
	}
	return Insn{Size: 4}
}

// aarch64PCRelOffset returns the distance in a PC-relative instruction in bytes
// and the mask of its other bits, or no mask.
func aarch64PCRelOffset(w uint32) (mask []byte, distance int64) {
	for i := range aarch64PCRel {
		d := &aarch64PCRel[i]
		if w&d.classMask == d.class {
			field := uint32(1)<<d.bits - 1
			n := int32(w>>d.shift&field<<(32-d.bits)) >> (32 - d.bits)
			return d.mask, int64(n) * 4
		}
	}
	if w&0x9f000000 == 0x10000000 {
		n := int32((w>>5&0x7ffff<<2|w>>29&3)<<11) >> 11
		return aarch64ADRMask, int64(n)
	}
	return nil, 0
}

func textAArch64(code []byte, _ int64) string {
	if len(code) < 4 {
		return bytesText(code)
	}
	inst, err := arm64asm.Decode(code)
	if err != nil {
		return fmt.Sprintf(".inst 0x%08x", binary.LittleEndian.Uint32(code))
	}
	return strings.ToLower(arm64asm.GNUSyntax(inst))
}
