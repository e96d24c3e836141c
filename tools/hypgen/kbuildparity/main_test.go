// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

const sample = `machine AArch64
section .text PROGBITS AX align=4
  1f2003d5 c0035fd6
section .debug_info PROGBITS - align=1
  01020304
symbol a.c LOCAL FILE ABS
symbol $x LOCAL NOTYPE .text+0x0
symbol first GLOBAL FUNC .text+0x0 size=4
symbol second GLOBAL FUNC .text+0x4 size=4
`

var (
	otherDebug = strings.Replace(sample, "01020304", "01020305", 1)
	otherCode  = strings.Replace(sample, "1f2003d5", "1f2004d5", 1)
	otherOrder = strings.Replace(strings.Replace(sample, "symbol second GLOBAL FUNC .text+0x4 size=4\n", "", 1), "symbol first", "symbol second GLOBAL FUNC .text+0x4 size=4\nsymbol first", 1)
)

// put writes an object.
func put(t *testing.T, name, text string) {
	t.Helper()
	o, err := elftext.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := o.WriteFile(name); err != nil {
		t.Fatal(err)
	}
}

func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "tree/arch/arm64/kvm/hyp/nvhe/a.nvhe.o", sample)
	put(t, "tree/arch/arm64/kvm/hyp/b.nvhe.o", sample)
	put(t, "tree/arch/arm64/lib/c.nvhe.o", sample)
	put(t, "tree/lib/d.nvhe.o", sample)
	put(t, "tree/arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o", sample)
	put(t, "same/a.nvhe.o", sample)
	put(t, "same/b.nvhe.o", sample)
	put(t, "default/c.hyp.o", sample)
	put(t, "default/d.hyp.o", sample)
	put(t, "debug/a.nvhe.o", otherDebug)
	put(t, "debug/b.nvhe.o", sample)
	put(t, "code/a.nvhe.o", otherCode)
	put(t, "order/a.nvhe.o", otherOrder)
	put(t, "order/hyp.o", otherOrder)
	put(t, "unknown/e.nvhe.o", sample)
	put(t, "tree/arch/arm64/kernel/pi/a.nvhe.o", sample)
	if err := os.MkdirAll("empty", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("damaged", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("damaged/a.nvhe.o", []byte("\x7fELF"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"same tree", 0, "2 of 2 objects: identical byte for byte\n"},
		{"same/a.nvhe.o default tree", 0, "3 of 3 objects: identical byte for byte\n"},
		{"debug tree", 1, "1 of 2 objects: identical byte for byte\n1 of 2 objects: equal without debug information\nDebug information has"},
		{"-without-debug debug tree", 0, "1 of 2 objects: identical byte for byte\n1 of 2 objects: equal without debug information\n"},
		{"code tree", 1, "function first of a.c: 1 instruction differs"},
		{"-without-debug code tree", 1, "1 of 1 objects: different"},
		{"-linked order/hyp.o same tree", 0, "2 of 3 objects: identical byte for byte\n1 of 3 objects: equal apart from the order"},
		{"-linked order/hyp.o tree", 0, "1 of 1 objects: equal apart from the order"},
		{"-linked code/a.nvhe.o tree", 1, "function first of a.c: 1 instruction differs"},
		{"-linked debug/a.nvhe.o tree", 1, "1 of 1 objects: equal without debug information"},
		{"order/a.nvhe.o tree", 1, "symbol-order: 1 symbol moved"},
		{"unknown tree", 1, "no e.nvhe.o in tree; run `make"},
		{"damaged tree", 1, "damaged/a.nvhe.o"},
		{"empty tree", 1, "empty: no objects (*.o)"},
		{"missing tree", 1, "missing: no such file"},
		{"-linked missing.o tree", 1, "missing.o: no such file"},
		{"-dir arch/arm64/kernel/pi order/a.nvhe.o tree", 0, "1 of 1 objects: equal apart from the order"},
		{"-dir arch/arm64/kernel/pi code/a.nvhe.o tree", 1, "function first of a.c: 1 instruction differs"},
		{"-dir arch/arm64/kernel/pi/ same/b.nvhe.o tree", 1, "no b.nvhe.o in tree/arch/arm64/kernel/pi; run `make arch/arm64/kernel/pi/` there"},
		{"tree", 2, "no TREE or no objects"},
		{"", 2, "no TREE or no objects"},
		{"-kernel=6.1 same tree", 2, "flag provided but not defined: -kernel"},
		{"-help", 0, "-without-debug"},
	} {
		var out bytes.Buffer
		code := run(strings.Fields(test.args), &out, &out)
		if code != test.code || !strings.Contains(out.String(), test.want) {
			t.Errorf("%s: exit code %d, want %d; got\n%s\nwant %s", test.args, code, test.code, out.String(), test.want)
		}
	}
	// Paths are relative to the directory that Bazel was called in.
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("BUILD_WORKING_DIRECTORY", dir)
	t.Chdir(t.TempDir())
	var out bytes.Buffer
	if code := run([]string{"-linked", "same/a.nvhe.o", "same", "tree"}, &out, &out); code != 0 {
		t.Errorf("from another directory: exit code %d\n%s", code, out.String())
	}
}
