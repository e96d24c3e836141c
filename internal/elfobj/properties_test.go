// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
)

// note returns a section with property notes, given in hexadecimal.
func note(t *testing.T, text string) *Section {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return &Section{Name: PropertySection, Size: uint64(len(b)), Data: b}
}

func TestProperties(t *testing.T) {
	const (
		header = "04000000 10000000 05000000 474e5500 "
		bti    = "000000c0 04000000 01000000 00000000 "
		both   = "000000c0 04000000 03000000 00000000 "
	)
	four := func(n byte) []byte { return []byte{n, 0, 0, 0} }
	for _, tt := range []struct {
		name, text string
		want       []Property
		err        string
	}{
		{"empty", "", nil, ""},
		{"one", header + both, []Property{{0xc0000000, four(3), 16}}, ""},
		{
			"two in one note", "04000000 20000000 05000000 474e5500 01000000 08000000 01020304 05060708 " + bti,
			[]Property{{1, []byte{1, 2, 3, 4, 5, 6, 7, 8}, 16}, {0xc0000000, four(1), 32}},
			"",
		},
		{"of no bytes", "04000000 08000000 05000000 474e5500 02000000 00000000", []Property{{2, []byte{}, 16}}, ""},
		{"two notes", header + both + header + bti, []Property{{0xc0000000, four(3), 16}, {0xc0000000, four(1), 48}}, ""},
		{"no padding at the end", "04000000 0c000000 05000000 474e5500 000000c0 04000000 01000000", []Property{{0xc0000000, four(1), 16}}, ""},
		{"cut header", header + both + "04000000 10000000", nil, "+0x20: note is cut short"},
		{"cut note", header + "000000c0", nil, "+0x0: note of 32 bytes is cut short"},
		{"long name", "ffffffff 10000000 05000000 474e5500" + bti, nil, "+0x0: note of 4294967324 bytes is cut short"},
		{"cut property", "04000000 04000000 05000000 474e5500 000000c0", nil, "+0x10: property is cut short"},
		{"property beyond the note", "04000000 10000000 05000000 474e5500 000000c0 ffffffff 01000000 00000000", nil, "+0x10: property is cut short"},
		{"another type", "04000000 10000000 01000000 474e5500" + bti, nil, "+0x0: not a GNU property note"},
		{"another name", "04000000 10000000 05000000 58595a00" + bti, nil, "+0x0: not a GNU property note"},
		{"no name", "00000000 00000000 05000000", nil, "+0x0: not a GNU property note"},
	} {
		o := &Object{Name: "o"}
		got, err := o.Properties(note(t, tt.text))
		if tt.err != "" {
			want := "o: " + PropertySection + tt.err + "; " + Damaged
			if err == nil || err.Error() != want {
				t.Errorf("%s: got %v, want %s", tt.name, err, want)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
}

func TestEncodeProperties(t *testing.T) {
	for _, big := range []bool{false, true} {
		props := []Property{{2, []byte{}, 16}, {0xb0000000, []byte{1, 0, 0, 0}, 24}, {0xc0000000, []byte{3, 0, 0, 0}, 40}, {0xe0000000, []byte("abcdefghi"), 56}}
		want := note(t, "04000000 40000000 05000000 474e5500 02000000 00000000 000000b0 04000000 01000000 00000000 000000c0 04000000 03000000 00000000"+
			"000000e0 09000000 6162636465666768 6900000000000000")
		if big {
			want = note(t, "00000004 00000040 00000005 474e5500 00000002 00000000 b0000000 00000004 01000000 00000000 c0000000 00000004 03000000 00000000"+
				"e0000000 00000009 6162636465666768 6900000000000000")
		}
		b := EncodeProperties(props, big)
		if !bytes.Equal(b, want.Data) {
			t.Errorf("big-endian %v: got %x, want %x", big, b, want.Data)
		}
		o := &Object{BigEndian: big}
		if got, err := o.Properties(want); err != nil || !reflect.DeepEqual(got, props) {
			t.Errorf("big-endian %v: read %v, %v", big, got, err)
		}
	}
}
