// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"slices"
	"strings"
	"testing"
)

// files makes the files of a case: a path, its text, the next path …
func files(pathsAndTexts ...string) []File {
	var made []File
	for pair := range slices.Chunk(pathsAndTexts, 2) {
		made = append(made, File{pair[0], []byte(pair[1])})
	}
	return made
}

// A ruleCase is files for one rule, and what the rule finds in them.
type ruleCase struct {
	rule, name string
	files      []File
	faults     []string
}

var cases = []ruleCase{
	{"gofmt", "formatted", files("a.go", "package a\n", "a.txt", "package  a"), nil},
	{"gofmt", "blanks", files("a.go", "package  a\n"), []string{"a.go: not formatted; run gofmt -w on it"}},
	{"gofmt", "syntax", files("b/a.go", "package a\n\nfunc {\n"), []string{"b/a.go: 3:6: expected 'IDENT', found '{'"}},

	{"length", "as long as may be", files("a.go", lines(499), "a.bzl", lines(299), "a.sh", lines(299), "a.md", lines(1000)), nil},
	{"length", "Go", files("a.go", lines(500)), []string{"a.go: 500 lines, at most 499; split it by concern"}},
	{"length", "Starlark", files("a/a.bzl", lines(300)), []string{"a/a.bzl: 300 lines, at most 299; split it by concern"}},
	{"length", "shell by its name", files("a.sh", lines(300)), []string{"a.sh: 300 lines, at most 299; split it by concern"}},
	{"length", "shell by its first line", files("a", "#!/usr/bin/env bash"+lines(300)), []string{"a: 300 lines, at most 299; split it by concern"}},

	{"links", "to what exists", files("docs/a.md", "[a](a.md) [b](../b/) [c](c/d.md#e) [f](https://github.com) [g](#g)\n", "b/b.go", "", "docs/c/d.md", ""), nil},
	{"links", "to nothing", files("docs/a.md", "\n[a](a.md), [b](b.md#b)\n"), []string{"docs/a.md:2: links to docs/b.md, which does not exist"}},

	{"machines", "where they belong", files("internal/machine/a.go", "package a\n\nvar a = elf.EM_AARCH64\n", "internal/link/a_test.go",
		"package a\n\nvar a = elf.EM_RISCV\n", "tests/a/a.go", "package a\n\nvar a = elf.EM_X86_64\n", "internal/link/a.go", "package a // elf.EM_RISCV\n"), nil},
	{"machines", "elsewhere", files("internal/link/a.go", "package a\n\nvar a = elf.EM_AARCH64\n", "tools/a/a.go", "package a\n\nvar a = []int{elf.EM_X86_64,\n\telf.EM_RISCV}\n"), []string{
		"internal/link/a.go:3: names EM_AARCH64; have internal/machine say what differs between machines",
		"tools/a/a.go:3: names EM_X86_64; have internal/machine say what differs between machines",
		"tools/a/a.go:4: names EM_RISCV; have internal/machine say what differs between machines",
	}},
	{"machines", "syntax", files("internal/link/a.go", "package\n"), []string{"internal/link/a.go: 1:9: expected 'IDENT', found 'EOF'"}},

	{"prose", "a phrase", files("a.md", "a\nin the fol"+"der\n"), []string{`a.md:2: "fol` + `der"; write "directory"`}},

	{"shape", "as it should be", files("a.md", "a\n\nb\n", "empty.txt", "", "a.patch", "\x00 \n\n", "testdata/a.txt", " \n\n", "a.go", "x \n"), nil},
	{"shape", "binary", files("a", "a\x00b"), []string{"a: is binary; remove it, or move it below a directory testdata"}},
	{"shape", "carriage return", files("a.md", "a\rb\n"), []string{"a.md: has a carriage return"}},
	{"shape", "no newline", files("a.md", "a"), []string{"a.md: does not end with exactly one newline"}},
	{"shape", "empty line at the end", files("a.md", "a\n\n"), []string{"a.md: does not end with exactly one newline"}},
	{"shape", "blanks", files("a.md", "a\nb \nc\t\n"), []string{"a.md:2: blanks at the end of the line", "a.md:3: blanks at the end of the line"}},

	{"words", "allowed", files("a.md", "https://github.com/a and docs//root/a\n", "testdata/a.txt", "TO"+"DO\n"), nil},
	{"words", "unfinished", files("a.go", "a\n// FIX"+"ME: a\n"), []string{"a.go:2: FIX" + "ME: finish it or leave it out"}},
	{"words", "path of a machine", files("a.sh", "x=/ro"+"ot/a\n"), []string{"a.sh:1: names a path of one machine; write it without"}},
	{
		"words", "host", files("a.bzl", "http"+"s://mirror.example.net/a\n"),
		[]string{"a.bzl:1: names the host mirror.example.net, which is not one of the public hosts in tests/lint/words.go"},
	},

	{"bugs", "all tested", files(bugsPage, bugTable("`link: TestBug`"), "internal/link/a_test.go", "func TestBug(t"+" *testing.T) { \"\" }\n"), nil},
	{"bugs", "case and golden file", files(bugsPage, bugTable("`link: TestBug/of_old`", "`link: bug-…`"),
		"internal/link/a_test.go", "func TestBug(t"+" *testing.T) { \"of old\" }\n", "internal/link/testdata/bug-of-old.txt", ""), nil},
	{
		"bugs", "no such function", files(bugsPage, bugTable("`link: TestBug`"), "internal/other/a_test.go", "func TestBug(t"+" *testing.T)\n"),
		[]string{"docs/linker.md: bug: TestBug is not in internal/link"},
	},
	{
		"bugs", "no such case", files(bugsPage, bugTable("`link: TestBug/new`"), "internal/link/a_test.go", "func TestBug(t"+" *testing.T) { \"old\" }\n"),
		[]string{"docs/linker.md: bug: TestBug/new is not in internal/link"},
	},
	{
		"bugs", "a row without a test", files(bugsPage, bugTable("`link: TestBug`", "none")),
		[]string{"docs/linker.md: 3 rows, 1 of which name a test; all but the heading must, in the form `package: Test`"},
	},
	{
		"bugs", "no table", files(bugsPage, "# Linker\n"),
		[]string{"docs/linker.md: 0 rows, 0 of which name a test; all but the heading must, in the form `package: Test`"},
	},
}

func lines(n int) string { return strings.Repeat("\n", n) }

// bugTable makes a page with a bug for each of the tests.
func bugTable(tests ...string) string {
	table := bugsHeading + "\n| bug | what happened | test |\n|---|---|---|\n"
	for _, test := range tests {
		table += "| bug | broke | " + test + " |\n"
	}
	return table
}

func TestRules(t *testing.T) {
	rules := map[string]Rule{}
	for _, rule := range Rules {
		rules[rule.Name] = rule
	}
	found := map[string]bool{}
	for _, c := range slices.Concat(cases, layerCases, architectureCases, errorCases) {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			var faults []string
			for _, fault := range rules[c.rule].Check(c.files) {
				faults = append(faults, fault.String())
			}
			if !slices.Equal(faults, c.faults) {
				t.Errorf("found %q, want %q", faults, c.faults)
			}
			found[c.rule] = found[c.rule] || len(faults) > 0
		})
	}
	for _, rule := range Rules {
		if !found[rule.Name] {
			t.Errorf("no case here breaks the rule %s; add one", rule.Name)
		}
	}
}
