// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"encoding/binary"
	"testing"
)

// Words as GNU as and ld write them: the distances are known from objdump.
var linkedCases = []struct {
	reloc        string
	field, place uint64
	value, mask  uint64
	unlike       uint64 // an address that the field does not refer to
}{
	{"CALL26", 0x94000004, 0x1000, 0x1010, allBits, 0x1014},
	{"CALL26", 0x97ffffff, 0x1000, 0xffc, allBits, 0x1000},
	{"JUMP26", 0x14000000 | 0x2000000, 0x10000000, 0x10000000 - 0x8000000, allBits, 0x10000000},
	{"CONDBR19", 0x54000040, 0x1000, 0x1008, allBits, 0x1000},
	{"CONDBR19", 0xb4ffffe0, 0x1000, 0xffc, allBits, 0x1000},
	{"TSTBR14", 0x36000040, 0x1000, 0x1008, allBits, 0x1000},
	{"LD_PREL_LO19", 0x58000041, 0x1000, 0x1008, allBits, 0x1000},
	{"ADR_PREL_LO21", 0x30000020, 0x1000, 0x1005, allBits, 0x1004},
	{"ADR_PREL_PG_HI21", 0xb0000000, 0x1ff8, 0x2000, ^uint64(0xfff), 0x1fff},
	{"ADR_PREL_PG_HI21", 0xf0ffffe0, 0x5000, 0x4000, ^uint64(0xfff), 0x5000},
	{"ADD_ABS_LO12_NC", 0x91048c00, 0, 0x123, 0xfff, 0x124},
	{"LDST8_ABS_LO12_NC", 0x39448c00, 0, 0x123, 0xfff, 0x124},
	{"LDST16_ABS_LO12_NC", 0x79424400, 0, 0x122, 0xfff, 0x124},
	{"LDST32_ABS_LO12_NC", 0xb9412400, 0, 0x124, 0xfff, 0x128},
	{"LDST64_ABS_LO12_NC", 0xf9409400, 0, 0x128, 0xfff, 0x120},
	{"LDST128_ABS_LO12_NC", 0x3dc04800, 0, 0x120, 0xfff, 0x130},
	{"PREL32", 0xfffffff0, 0x1000, 0xff0, allBits, 0x1000},
	{"PREL64", 0x10, 0x1000, 0x1010, allBits, 0x1000},
	{"PREL16", 0xfffe, 0x1000, 0xffe, allBits, 0x1000},
	{"ABS64", 0xffff800008000000, 8, 0xffff800008000000, allBits, 0},
}

func TestLinked(t *testing.T) {
	for _, c := range linkedCases {
		n, ok := aarch64.RelocNumber(c.reloc)
		if _, known := aarch64.FieldBits(n); !ok || !known {
			t.Errorf("%s is not known", c.reloc)
			continue
		}
		l := aarch64.Linked(n, c.field, c.place)
		if l.Value != c.value || l.Mask != c.mask || !l.Agrees(c.value) || l.Agrees(c.unlike) || l.Whole() != (c.mask == allBits) {
			t.Errorf("%s %#x at %#x: %#x of %#x; want %#x of %#x", c.reloc, c.field, c.place, l.Value, l.Mask, c.value, c.mask)
		}
	}
	if !aarch64.ReadsLinked() || x86_64.ReadsLinked() || riscv64.ReadsLinked() {
		t.Error("fields can be read after the final link on AArch64 only")
	}
}

// memory is code at addresses.
type memory map[uint64][]uint32

func (m memory) code(at uint64, size int) []byte {
	words := m[at]
	if 4*len(words) < size {
		return nil
	}
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b[:size]
}

