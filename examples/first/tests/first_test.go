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
	for _, name := range []string{"BUILD.bazel", "counter.h", "counter.c", "entry.S", "counter.lds.S"} {
		want, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSuffix(license.ReplaceAllString(string(want), ""), testsOnly)
		if documented[name] != text {
			t.Errorf("docs/first-object.md has another %s:\n%s", name, documented[name])
		}
	}
	if documented["MODULE.bazel"] == "" {
		t.Error("docs/first-object.md has no MODULE.bazel")
	}
}

// testsOnly is the end of the BUILD file, for this test.
const testsOnly = `
# For the test.
filegroup(
    name = "files",
    srcs = glob(["*"]),
    visibility = ["//examples/first/tests:__pkg__"],
)

filegroup(
    name = "object",
    srcs = [":counter_o"],
    visibility = ["//examples/first/tests:__pkg__"],
)
`

// The object has the symbols that the documentation names, and refers to no others.
func TestObject(t *testing.T) {
	f, err := elf.Open(runfile(t, "OBJECT"))
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
