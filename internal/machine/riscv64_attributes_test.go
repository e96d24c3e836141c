// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"fmt"
	"slices"
	"testing"
)

// riscvSet encodes attributes, an instruction set before numbers by their tags.
func riscvSet(isa string, numbers ...uint64) string {
	attrs := []attribute{{tag: tagArch, text: isa}}
	for i := 0; i < len(numbers); i += 2 {
		attrs = append(attrs, attribute{tag: numbers[i], number: numbers[i+1]})
	}
	return fmt.Sprintf("%x", encodeAttributes(attrs))
}

// Sets of RISC-V attributes as an assembler writes them: rv64i2p1_m2p0 and a stack
// alignment of 16; rv64i2p1_c2p0 and unaligned accesses; both.
const (
	withM    = "4120000000726973637600011600000004100572763634693270315f6d32703000"
	withC    = "4122000000726973637600011800000004100572763634693270315f63327030000601"
	withBoth = "4127000000726973637600011d00000004100572763634693270315f6d3270305f63327030000601"
)

func TestMergeRISCVAttributes(t *testing.T) {
	const i = "rv64i2p1"
	text := func(tag uint64, text string) string {
		return fmt.Sprintf("%x", encodeAttributes([]attribute{{tag: tag, text: text}}))
	}
	for _, c := range []attributeCase{
		{"two", []string{withM, withC}, withBoth, nil},
		{"equal", []string{withC, withC}, withC, nil},
		{"instruction sets", []string{riscvSet("rv64i2p1_zicbop1p0"), riscvSet("rv64i2p1_zcmop1p0")}, riscvSet("rv64i2p1_zicbop1p0_zcmop1p0"), nil},
		{"another width", []string{riscvSet("rv64i2p1"), riscvSet("rv32i2p1")}, "", []string{"1+16: instruction set is rv32, but rv64 in 0.o"}},
		{"exclusive", []string{riscvSet("rv64i2p1_f2p2", 6, 1), riscvSet("rv64i2p1_zfinx1p0", 4, 16)}, "", []string{"1+18: instruction set has zfinx, which excludes f of 0.o"}},

		{"a zero is none", []string{"411b000000726973637600011100000005727636346932703100 0600", riscvSet(i, 4, 16)}, riscvSet(i, 4, 16), nil},
		{"a zero in one set", []string{"411b000000726973637600011100000005727636346932703100 0600"}, "4119000000726973637600010f00000005727636346932703100", nil},
		{"stack alignment", []string{riscvSet(i), riscvSet(i, 4, 16), riscvSet(i, 6, 1)}, riscvSet(i, 4, 16, 6, 1), nil},
		{
			"two stack alignments",
			[]string{riscvSet(i, 6, 1), riscvSet(i, 4, 16), riscvSet(i, 4, 32)},
			"",
			[]string{"2+16: stack alignment (build attribute 4) is 32, but 16 in 1.o"},
		},
		{"unaligned access", []string{riscvSet(i, 6, 2), riscvSet(i)}, riscvSet(i, 6, 1), nil},

		{
			"versions",
			[]string{riscvSet(i, 8, 1, 10, 11), riscvSet(i), riscvSet(i, 8, 1, 10, 12), riscvSet(i, 8, 1, 10, 11)},
			riscvSet(i, 8, 1, 10, 12),
			[]string{"warning: 2-1: privileged specification is 1.12.0, but 1.11.0 in 0.o, and the output has the later one"},
		},
		{
			"an earlier version",
			[]string{riscvSet(i, 8, 1, 10, 11), riscvSet(i, 8, 1, 10, 9, 12, 1), riscvSet(i, 8, 1, 10, 9, 12, 1)},
			riscvSet(i, 8, 1, 10, 11),
			[]string{"warning: 1-1: privileged specification is 1.9.1, but 1.11.0 in 0.o, and the output has the later one"},
		},
		{"a version in one", []string{riscvSet(i), riscvSet(i, 8, 1, 10, 11)}, riscvSet(i, 8, 1, 10, 11), nil},

		{"not known, equal", []string{riscvSet(i, 18, 5), riscvSet(i, 18, 5, 4, 16)}, riscvSet(i, 18, 5, 4, 16), nil},
		{
			"not known, not everywhere",
			[]string{riscvSet(i), riscvSet(i, 18, 5)},
			"",
			[]string{"1+26: build attribute 18, 5, is not known, and not all inputs have the same"},
		},
		{
			"not known, differs",
			[]string{riscvSet(i, 18, 5), riscvSet(i, 18, 6)},
			"",
			[]string{"0+26: build attribute 18, 5, is not known, and not all inputs have the same"},
		},
		{
			"optional, not everywhere",
			[]string{riscvSet(i, 70, 5), riscvSet(i)},
			riscvSet(i),
			[]string{"warning: 0+26: build attribute 70, 5, is not known, and left out because not all inputs have the same"},
		},
		{
			"optional text",
			[]string{text(71, "x"), text(71, "y")},
			text(71, ""),
			[]string{`warning: 0+16: build attribute 71, "x", is not known, and left out because not all inputs have the same`},
		},
		{
			"odd among versions",
			[]string{text(9, "x"), text(9, "x"), text(9, "y")},
			"",
			[]string{`0+16: build attribute 9, "x", is not known, and not all inputs have the same`},
		},

		{"another vendor", []string{withM, "41" + withM[2:10] + "787878787800" + withM[22:]}, "", []string{"1+0: build attributes: not those of RISC-V"}},
		{"cut", []string{withM[:60], withM}, "", []string{"0+11: build attributes: more than one subsection, or one of another size"}},
		{"no end of text", []string{withM[:len(withM)-2] + "41", withM}, "", []string{"0+19: build attributes: text does not end"}},
		{"two values", []string{"4113000000726973637600010900000004100420", withM}, "", []string{"0+18: build attributes: attribute 4 is 32, but 16 before"}},
		{"empty", []string{"", withM}, "", []string{"0+0: build attributes: not those of RISC-V"}},
		{"not RISC-V's, but equal", []string{"410a", "410a"}, "410a", nil},
	} {
		c.run(t, riscv64, false, true, nil)
	}
}

