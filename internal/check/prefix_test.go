// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
)

// TestOtherSectionPrefix checks the object of testdata/hyp.txt with section names
// that start with .el2, the addresses of which the table must list as well.
func TestOtherSectionPrefix(t *testing.T) {
	text := strings.NewReplacer(".hyp.reloc", ".hyp.reloc", ".hyp.o", ".hyp.o", ".hyp.", ".el2.").Replace(string(golden.Read(t, "hyp.txt")))
	withoutTable := strings.NewReplacer(".hyp.reloc", ".el2.other").Replace(text)
	table := text[strings.Index(text, "section .hyp.reloc"):strings.Index(text, "symbol [")]
	unlisted := strings.Replace(text, table, "section .hyp.reloc PROGBITS A align=1\n", 1)
	for _, c := range []struct {
		name, text, prefix string
		mode               Mode
		want               []string
	}{
		{"listed", text, ".el2", Required, nil},
		{
			"not listed", strings.Replace(text, "__hyp_section_.el2.rodata+8", "__hyp_section_.el2.rodata+0", 1), ".el2", Required,
			[]string{"HYP007 .el2.rodata handlers switch.c -", "HYP007 .hyp.reloc handlers - -"},
		},
		{"another prefix than the sections'", text, ".hyp", Required, nil},
		{"another prefix than the sections', and nothing listed", unlisted, ".hyp", Required, []string{
			"HYP007 .el2.idmap.text entry host.hyp.o -", "HYP007 .el2.rodata handlers switch.c -", "HYP007 .el2.rodata handlers switch.c -",
			"HYP007 .el2.rodata handlers switch.c -", "HYP007 .el2.data..percpu host_data host.hyp.o -",
		}},
		{"no table", withoutTable, ".el2", Required, []string{"HYP007 .el2.idmap.text entry host.hyp.o -"}},
		{"no prefix", text, "", Required, nil},
		{"no prefix and no table", withoutTable, "", Auto, []string{"HYP007 .el2.idmap.text entry host.hyp.o -"}},
		{"no prefix and no relocation at boot", withoutTable, "", Absent, nil},
	} {
		o, err := elftext.Parse("hyp.o", c.text)
		if err != nil {
			t.Fatal(err)
		}
		opts := options()
		opts.SectionPrefix, opts.HypRelocations = c.prefix, c.mode
		opts.AllowedSections = []string{".el2.*"}
		r, err := Run(o, opts)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range r.Findings {
			got = append(got, summary(&r.Findings[i]))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got  %q\nwant %q", c.name, got, c.want)
		}
	}
}
