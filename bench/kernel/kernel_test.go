// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fake is a make and a Bazel that write down what they saw.
const fake = `#!/bin/sh
printf '%s %s\n' "$(basename "$0")" "$*" >>"$LOG"
cat "$TREE"/arch/arm64/kvm/hyp/nvhe/mm.c >>"$LOG"
`

// The program works: both build the same edit, each time another one, and the tree is as it was.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	tree := filepath.Join(dir, "tree")
	source := filepath.Join(tree, "arch/arm64/kvm/hyp/nvhe/mm.c")
	if err := os.MkdirAll(filepath.Dir(source), 0o755); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{source: "int mm;\n", filepath.Join(filepath.Dir(source), "mm.nvhe.o"): "", filepath.Join(dir, "make"): fake, filepath.Join(dir, "bazel"): fake}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	log := filepath.Join(dir, "log")
	t.Setenv("LOG", log)
	t.Setenv("TREE", tree)
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	var out, errs bytes.Buffer
	args := []string{"-objects", tree, "-workspace", dir, "-bazel", "bazel --batch", "-runs", "2", "-cases", "one .c,clean without a cache", "CROSS_COMPILE=x-"}
	if err := run(args, &out, &errs); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "| clean without a cache |") {
		t.Errorf("got\n%s\nwant both cases", out.String())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(source), "*.o")); len(left) != 0 {
		t.Errorf("a clean build starts with %q", left)
	}
	// Each of rules_hyp's actions runs in such a build, and none in the one that fills the cache.
	if got := strings.Count(string(text), " --modify_execution_info=^Hyp.*=+no-cache "); got != 2 {
		t.Errorf("got\n%s\nwith %d builds without results, want 2", text, got)
	}
	if want := "build --disk_cache=" + filepath.Join(dir, ".bench-cache") + " //hypervisor:hyp_o\n"; strings.Count(string(text), want) != 1 {
		t.Errorf("got\n%s\nwant %q in it once", text, want)
	}
	for _, part := range []string{"make -s -j2 ARCH=arm64 -C " + tree + " CROSS_COMPILE=x- arch/arm64/kvm/hyp/nvhe/\n", "bazel --batch build"} {
		if !strings.Contains(string(text), part) {
			t.Errorf("got\n%s\nwant %q in it", text, part)
		}
	}
	edits := map[string]int{}
	for _, edit := range regexp.MustCompile(`return n \+ \d+;`).FindAllString(string(text), -1) {
		edits[edit]++
	}
	for edit, n := range edits {
		if n != 2 {
			t.Errorf("got edit %q in %d builds, want kbuild's and Bazel's", edit, n)
		}
	}
	if len(edits) != 2 {
		t.Errorf("got %d edits, want one for each run", len(edits))
	}
	if got, _ := os.ReadFile(source); string(got) != "int mm;\n" {
		t.Errorf("the source is left as %q", got)
	}
	if !strings.Contains(out.String(), "| one .c | 0.0") || strings.Contains(out.String(), "nothing changed") {
		t.Errorf("got\n%s\nwant the cases asked for", out.String())
	}
}

func TestErrors(t *testing.T) {
	var out, errs bytes.Buffer
	if err := run(nil, &out, &errs); err == nil || !strings.Contains(err.Error(), "-objects and -workspace") {
		t.Errorf("no options: got %v", err)
	}
	if err := run([]string{"-objects", "x", "-workspace", "y", "-cases", "none"}, &out, &errs); err == nil || !strings.Contains(err.Error(), `no case "none"`) {
		t.Errorf("an unknown case: got %v", err)
	}
	if err := run([]string{"-objects", "x", "-workspace", t.TempDir(), "-bazel", "false", "-cases", "one .c"}, &out, &errs); err == nil {
		t.Error("a tree that is not there: no error")
	}
}