var rewriteCases = []struct {
	name, reloc   string
	want, have    uint32
	place, target uint64
	memory        memory
	what          string // "": not recognised
}{
	{
		"a veneer by pages", "CALL26", 0x94000000, 0x94000400, 0x1000, 0x10002004,
		memory{0x2000: {0x90080010, 0x91001210, 0xd61f0200}},
		"veneer",
	},
	{
		"to another address", "CALL26", 0x94000000, 0x94000400, 0x1000, 0x10002008,
		memory{0x2000: {0x90080010, 0x91001210, 0xd61f0200}},
		"",
	},
	{
		"a veneer with a literal", "JUMP26", 0x14000000, 0x14000400, 0x1000, 0xffff800010002004,
		memory{0x2000: {0x58000050, 0xd61f0200, 0x10002004, 0xffff8000}},
		"veneer",
	},
	{
		"a call that became a jump", "CALL26", 0x94000000, 0x14000400, 0x1000, 0xffff800010002004,
		memory{0x2000: {0x58000050, 0xd61f0200, 0x10002004, 0xffff8000}},
		"",
	},
	{"no veneer", "CALL26", 0x94000000, 0x94000400, 0x1000, 0x10002004, memory{}, ""},
	{"ADD of 0", "ADD_ABS_LO12_NC", 0x91000021, 0xd503201f, 0x1000, 0x5000, memory{}, "relaxed: NOP for ADD of 0"},
	{"ADD of 4", "ADD_ABS_LO12_NC", 0x91000021, 0xd503201f, 0x1000, 0x5004, memory{}, ""},
	{"ADD of 0 to another register", "ADD_ABS_LO12_NC", 0x91000002, 0xaa0003e2, 0x1000, 0x5000, memory{}, "relaxed: MOV for ADD of 0"},
	{"NOP for ADD to another register", "ADD_ABS_LO12_NC", 0x91000002, 0xd503201f, 0x1000, 0x5000, memory{}, ""},
	{"MOV to another register", "ADD_ABS_LO12_NC", 0x91000002, 0xaa0003e3, 0x1000, 0x5000, memory{}, ""},
	{"MOV from the stack pointer", "ADD_ABS_LO12_NC", 0x910003e2, 0xaa1f03e2, 0x1000, 0x5000, memory{}, ""},
	{"ADRP of NOP and ADR", "ADR_PREL_PG_HI21", 0x90000001, 0xd503201f, 0x1000, 0x1014, memory{0x1004: {0x10000081}}, "relaxed: NOP and ADR"},
	{"ADRP of NOP and another ADR", "ADR_PREL_PG_HI21", 0x90000001, 0xd503201f, 0x1000, 0x1014, memory{0x1004: {0x10000082}}, ""},
	{"ADRP of NOP", "ADR_PREL_PG_HI21", 0x90000001, 0xd503201f, 0x1000, 0x1014, memory{0x1004: {0x91000421}}, ""},
	{"ADD of NOP and ADR", "ADD_ABS_LO12_NC", 0x91000021, 0x10000081, 0x1004, 0x1014, memory{0x1000: {0xd503201f}}, "relaxed: NOP and ADR"},
	{"ADD of NOP and ADR elsewhere", "ADD_ABS_LO12_NC", 0x91000021, 0x10000081, 0x1004, 0x1018, memory{0x1000: {0xd503201f}}, ""},
	{"ADD of ADRP and ADR", "ADD_ABS_LO12_NC", 0x91000021, 0x10000081, 0x1004, 0x1014, memory{0x1000: {0x90000001}}, ""},
	{"ADR at the end of a page", "ADR_PREL_PG_HI21", 0x90000000, 0x10000040, 0xff8, 0x1004, memory{}, "erratum 843419: ADR for ADRP"},
	{"ADR elsewhere", "ADR_PREL_PG_HI21", 0x90000000, 0x10000040, 0xff0, 0x1004, memory{}, ""},
	{"ADR to another page", "ADR_PREL_PG_HI21", 0x90000000, 0x10000040, 0xff8, 0x2004, memory{}, ""},
	{"ADR to another register", "ADR_PREL_PG_HI21", 0x90000000, 0x10000041, 0xff8, 0x1004, memory{}, ""},
	{
		"a load in a stub", "LDST64_ABS_LO12_NC", 0xf9400000, 0x14000400, 0x1000, 0x5128,
		memory{0xff8: {0x90000000}, 0x2000: {0xf9409400, 0x17fffc00}},
		"erratum 843419: moved to a stub",
	},
	{
		"a load of another address", "LDST64_ABS_LO12_NC", 0xf9400000, 0x14000400, 0x1000, 0x5120,
		memory{0xff8: {0x90000000}, 0x2000: {0xf9409400, 0x17fffc00}},
		"",
	},
	{
		"a stub that returns elsewhere", "LDST64_ABS_LO12_NC", 0xf9400000, 0x14000400, 0x1000, 0x5128,
		memory{0xff8: {0x90000000}, 0x2000: {0xf9409400, 0x17fffc01}},
		"",
	},
	{
		"a stub with no ADRP before", "LDST64_ABS_LO12_NC", 0xf9400000, 0x14000400, 0x1000, 0x5128,
		memory{0xff8: {0xd503201f}, 0x2000: {0xf9409400, 0x17fffc00}},
		"",
	},
	{
		"a stub with an ADRP elsewhere", "LDST64_ABS_LO12_NC", 0xf9400000, 0x14000400, 0x1010, 0x5128,
		memory{0x1004: {0x90000000}, 0x1008: {0x90000000}, 0x2010: {0xf9409400, 0x17fffc00}},
		"",
	},
}

func TestRewritten(t *testing.T) {
	for _, c := range rewriteCases {
		n, _ := aarch64.RelocNumber(c.reloc)
		r, ok := aarch64.Rewritten(n, c.want, c.have, c.place, c.target, c.memory.code)
		if ok != (c.what != "") || r.What != c.what {
			t.Errorf("%s: %v, %+v; want %q", c.name, ok, r, c.what)
		}
	}
	if _, ok := x86_64.Rewritten(4, 0, 0, 0, 0, nil); ok {
		t.Error("a machine without rules has one")
	}
}
