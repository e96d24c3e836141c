// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Subsections as assemblers write them, after the A that starts a section: BTI, PAC
// and GCS; BTI and no PAC; platform 2 and schema 5; tags 2, 40 and 900 of features.
const (
	btiPacGcs = " 23000000 61656162695f666561747572655f616e645f6269747300 0100 000101010201"
	btiNoPac  = " 21000000 61656162695f666561747572655f616e645f6269747300 0100 00010100"
	pauth25   = " 19000000 61656162695f706175746861626900 0000 01020205"
	farTags   = " 24000000 61656162695f666561747572655f616e645f6269747300 0100 02012801840701"
	private   = " 12000000 76656e646f725f7800 0103226800"   // vendor_x
	optional  = " 13000000 61656162695f7800 01010368656e00" // aeabi_x
	required  = " 0f000000 61656162695f7800 000003"         // aeabi_x
)

func TestMergeAArch64Attributes(t *testing.T) {
	const bti, all = 1, 7
	for _, tt := range []struct {
		attributeCase
		bits       uint32 // of the output's property, 0 for none
		everywhere bool
	}{
		{attributeCase{"one", []string{"41" + btiPacGcs}, "41" + btiPacGcs, nil}, all, true},
		{attributeCase{"two", []string{"41" + btiNoPac, "41" + btiPacGcs}, "41 23000000 61656162695f666561747572655f616e645f6269747300 0100 000101000200", nil}, bti, true},
		{attributeCase{"beside an input without", []string{"41" + btiPacGcs}, "41 23000000 61656162695f666561747572655f616e645f6269747300 0100 000001000200", nil}, 0, false},
		{attributeCase{"beyond the property", []string{"41" + farTags, "41" + farTags}, "41 24000000 61656162695f666561747572655f616e645f6269747300 0100 02002801840701", nil}, 0, true},
		{attributeCase{
			"beyond the property, in one",
			[]string{"41" + farTags, "41" + btiNoPac},
			"41 28000000 61656162695f666561747572655f616e645f6269747300 0100 00010100 02002800840700", nil,
		}, bti, true},
		{attributeCase{"beyond the property, beside an input without", []string{"41" + farTags}, "41 24000000 61656162695f666561747572655f616e645f6269747300 0100 02002800840700", nil}, 0, false},
		{attributeCase{
			"private",
			[]string{"41" + private + btiNoPac, "41" + private},
			"41" + btiNoPac,
			[]string{`warning: 0+1: build attributes "vendor_x" are not known and left out`},
		}, bti, true},
		{attributeCase{"nothing left", []string{"41" + optional, "41"}, "", []string{`warning: 0+1: build attributes "aeabi_x" are not known and left out`}}, 0, true},
		{attributeCase{"required", []string{"41" + btiNoPac + required}, "", []string{`0+34: build attributes "aeabi_x" are not known, but must not be ignored`}}, bti, true},
		{attributeCase{
			"required, in the second",
			[]string{"41" + optional, "41" + required},
			"",
			[]string{`warning: 0+1: build attributes "aeabi_x" are not known and left out`, `1+1: build attributes "aeabi_x" are not known, but must not be ignored`},
		}, 0, true},
	} {
		tt.run(t, aarch64, false, tt.everywhere, func(typ uint32) []byte {
			if typ == aarch64Features && tt.bits != 0 {
				return binary.LittleEndian.AppendUint32(nil, tt.bits)
			}
			return nil
		})
	}
}

// TestMergeAArch64PAuth gets what signing schema the output has from its property,
// which is there in the notes' words: 0 and 0 is the schema that attributes call 0
// and 1.
func TestMergeAArch64PAuth(t *testing.T) {
	for _, tt := range []struct {
		attributeCase
		property []uint64
	}{
		{attributeCase{"schema", []string{"41" + pauth25}, "41" + pauth25, nil}, []uint64{2, 5}},
		{attributeCase{"invalid", []string{"41" + pauth25}, "41 19000000 61656162695f706175746861626900 0000 01000201", nil}, []uint64{0, 0}},
		{attributeCase{"large numbers", []string{"41" + pauth25}, "41 1e000000 61656162695f706175746861626900 0000 018280808001 02d50a", nil}, []uint64{0x10000002, 0x555}},
		{attributeCase{"none", []string{"41" + pauth25}, "", nil}, nil},
		{attributeCase{"of notes alone", []string{"41" + btiNoPac}, "41 21000000 61656162695f666561747572655f616e645f6269747300 0100 00000100", nil}, []uint64{2, 5}},
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			c, big := tt.attributeCase, order == binary.AppendByteOrder(binary.BigEndian)
			if big {
				c.sets, c.want = []string{bigLength(c.sets[0])}, bigLength(c.want)
			}
			c.run(t, aarch64, big, true, func(typ uint32) (value []byte) {
				for _, n := range tt.property {
					if typ == aarch64PAuth {
						value = order.AppendUint64(value, n)
					}
				}
				return value
			})
		}
	}
}

