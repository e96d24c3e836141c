// SPDX-License-Identifier: Apache-2.0

package paths_test

import (
	"debug/elf"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// output finds the configuration in the path of an output. In debug information a path may start in the middle of a string.
var output = regexp.MustCompile(`bazel-out/([^/\x00]*)`)

// Objects have the same bytes in every configuration, whether Bazel maps paths or not: in their debug information and in __FILE__ the configuration
// of an output is "cfg".
func TestObjectsNameNoConfiguration(t *testing.T) {
	paths := strings.Fields(os.Getenv("OBJECTS"))
	want := []string{"area.hyp.o", "entry.hyp.o", "hyp.o", "leave.hyp.o"}
	names := []string{}
	for _, path := range paths {
		names = append(names, filepath.Base(path))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := output.FindAllSubmatch(data, -1)
		if len(found) == 0 {
			t.Errorf("%s: names no output; compile it with debug information", path)
		}
		for _, match := range found {
			if string(match[1]) != "cfg" {
				t.Errorf("%s: names %s, want bazel-out/cfg", path, match[0])
			}
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, want) {
		t.Errorf("got objects %q, want %q", names, want)
	}
}

// A path in an option is one that the assembler can read, whether Bazel maps paths or not.
func TestOptionNamesAFile(t *testing.T) {
	for _, path := range strings.Fields(os.Getenv("OBJECTS")) {
		if filepath.Base(path) != "hyp.o" {
			continue
		}
		f, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		symbols, err := f.Symbols()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range symbols {
			if s.Name == "__p_blob" && s.Size == uint64(len("four")) {
				return
			}
		}
	}
	t.Error("no object has the file's contents, __p_blob")
}
