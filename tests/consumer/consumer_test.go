// SPDX-License-Identifier: Apache-2.0

// Package consumer_test looks at what C rules make of an object, and at the object.
package consumer_test

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file returns the absolute path of a runfile.
func file(path string) string {
	return filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"), path)
}

// A cc_library may have the object in its deps or among its srcs; the program gets all of it, under its own names.
func TestPrograms(t *testing.T) {
	programs := strings.Fields(os.Getenv("PROGRAMS"))
	if len(programs) != 2 {
		t.Fatalf("PROGRAMS has %d programs, want 2; run this by `bazel test`", len(programs))
	}
	for _, program := range programs {
		got, err := exec.Command(file(os.Getenv("QEMU")), file(program)).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", program, err, got)
		}
		// 2 * 5 + 7 of the helper; 11, 13, 17 and 5; one call.
		const want = "6301 -1 1\n"
		if string(got) != want {
			t.Errorf("%s says %q, want %q", program, got, want)
		}
	}
}

// A genrule gets the object, and nothing else.
func TestGenrule(t *testing.T) {
	var contents [2][]byte
	for i, name := range []string{"OBJECT", "COPY"} {
		var err error
		if contents[i], err = os.ReadFile(file(os.Getenv(name))); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(contents[0], contents[1]) {
		t.Error("the genrule's copy differs from the object")
	}
}

// Sections are in the order of the scripts, with what they include in its place.
func TestSections(t *testing.T) {
	f, err := elf.Open(file(os.Getenv("OBJECT")))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var names []string
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC != 0 {
			names = append(names, s.Name)
		}
	}
	if want := []string{".hyp.text", ".hyp.rodata", ".hyp.data", ".hyp.bss"}; !slices.Equal(names, want) {
		t.Errorf("the object has %q, want %q", names, want)
	}
}
