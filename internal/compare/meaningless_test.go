// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/golden"
)

const (
	beforeBSS   = "section .hyp.bss NOBITS"
	emptyText   = "section .text PROGBITS AX align=1\n"
	emptyData   = "section .more PROGBITS WA align=1\n"
	hypText     = "symbol [.hyp.text] LOCAL SECTION"
	textSymbol  = "symbol [.text] LOCAL SECTION .text+0x0\n"
	hostObject  = "symbol __kvm_nvhe_host.hyp.o LOCAL FILE"
	switchC     = "symbol __kvm_nvhe_switch.c LOCAL FILE"
	hostSymbols = hostObject + " ABS\n"
	hypBSS      = "section .hyp.bss NOBITS WA align=8 size=8\n"
	twins       = "section .twin PROGBITS A align=1\n  01\nsection .data.x PROGBITS A align=1\n  02\nsection .twin PROGBITS A align=1\n  03\n"
	swapped     = "section .twin PROGBITS A align=1\n  01\nsection .twin PROGBITS A align=1\n  03\nsection .data.x PROGBITS A align=1\n  02\n"
)

func with(s, more string) []string { return []string{s, more + s} }

// Differences without meaning are counted by kind, in both directions, and count as differences in a strict comparison.
func TestMeaningless(t *testing.T) {
	for name, test := range map[string]struct {
		edits []string
		want  map[string]int
	}{
		"encoding":                           {nil, map[string]int{"encoding": 1}},
		"a section symbol that nothing uses": {[]string{"symbol [__bug_table] LOCAL SECTION __bug_table+0x0\n", ""}, map[string]int{"encoding": 1}},
		"empty sections": {
			slices.Concat(with(beforeBSS, emptyText+"section .bss NOBITS WA align=1 size=0\n"), with(hypText, textSymbol+"symbol [.bss] LOCAL SECTION .bss+0x0\n")),
			map[string]int{"empty-sections": 2},
		},
		"an empty section without a symbol": {with(beforeBSS, emptyText), map[string]int{"empty-sections": 1}},
		"object names":                      {[]string{hostObject, "symbol __kvm_nvhe_host.nvhe.o LOCAL FILE"}, map[string]int{"object-names": 1}},
		"object names without a middle":     {[]string{hostObject, "symbol __kvm_nvhe_host.o LOCAL FILE"}, map[string]int{"object-names": 1}},
		"a section elsewhere":               {[]string{hypBSS, "", "section __bug_table", hypBSS + "section __bug_table"}, map[string]int{"section-order": 1}},
		"a section elsewhere, and an empty section": {
			[]string{hypBSS, "", "section __bug_table", emptyText + hypBSS + "section __bug_table"},
			map[string]int{"section-order": 1, "empty-sections": 1},
		},
		"a symbol elsewhere": {
			[]string{"symbol __kvm_nvhe_vectors GLOBAL NOTYPE UND\n", "", "symbol __kvm_nvhe_host_call", "symbol __kvm_nvhe_vectors GLOBAL NOTYPE UND\nsymbol __kvm_nvhe_host_call"},
			map[string]int{"symbol-order": 1},
		},
		"both": {
			slices.Concat(with(beforeBSS, emptyText), []string{hostObject, "symbol __kvm_nvhe_host.nvhe.o LOCAL FILE"}),
			map[string]int{"empty-sections": 1, "object-names": 1},
		},
	} {
		text := string(golden.Read(t, "hyp.txt"))
		edited := golden.Edit(t, text, test.edits...)
		for _, pair := range [][2]string{{text, edited}, {edited, text}} {
			r, err := Run(parse(t, "a.o", pair[0]), parse(t, "b.o", pair[1]), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !r.Equal || r.Identical || !maps.Equal(r.Meaningless, test.want) {
				t.Errorf("%s: equal %v, %v, want %v:\n%s", name, r.Equal, r.Meaningless, test.want, strings.Join(lines(t, r), "\n"))
			}
			for kind := range test.want {
				if got := lines(t, r)[0]; !strings.Contains(got, kind+" ") {
					t.Errorf("%s: got %q, want %s in it", name, got, kind)
				}
			}
			r, err = Run(parse(t, "a.o", pair[0]), parse(t, "b.o", pair[1]), Options{Strict: true})
			if err != nil {
				t.Fatal(err)
			}
			if r.Equal || len(r.Meaningless) > 0 {
				t.Errorf("%s: strict: equal %v, %v", name, r.Equal, r.Meaningless)
			}
		}
	}
}

// What looks like a difference without meaning but is none is reported, in both directions.
func TestMeaning(t *testing.T) {
	reference := "+0x0 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.idmap.text+8"
	for name, test := range map[string]struct {
		base, edits []string
	}{
		"contents":               {nil, with(beforeBSS, "section .text PROGBITS AX align=1\n  1f2003d5\n")},
		"size without contents":  {nil, with(beforeBSS, "section .bss NOBITS WA align=1 size=8\n")},
		"alignment":              {nil, with(beforeBSS, "section .text PROGBITS AX align=2048\n")},
		"flags":                  {nil, with(beforeBSS, "section .text PROGBITS WAX align=1\n")},
		"type":                   {nil, with(beforeBSS, "section .bss PROGBITS WA align=1\n")},
		"another name":           {nil, with(beforeBSS, emptyData)},
		"a second one":           {nil, with(beforeBSS, "section .data PROGBITS WA align=1\n")},
		"a symbol":               {nil, slices.Concat(with(beforeBSS, emptyText), with(hostSymbols, "symbol __kvm_nvhe_start LOCAL NOTYPE .text+0x0\n"))},
		"a global symbol":        {nil, slices.Concat(with(beforeBSS, emptyText), with("symbol __kvm_nvhe_vectors", "symbol __kvm_nvhe_start GLOBAL NOTYPE .text+0x0\n"))},
		"a mapping symbol":       {nil, slices.Concat(with(beforeBSS, emptyText), with(hostSymbols, "symbol __kvm_nvhe_$x LOCAL NOTYPE .text+0x0\n"))},
		"a relocation":           {nil, slices.Concat(with(beforeBSS, emptyText), with(hypText, textSymbol), []string{reference, "+0x0 R_AARCH64_PREL32 [.text]+8"})},
		"a group":                {nil, slices.Concat(with(beforeBSS, emptyText), with("symbol [.hyp.idmap.text]", "group __kvm_nvhe_entry COMDAT .text\n"))},
		"SHF_LINK_ORDER":         {nil, with(beforeBSS, emptyText+"section .order PROGBITS AL align=1 order=.text\n  01\n")},
		"the object's name":      {nil, []string{hostObject, "symbol __kvm_nvhe_guest.hyp.o LOCAL FILE"}},
		"the source's suffix":    {nil, []string{switchC, "symbol __kvm_nvhe_switch.S LOCAL FILE"}},
		"an object for a source": {nil, []string{switchC, "symbol __kvm_nvhe_switch.o LOCAL FILE"}},
		"two suffixes": {
			[]string{switchC, "symbol __kvm_nvhe_switch.hyp.o LOCAL FILE"},
			[]string{switchC, "symbol __kvm_nvhe_switch.nvhe.o LOCAL FILE", hostObject, "symbol __kvm_nvhe_host.o LOCAL FILE"},
		},
		"one suffix of two": {
			[]string{switchC, "symbol __kvm_nvhe_switch.hyp.o LOCAL FILE"},
			[]string{switchC, "symbol __kvm_nvhe_switch.hyp.o LOCAL FILE", hostObject, "symbol __kvm_nvhe_host.nvhe.o LOCAL FILE"},
		},
		"the symbols of a source": {nil, []string{hostSymbols, "", "symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.text+0x90\n", hostSymbols + "symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.text+0x90\n"}},
		"the symbols of a source, with another suffix": {nil, []string{
			hostSymbols, "", "symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.text+0x90\n",
			"symbol __kvm_nvhe_host.nvhe.o LOCAL FILE ABS\nsymbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.text+0x90\n",
		}},
		"sources in another order":              {nil, []string{switchC, "symbol other", hostObject, switchC, "symbol other", hostObject}},
		"a section elsewhere, and another flag": {nil, []string{hypBSS, "", "section __bug_table PROGBITS WA", hypBSS + "section __bug_table PROGBITS A"}},
		"a section elsewhere, and more code":    {nil, []string{hypBSS, "", "section __bug_table", hypBSS + "section __bug_table", "c0035fd6 df3f03d5", "df3f03d5 c0035fd6"}},
		// A linker script cannot tell them apart.
		"sections of one name": {with("section __bug_table", twins), with("section __bug_table", swapped)},
	} {
		text := string(golden.Read(t, "hyp.txt"))
		base, edited := golden.Edit(t, text, test.base...), golden.Edit(t, text, test.edits...)
		for _, pair := range [][2]string{{base, edited}, {edited, base}} {
			r, err := Run(parse(t, "a.o", pair[0]), parse(t, "b.o", pair[1]), Options{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if r.Equal {
				t.Errorf("%s: equal: %v", name, r.Meaningless)
			}
		}
	}
}

// A local symbol that comes after another source's symbol is named, even if everything else is ignored.
func TestOwners(t *testing.T) {
	r := compareEdited(t, Options{Ignore: []string{"symbol-order", "encoding"}}, hostSymbols, "",
		"symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.text+0x90\n", hostSymbols+"symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.text+0x90\n")
	want := "file-symbols: 1 local symbol of another source, the first: panic from host.hyp.o to switch.c"
	if got := lines(t, r); !slices.Contains(got, want) {
		t.Errorf("got\n%s\nwant %s", strings.Join(got, "\n"), want)
	}
}

func TestSuffixes(t *testing.T) {
	for _, test := range []struct {
		x, y, sx, sy string
		ok           bool
	}{
		{"a.hyp.o", "a.nvhe.o", ".hyp.o", ".nvhe.o", true},
		{"a.o", "a.nvhe.o", ".o", ".nvhe.o", true},
		{"a.nvx.o", "a.nvhe.o", ".nvx.o", ".nvhe.o", true},
		{"x.y.hyp.o", "x.y.o", ".hyp.o", ".o", true},
		{"a.hyp.o", "a.hyp.o", "", "", false},
		{"a.hyp.o", "b.hyp.o", "", "", false},
		{"a.o", "ab.o", "", "", false},
		{".hyp.o", ".nvhe.o", "", "", false},
		{"a.x.y.o", "a.o", "", "", false},
		{"", "a.o", "", "", false},
		{"a.c", "a.S", "", "", false},
	} {
		sx, sy, ok := suffixes(test.x, test.y)
		if ok != test.ok || ok && (sx != test.sx || sy != test.sy) {
			t.Errorf("suffixes(%q, %q) = %q, %q, %v", test.x, test.y, sx, sy, ok)
		}
	}
}
