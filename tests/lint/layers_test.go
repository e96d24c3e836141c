// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"slices"
	"testing"
)

// imports makes a file of the package in dir that imports the packages.
func imports(dir, file string, packages ...string) []File {
	text := "package x\n\nimport (\n\t\"fmt\"\n"
	for _, p := range packages {
		text += "\t\"" + module + p + "\"\n"
	}
	return files(dir+"/"+file, text+")\n")
}

var layerCases = []ruleCase{
	{"layers", "down", slices.Concat(
		imports("internal/link", "a.go", "internal/elfobj", "internal/fileio", "internal/ldscript"),
		imports("internal/elfobj", "a.go", "internal/fileio", "internal/machine"),
		imports("internal/ldscript", "a.go", "internal/glob"),
		imports("internal/kernel/kbuild", "a.go", "internal/kernel/shell", "internal/glob"),
		imports("internal/fileio", "a.go", "internal/errcode"),
		imports("internal/kernel/tree", "a.go", "internal/errcode"),
		imports("internal/golden", "a.go", "internal/link"),
		imports("internal/hyprel", "a_test.go", "internal/check", "internal/golden", "tests/elfdump"),
		imports("tools/hyplink", "main.go", "internal/link"),
		imports("tests/cli", "a_test.go", "internal/link", "tests/program"),
	), nil},
	{"layers", "testdata is no package", files("internal/link/testdata/a.go", "package\n"), nil},
	{"layers", "up", imports("internal/elfobj", "a.go", "internal/machine", "internal/link"), []string{
		`internal/elfobj/a.go:6: internal/elfobj imports internal/link, which is not in a lower layer ("the formats: an ELF object, a linker ` +
			`script" and "what puts those together"); move what both need further down`,
	}},
	{"layers", "sideways", imports("internal/link", "a.go", "internal/check"), []string{
		`internal/link/a.go:5: internal/link imports internal/check, which is not in a lower layer ("what puts those together" and ` +
			`"what puts those together"); move what both need further down`,
	}},
	{"layers", "in the ground", imports("internal/fileio", "a.go", "internal/parallel"), []string{
		`internal/fileio/a.go:5: internal/fileio imports internal/parallel, which is not in a lower layer ("the ground, which imports nothing ` +
			`else of ours" and "the ground, which imports nothing else of ours"); move what both need further down`,
	}},
	{"layers", "below the ground", imports("internal/errcode", "a.go", "internal/fileio"), []string{
		`internal/errcode/a.go:5: internal/errcode imports internal/fileio, which is not in a lower layer ("identifiers of errors, which everything ` +
			`may have" and "the ground, which imports nothing else of ours"); move what both need further down`,
	}},
	{"layers", "no arrow", imports("internal/link", "a.go", "internal/rename"), []string{
		"internal/link/a.go:5: internal/link imports internal/rename, which is new; if it has to, add it to arrows in tests/lint/layers_table.go",
	}},
	{"layers", "arrow without an import", slices.Concat(imports("internal/inputs", "a.go"), imports("internal/archive", "a.go")), []string{
		"tests/lint/layers_table.go: inputs no longer imports archive; remove that from arrows",
	}},
	{"layers", "unknown package", imports("internal/novel/deep", "a.go", "internal/link"), []string{
		"internal/novel/deep/a.go:1: internal/novel/deep is in no layer; add it to tests/lint/layers_table.go",
	}},
	{"layers", "kernel trees and ELF", slices.Concat(
		imports("internal/kernel/tree", "a.go", "internal/elfobj"), imports("internal/link", "a.go", "internal/kernel/tree")), []string{
		"internal/kernel/tree/a.go:5: internal/kernel/tree imports internal/elfobj: kernel trees and ELF objects do not know each other",
		"internal/link/a.go:5: internal/link imports internal/kernel/tree: kernel trees and ELF objects do not know each other",
	}},
	{"layers", "a helper of tests", imports("internal/link", "a.go", "internal/golden"), []string{
		"internal/link/a.go:5: internal/link imports internal/golden, which is for tests",
	}},
	{"layers", "out of internal", imports("internal/link", "a.go", "tests/elfdump"), []string{
		"internal/link/a.go:5: internal/link imports tests/elfdump; internal/ imports only internal/",
	}},
	{"layers", "a package of a program", slices.Concat(imports("internal/link", "a_test.go", "tools/hyplink/x"), imports("bench", "a.go", "tools/hypgen")), []string{
		"internal/link/a_test.go:5: imports tools/hyplink/x, which is a program's own; move what both need to internal/",
		"bench/a.go:5: imports tools/hypgen, which is a program's own; move what both need to internal/",
	}},
	{"layers", "exported by main", files("tools/a/main.go", "package main\n\ntype A int\n\nfunc (A) String() string { return \"\" }\n\nvar b, C = 1, 2\n\nfunc D() {}\n",
		"tools/a/main_test.go", "package main\n\nfunc TestA() {}\n", "tools/a/b/b.go", "package b\n\nfunc B() {}\n"), []string{
		"tools/a/main.go:3: A is exported by a main package, where nothing can import it; write it in lower case",
		"tools/a/main.go:7: C is exported by a main package, where nothing can import it; write it in lower case",
		"tools/a/main.go:9: D is exported by a main package, where nothing can import it; write it in lower case",
	}},
	{"layers", "syntax", files("internal/link/a.go", "package\n"), []string{"internal/link/a.go: 1:9: expected 'IDENT', found 'EOF'"}},
}

// TestLayersTable checks that the table says one thing: each package has one
// place, and arrows point down.
func TestLayersTable(t *testing.T) {
	seen := map[string]bool{}
	for _, stack := range stacks {
		for _, layer := range stack {
			for _, name := range layer.packages {
				if seen[name] || slices.Contains(testPackages, name) {
					t.Errorf("%s is listed twice", name)
				}
				seen[name] = true
			}
		}
	}
	for from, list := range arrows {
		for _, to := range list {
			fromStack, fromHeight := find(from)
			toStack, toHeight := find(to)
			if fromHeight < 0 || toHeight < 0 || fromStack != toStack || toHeight >= fromHeight {
				t.Errorf("arrows: %s to %s does not point down", from, to)
			}
			if why := mayImport(from, to); why != "" {
				t.Errorf("arrows: %s", why)
			}
		}
	}
}
