// SPDX-License-Identifier: Apache-2.0

package sizes

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

const sample = `
section .hyp.text PROGBITS AX align=4
  1f2003d5 1f2003d5 c0035fd6 1f2003d5 1f2003d5 c0035fd6 1f2003d5 1f2003d5
section .hyp.data PROGBITS WA align=8
  00000000 00000000 00000000
section .hyp.rodata PROGBITS A align=8
  00000000 00000000
section .hyp.bss NOBITS WA align=8 size=24
section .debug_info PROGBITS - align=1
  00000000
symbol a.c LOCAL FILE ABS
symbol __p_$x LOCAL NOTYPE .hyp.text+0x0
symbol __p_f LOCAL FUNC .hyp.text+0x0 size=8
symbol __p_alias LOCAL FUNC .hyp.text+0x0 size=4
symbol __p_label LOCAL NOTYPE .hyp.text+0x14
symbol b.c LOCAL FILE ABS
symbol __p_$x LOCAL NOTYPE .hyp.text+0xc
symbol __p_g LOCAL FUNC .hyp.text+0xc size=8
symbol __p___hyp_section_.hyp.data GLOBAL NOTYPE .hyp.data+0x0
symbol __p_v GLOBAL OBJECT .hyp.data+0x4 size=4
symbol __p_c GLOBAL OBJECT .hyp.rodata+0x0 size=8
symbol __p_b GLOBAL OBJECT .hyp.bss+0x8 size=100
`

func parse(t *testing.T, text string) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse("hyp.o", text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// lines formats the items of an object.
func lines(m *Map) []string {
	var out []string
	for i := range m.Items {
		it := &m.Items[i]
		out = append(out, fmt.Sprintf("%s %#x-%#x %s %s %s", m.Object.Sections[it.Section].Name, it.Start, it.End, it.Kind, m.Name(it), it.File))
	}
	return out
}

func TestOf(t *testing.T) {
	m, err := Of(parse(t, sample), layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		".hyp.text 0x0-0x8 function __p_f a.c",
		".hyp.text 0x8-0xc code  a.c",
		".hyp.text 0xc-0x14 function __p_g b.c",
		".hyp.text 0x14-0x20 function __p_label a.c",
		".hyp.data 0x0-0x4 data  ",
		".hyp.data 0x4-0x8 variable __p_v ",
		".hyp.data 0x8-0xc data  ",
		".hyp.rodata 0x0-0x8 constant __p_c ",
		".hyp.bss 0x0-0x8 data  ",
		".hyp.bss 0x8-0x18 variable __p_b ",
		".debug_info 0x0-0x4 data  ",
	}
	if got := lines(m); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// With a map, bytes of no input are padding, and the inputs are those of the link.
func TestMap(t *testing.T) {
	link := &layout.Layout{Schema: layout.Schema, Sections: []layout.Section{
		{Name: ".hyp.text", Size: 32, Inputs: []layout.Input{{Offset: 0, Size: 12, File: "out/a.o", Section: ".text"}, {Offset: 16, Size: 16, File: "out/b.o", Section: ".text"}}},
		{Name: ".debug_info", Size: 4, Inputs: []layout.Input{{Offset: 0, Size: 3, File: "out/a.o", Section: ".debug_info"}}},
	}}
	text := strings.Replace(sample, "symbol __p_g LOCAL FUNC .hyp.text+0xc size=8", "symbol __p_g LOCAL FUNC .hyp.text+0x10 size=4", 1)
	m, err := Of(parse(t, text), layout.Options{Map: link})
	if err != nil {
		t.Fatal(err)
	}
	got := lines(m)
	for _, want := range []string{
		".hyp.text 0x8-0xc code  out/a.o", ".hyp.text 0xc-0x10 padding  ", ".hyp.text 0x10-0x14 function __p_g out/b.o",
		".debug_info 0x0-0x3 data  out/a.o", ".debug_info 0x3-0x4 padding  ",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, strings.Join(got, "\n"))
		}
	}
}

// A section that is not in the map, as one that was renamed after the link, has no
// padding: nothing is known of it.
func TestSectionOutsideTheMap(t *testing.T) {
	link := &layout.Layout{Schema: layout.Schema, Sections: []layout.Section{{Name: ".text", Size: 32, Inputs: []layout.Input{{Size: 32, File: "a.o", Section: ".text"}}}}}
	m, err := Of(parse(t, sample), layout.Options{Map: link})
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Items {
		if m.Items[i].Kind == Padding {
			t.Errorf("padding: %s", lines(m)[i])
		}
	}
}

// Each byte of each section is in one item, whatever the symbols are.
func TestSums(t *testing.T) {
	text := sample + `symbol huge LOCAL FUNC .hyp.text+0x4 size=0xffffffffffffffff
symbol after LOCAL FUNC .hyp.text+0x20 size=4
symbol same LOCAL FUNC .hyp.text+0x0 size=8
symbol one LOCAL NOTYPE .hyp.rodata+0x0
symbol two LOCAL NOTYPE .hyp.rodata+0x3
`
	m, err := Of(parse(t, text), layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range m.Object.Sections {
		if s == nil {
			continue
		}
		items, first := m.Of(elfobj.SectionIndex(i))
		end := uint64(0)
		for n := range items {
			if items[n].Start != end || items[n].End <= end {
				t.Errorf("%s: item %d is from %#x to %#x, after %#x", s.Name, n, items[n].Start, items[n].End, end)
			}
			end = items[n].End
			if got := m.At(elfobj.SectionIndex(i), items[n].Start); got != first+n {
				t.Errorf("%s+%#x is in item %d, want %d", s.Name, items[n].Start, got, first+n)
			}
		}
		if end != s.Size {
			t.Errorf("%s: the items end at %#x, want %#x", s.Name, end, s.Size)
		}
		if got := m.At(elfobj.SectionIndex(i), s.Size); got != first+len(items)-1 {
			t.Errorf("the end of %s is in item %d", s.Name, got)
		}
		if got := m.At(elfobj.SectionIndex(i), s.Size+1); got != -1 {
			t.Errorf("after the end of %s is item %d", s.Name, got)
		}
	}
	if got := m.At(0, 0); got != -1 {
		t.Errorf("no section has item %d", got)
	}
	if got := Loaded(m.Object); got != 32+12+8+24 {
		t.Errorf("loaded: %d", got)
	}
	if got := Add(math.MaxUint64-1, 2); got != math.MaxUint64 {
		t.Errorf("sum: %d", got)
	}
}
