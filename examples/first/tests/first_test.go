// SPDX-License-Identifier: Apache-2.0

package first

import (
	"debug/elf"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// runfile returns the path of a runfile that the environment names.
func runfile(t *testing.T, name string) string {
	t.Helper()
	path := os.Getenv(name)
	if path == "" {
		t.Fatalf("%s is not set; run this by `bazel test`", name)
	}
	return filepath.Join(os.Getenv("TEST_SRCDIR"), path)
}

// block is a file in the documentation: its name in a line that ends with a colon, and its contents in a code block.
var block = regexp.MustCompile("(?m)^`([A-Za-z.]+)`[^`\n]*(?:`[^`\n]*`[^`\n]*)*:\n\n```[a-z]*\n((?s:.*?\n))```$")

// license is the first line of a file of this repository, with the blank line after it.
// What a reader writes has the license of their project.
var license = regexp.MustCompile(`^.*SPDX-License-Identifier: .*\n\n?`)

// The files in docs/first-object.md are those that this directory builds.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile(runfile(t, "DOC"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, m := range block.FindAllStringSubmatch(string(text), -1) {
		documented[m[1]] = m[2]
	}
	for _, name := range []string{"counter.h", "counter.c", "entry.S", "counter.lds.S"} {
		want, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if documented[name] != license.ReplaceAllString(string(want), "") {
			t.Errorf("docs/first-object.md has another %s:\n%s", name, documented[name])
		}
	}
	if documented["MODULE.bazel"] == "" {
		t.Error("docs/first-object.md has no MODULE.bazel")
	}

	// The BUILD file has the target of the beginning, then the three rules, then what is for this test.
	build, err := os.ReadFile(filepath.Join("..", "BUILD.bazel"))
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]string{
		"hyp_cc_object": strings.TrimPrefix(documented["BUILD.bazel"], "load(\"@rules_hyp//rules:defs.bzl\", \"hyp_cc_object\")\n\n"),
		"three rules":   rules.FindString(string(text)),
	} {
		if len(part) < 100 || !strings.Contains(string(build), part) {
			t.Errorf("docs/first-object.md has other %s than BUILD.bazel:\n%s", name, part)
		}
	}
}

// rules matches the three rules in the documentation.
var rules = regexp.MustCompile("(?s)hyp_library\\(\n.*?deps = .*?\n\\)\n")

// The objects have the symbols that the documentation names, and refer to no others.
func TestObject(t *testing.T) {
	for _, variable := range []string{"OBJECT", "BY_SCRIPT"} {
		t.Run(variable, func(t *testing.T) { checkObject(t, runfile(t, variable)) })
	}
}

func checkObject(t *testing.T, path string) {
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range symbols {
		switch elf.ST_TYPE(s.Info) {
		case elf.STT_SECTION, elf.STT_FILE:
			continue
		}
		if s.Section == elf.SHN_UNDEF {
			t.Errorf("%s is undefined", s.Name)
		}
		names = append(names, s.Name)
	}
	for _, want := range []string{"__counter_enter", "__counter_count", "__counter_counters"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s among %v", want, names)
		}
	}
	for _, want := range []string{".hyp.text", ".hyp.bss"} {
		if f.Section(want) == nil {
			t.Errorf("no section %s", want)
		}
	}
}