// bigLength turns the length of a set's only subsection into a big-endian number.
func bigLength(set string) string {
	if set == "" {
		return ""
	}
	set = strings.ReplaceAll(set, " ", "")
	return set[:2] + "000000" + set[2:4] + set[10:]
}

func TestAArch64AttributeProperties(t *testing.T) {
	const (
		features = " 61656162695f666561747572655f616e645f6269747300 "
		pauth    = " 61656162695f706175746861626900 "
	)
	for _, tt := range []struct{ name, set, want string }{
		{"features", "41" + btiPacGcs, "c0000000=07000000"},
		{"features, again", "41" + btiNoPac + btiPacGcs, "+65: build attributes: tag 1 of aeabi_feature_and_bits is 1, but 0 before"},
		{"the same again", "41" + btiNoPac + btiNoPac, "c0000000=01000000"},
		{"no tag", "41 1d000000" + features + "0100", "c0000000=00000000"},
		{"bit 31 and a tag beyond", "41 21000000" + features + "0100 1f012001", "c0000000=00000080"},
		{"schema", "41" + pauth25, "c0000001=02000000000000000500000000000000"},
		{"schema of the notes' zero", "41 19000000" + pauth + "0000 01000201", "c0000001=00000000000000000000000000000000"},
		{"no schema", "41 19000000" + pauth + "0000 01000200", ""},
		{"both", "41" + pauth25 + btiNoPac, "c0000000=01000000 c0000001=02000000000000000500000000000000"},
		{"nothing", "41", ""},
		{"private and optional", "41" + private + optional, ""},

		{"empty", "", "+0: build attributes: not those of AArch64"},
		{"another format", "42" + btiPacGcs, "+0: build attributes: not those of AArch64"},
		{"length cut", "41 230000", "+1: build attributes: subsection is cut short"},
		{"length too small", "41 03000000", "+1: build attributes: subsection is cut short"},
		{"length too large", "41" + btiNoPac + " ffffffff", "+34: build attributes: subsection is cut short"},
		{"no end of the name", "41 0a000000 616561626978", "+1: build attributes: header of a subsection is cut short"},
		{"no header", "41 1c000000" + features + "01", "+1: build attributes: header of a subsection is cut short"},
		{"required features", "41 1f000000" + features + "0000 0001", "+28: build attributes: header of aeabi_feature_and_bits is 0 and 0, want 1 and 0"},
		{"features of texts", "41 1f000000" + features + "0101 0001", "+28: build attributes: header of aeabi_feature_and_bits is 1 and 1, want 1 and 0"},
		{"optional schema", "41 19000000" + pauth + "0100 01020205", "+20: build attributes: header of aeabi_pauthabi is 1 and 0, want 0 and 0"},
		{"another number", "41 1f000000" + features + "0100 0003", "+30: build attributes: tag 0 of aeabi_feature_and_bits is 3, want 0 or 1"},
		{"tag cut", "41 1e000000" + features + "0100 80", "+30: build attributes: tag is cut short"},
		{"number cut", "41 1e000000" + features + "0100 00", "+31: build attributes: number is cut short"},
		{"tag of the schema", "41 19000000" + pauth + "0000 01020901", `+24: tag 9 of build attributes "aeabi_pauthabi" is not known, but must not be ignored`},
		{"required", "41" + required, `+1: build attributes "aeabi_x" are not known, but must not be ignored`},
	} {
		props, err := aarch64.AttributeProperties(AttributeSet{Data: unhex(t, tt.set)})
		slices.SortFunc(props, func(a, b AttributeProperty) int { return int(a.Type) - int(b.Type) })
		var got []string
		for _, p := range props {
			got = append(got, fmt.Sprintf("%x=%x", p.Type, p.Value))
		}
		if err != nil {
			got = append(got, fmt.Sprintf("%+d: %s", err.Offset, err.What))
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, text, tt.want)
		}
	}
	if props, err := riscv64.AttributeProperties(AttributeSet{Data: unhex(t, withM)}); props != nil || err != nil {
		t.Errorf("RISC-V: got %v, %v", props, err)
	}
}
