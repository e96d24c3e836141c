// SPDX-License-Identifier: Apache-2.0

package elfobj_test

import (
	"bytes"
	"debug/elf"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// TestRelocOrder writes and reads objects whose relocation sections come in another order than the sections.
func TestRelocOrder(t *testing.T) {
	const text = `section .a PROGBITS A align=8
  0000000000000000
  +0x0 ABS64 s+0
section .b PROGBITS A align=8
  0000000000000000
section .c PROGBITS A align=8
  0000000000000000
  +0x0 ABS64 s+0
section .d PROGBITS A align=8
  0000000000000000
  +0x0 ABS64 s+0
symbol s GLOBAL NOTYPE UND
`
	for _, test := range []struct{ set, want, file []elfobj.SectionIndex }{
		{nil, []elfobj.SectionIndex{1, 2, 3, 4}, []elfobj.SectionIndex{1, 3, 4}},
		{[]elfobj.SectionIndex{3, 1}, []elfobj.SectionIndex{3, 1, 4, 2}, []elfobj.SectionIndex{3, 1, 4}},
		{[]elfobj.SectionIndex{4, 3, 1}, []elfobj.SectionIndex{4, 3, 1, 2}, []elfobj.SectionIndex{4, 3, 1}},
		{[]elfobj.SectionIndex{1, 3, 4}, []elfobj.SectionIndex{1, 2, 3, 4}, []elfobj.SectionIndex{1, 3, 4}},
	} {
		o, err := elftext.Parse("a.o", text)
		if err != nil {
			t.Fatal(err)
		}
		o.SetRelocOrder(test.set)
		b, err := o.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		f, err := elf.NewFile(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range f.Sections {
			if s.Type == elf.SHT_RELA {
				names = append(names, f.Sections[s.Info].Name)
				if s.Name != ".rela"+f.Sections[s.Info].Name {
					t.Errorf("%v: the relocations of %s are in %s", test.set, f.Sections[s.Info].Name, s.Name)
				}
			}
		}
		var want []string
		for _, i := range test.file {
			want = append(want, o.Sections[i].Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%v: the file has relocations of %v, want %v", test.set, names, want)
		}
		again, err := elfobj.Parse("a.o", b)
		if err != nil {
			t.Fatal(err)
		}
		if got := again.RelocOrder(); !slices.Equal(got, test.want) {
			t.Errorf("%v: read again: %v, want %v", test.set, got, test.want)
		}
		if second, err := again.Bytes(); err != nil || test.set == nil && !bytes.Equal(second, b) {
			t.Errorf("%v: written again: %v, or other bytes", test.set, err)
		}
		// A section that is removed has no place.
		if err := again.RemoveSections([]bool{false, true}); err != nil {
			t.Fatal(err)
		}
		if got := again.RelocOrder(); slices.Contains(got, 1) || len(got) != 3 {
			t.Errorf("%v: after .a was removed: %v", test.set, got)
		}
		if _, err := again.Bytes(); err != nil {
			t.Errorf("%v: after .a was removed: %v", test.set, err)
		}
	}
}
