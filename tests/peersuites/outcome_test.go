// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettle(t *testing.T) {
	for _, c := range []struct {
		name   string
		ok     bool
		calls  []call
		status status
		detail string
	}{
		{"passes", true, []call{{Code: 0}}, passes, ""},
		{"not called", true, nil, notApplicable, "does not come to a partial link"},
		{"another output", false, []call{{Code: 0}}, fails, "another result"},
		{"refused", false, []call{{Code: 0}, {Code: 1, Stderr: "a.o: bad\nmore\n"}}, fails, "refused: a.o: bad"},
		{"refused as wanted", true, []call{{Code: 1, Stderr: "a.o: bad\n"}}, passes, ""},
		{"option", false, []call{{Code: 2, Stderr: "hyplink ld: option --gc-sections is not taken; use GNU ld\n"}}, notApplicable, "not offered: --gc-sections"},
		{"option, wanted to fail", true, []call{{Code: 2, Stderr: "hyplink ld: -z now is not taken; use\n"}}, notApplicable, "not offered: -z now"},
		{"machine", false, []call{{Code: 1, Stderr: "a.o: +0x12: unsupported machine EM_MIPS; supported are\n"}}, notApplicable, "another machine"},
		{"class", false, []call{{Code: 1, Stderr: "a.o: +0x4: ELF class is ELFCLASS32, want ELFCLASS64\n"}}, notApplicable, "32-bit ELF"},
	} {
		got := settle(c.ok, "another result", "", c.calls)
		if got.status != c.status || got.detail != c.detail {
			t.Errorf("%s: %v %q, want %v %q", c.name, got.status, got.detail, c.status, c.detail)
		}
	}
}

func TestJudge(t *testing.T) {
	results := []result{
		{name: "a", outcome: outcome{status: fails}},
		{name: "b", outcome: outcome{status: fails}},
		{name: "c", outcome: outcome{status: passes}},
	}
	reasons := map[string]string{"a": "a divergence", "c": "out of date", "d": "no such test"}
	if got := judge(results, reasons, true); got != 3 {
		t.Errorf("%d problems, want 3: b, c and d", got)
	}
	if got := judge(results, reasons, false); got != 1 {
		t.Errorf("%d problems of a part, want 1: b", got)
	}
	if results[0].reason != "a divergence" {
		t.Error("the reason is lost")
	}
}

// The checked-in list is well-formed, and names only suites that there are.
func TestReasonsFile(t *testing.T) {
	lines := 0
	for _, s := range suites {
		reasons, err := readReasons(s.name)
		if err != nil {
			t.Fatal(err)
		}
		lines += len(reasons)
	}
	for _, line := range strings.Split(reasonsFile, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			lines--
		}
	}
	if lines != 0 {
		t.Errorf("%d lines name no suite", -lines)
	}
}

func TestWriteResults(t *testing.T) {
	document := filepath.Join(t.TempDir(), "results.md")
	if err := os.WriteFile(document, []byte("before\n<!-- lld -->\nold\n<!-- /lld -->\nafter\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	results := []result{
		{name: "a.s"},
		{name: "b.s", outcome: outcome{status: fails}, reason: "kept apart"},
		{name: "c.s", outcome: outcome{status: notApplicable, detail: "not offered: --icf"}},
	}
	if err := writeResults(document, "lld", results); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	want := "before\n<!-- lld -->\n1 pass, 1 differ, 1 are not applicable.\n\nPass: `a.s`.\n\n| differs | why |\n|---|---|\n| `b.s` | kept apart |\n\n" +
		"| not applicable | tests |\n|---|---|\n| not offered: --icf | `c.s` |\n<!-- /lld -->\nafter\n"
	if string(got) != want {
		t.Errorf("got:\n%s", got)
	}
	if err := writeResults(document, "mold", results); err == nil {
		t.Error("a document without a place for the results is taken")
	}
}
