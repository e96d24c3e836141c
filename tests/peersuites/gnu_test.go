// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

func TestParseDump(t *testing.T) {
	d := parseDump("#name: a test\n#source: a.s --gdwarf-4\n#source: b.s\n# a comment\n#ld: -r -T a.ld\n#target: x86_64-*-linux* [is_elf_format]\n" +
		"#xfail: riscv*-*-*\n\n#...\nwanted\n#pass\n")
	if got := d.values("source"); len(got) != 2 || got[0] != "a.s --gdwarf-4" || got[1] != "b.s" {
		t.Errorf("sources %q", got)
	}
	if got := d.option("ld"); got != "-r -T a.ld" {
		t.Errorf("ld %q", got)
	}
	if got := strings.Join(d.pattern, "|"); got != "|#...|wanted|#pass|" {
		t.Errorf("pattern %q", got)
	}
	for triple, want := range map[string]bool{
		"x86_64-pc-linux-gnu":       true,
		"aarch64-unknown-linux-gnu": true, // by the procedure
		"riscv64-unknown-linux-gnu": false,
	} {
		if got := d.wants(triple); got != want {
			t.Errorf("%s: wanted %t, want %t", triple, got, want)
		}
	}
}

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		list, triple string
		want         bool
	}{
		{"*-*-linux* *-*-gnu*", "x86_64-pc-linux-gnu", true},
		{"i?86-*-*", "x86_64-pc-linux-gnu", false},
		{"[is_generic]", "x86_64-pc-linux-gnu", false},
		{"[is_elf_format]", "x86_64-pc-linux-gnu", true},
		{"alpha-*-* [check_gc_sections_available]", "aarch64-unknown-linux-gnu", true},
	} {
		if got := matchesTarget(c.list, c.triple); got != c.want {
			t.Errorf("%s in %q: %t, want %t", c.triple, c.list, got, c.want)
		}
	}
}

func TestMatchDump(t *testing.T) {
	for _, c := range []struct {
		name, output, pattern string
		ok                    bool
	}{
		{"equal", "a\nb\n", "a\nb\n", true},
		{"expression", "0000 T main\n", "0+ T main\n", true},
		{"whole lines", "abc\n", "b\n", false},
		{"empty lines", "\na\n\nb\n", "a\n\n\nb\n", true},
		{"skip", "x\ny\na\n", "#...\na\n", true},
		{"skip to the end", "a\nx\n", "a\n#...\n", true},
		{"skip and nothing", "x\ny\n", "#...\na\n", false},
		{"too much", "a\nb\n", "a\n", false},
		{"too little", "a\n", "a\nb\n", false},
		{"pass", "a\nb\n", "a\n#pass\n", true},
		{"optional and there", "a\nb\n", "#?a\nb\n", true},
		{"optional and not there", "b\n", "#?a\nb\n", true},
		{"negated", "a\n", "!b\n", true},
		{"negated and there", "b\n", "!b\n", false},
		{"must fail and does", "x\ny\n", "#failif\n#...\na\n#...\n", true},
		{"must fail and does not", "x\na\n", "#failif\n#...\na\n#...\n", false},
		{"comment", "a\n", "# words\na\n", true},
	} {
		if err := matchDump(c.output, strings.Split(c.pattern, "\n")); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