// TestMergeRISCVNumbers has the tables of the psABI for the atomic ABI and for the
// use of x3, whose values 0 to 4 are put together.
func TestMergeRISCVNumbers(t *testing.T) {
	const no = 9
	for _, tt := range []struct {
		rule   func(a, b uint64) (uint64, bool)
		merged [5][5]uint64
	}{
		{mergeAtomicABI, [5][5]uint64{{0, 1, 2, 3, 4}, {1, 1, 1, no, no}, {2, 1, 2, 3, no}, {3, no, 3, 3, no}, {4, no, no, no, 4}}},
		{mergeX3Usage, [5][5]uint64{{0, 1, 2, no, no}, {1, 1, no, no, no}, {2, no, 2, no, no}, {no, no, no, 3, no}, {no, no, no, no, 4}}},
	} {
		var got [5][5]uint64
		for a := range got {
			for b := range got[a] {
				got[a][b] = no
				if n, ok := tt.rule(uint64(a), uint64(b)); ok {
					got[a][b] = n
				}
			}
		}
		if got != tt.merged {
			t.Errorf("got %v, want %v", got, tt.merged)
		}
	}
	const i = "rv64i2p1"
	for _, c := range []attributeCase{
		{"atomic", []string{riscvSet(i), riscvSet(i, 14, 2), riscvSet(i, 14, 3)}, riscvSet(i, 14, 3), nil},
		{"atomic A6 and A7", []string{riscvSet(i, 14, 2), riscvSet(i, 14, 1), riscvSet(i, 14, 3)}, "", []string{"2+26: atomic ABI (build attribute 14) is 3, but 1 in 1.o"}},
		{"x3", []string{riscvSet(i), riscvSet(i, 16, 1)}, riscvSet(i, 16, 1), nil},
		{"x3 of nothing", []string{riscvSet(i, 16, 3), riscvSet(i)}, "", []string{"1-1: use of register x3 (build attribute 16) is 0, but 3 in 0.o"}},
	} {
		c.run(t, riscv64, false, true, nil)
	}
}

// TestRISCVRules expects a rule for each tag once, none for those that have code
// of their own.
func TestRISCVRules(t *testing.T) {
	seen := append([]uint64{tagArch}, tagsPrivSpec...)
	for _, r := range riscvRules {
		if slices.Contains(seen, r.tag) || r.tag%2 != 0 {
			t.Errorf("a rule for tag %d", r.tag)
		}
		seen = append(seen, r.tag)
	}
}
