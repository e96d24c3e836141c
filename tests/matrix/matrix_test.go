// SPDX-License-Identifier: Apache-2.0

// Package matrix_test compares the objects of a kernel in one configuration with those that kbuild made of the same tree with the
// same compiler, debug information included.
package matrix_test

import (
	"bytes"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
	"github.com/rules-hyp/rules_hyp/internal/kernel/reference"
)

// fewest is less than the number of sources of the hypervisor in any kernel.
const fewest = 20

// kbuilds returns kbuild's objects by their base names, and the names of those that are made from assembly.
func kbuilds(t *testing.T) (objects map[string][]byte, assembly map[string]bool) {
	t.Helper()
	files, err := reference.Read(os.Getenv("REFERENCE"), func(name string) bool {
		return name == reference.Linked || strings.HasSuffix(name, reference.ObjectSuffix) || path.Ext(name) == ".S"
	})
	if err != nil {
		t.Fatalf("%v; run this by `bazel test`", err)
	}
	objects, assembly = map[string][]byte{}, map[string]bool{}
	for name, text := range files {
		base := path.Base(name)
		if stem, ok := strings.CutSuffix(base, ".S"); ok {
			assembly[stem+reference.ObjectSuffix] = true
			continue
		}
		if objects[base] != nil {
			t.Fatalf("two objects %s of kbuild", base)
		}
		objects[base] = text
	}
	if len(objects) < fewest {
		t.Fatalf("got %d objects of kbuild, want at least %d", len(objects), fewest)
	}
	return objects, assembly
}

// assemblyNames tells whether the names of assembly files in debug information are Bazel's.
func assemblyNames() bool { return os.Getenv("ASSEMBLY_NAMES") != "" }

func TestObjects(t *testing.T) {
	want, assembly := kbuilds(t)
	delete(want, path.Base(reference.Linked))
	debug := 0
	for _, name := range strings.Fields(os.Getenv("OBJECTS")) {
		ours, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := path.Base(name)
		theirs, ok := want[base]
		if !ok {
			t.Errorf("kbuild has no object %s", base)
			continue
		}
		delete(want, base)
		if bytes.Contains(theirs, []byte(".debug_info\x00")) {
			debug++
		}
		if assemblyNames() && assembly[base] {
			if report, text := difference(t, base, theirs, ours, compare.Options{Strict: true, Ignore: []string{"debug", "encoding"}}); !report.Equal || report.Ignored["debug"] == 0 {
				t.Errorf("%s differs in more than debug information, or not at all:\n%s", base, text)
			}
			continue
		}
		if !bytes.Equal(ours, theirs) {
			_, text := difference(t, base, theirs, ours, compare.Options{Strict: true})
			t.Errorf("%s is not kbuild's:\n%s", base, text)
		}
	}
	for name := range want {
		t.Errorf("kbuild has %s, and the rules do not", name)
	}
	if debug < fewest {
		t.Errorf("%d objects have debug information, want at least %d: it is not compared", debug, fewest)
	}
}

// allowed are the differences of the linked objects: without meaning. GNU ld orders symbols by a hash table, and sections by the scripts of two links, of
// which the second is for .hyp.reloc, and gives .note.GNU-stack an address.
var allowed = []string{"addresses", "empty-sections", "section-order", "symbol-order"}

// onlyListing reports whether the linked objects differ in what clang's assembler makes of gen-hyprel's listing, and in nothing else but orders: kbuild links
// that as an object, hyp-reloc.o, with an empty .text that is aligned, and a mapping symbol in .hyp.reloc.
func onlyListing(report *compare.Report) bool {
	if len(report.Header)+len(report.Units)+len(report.Symbols) > 0 || len(report.Sections) != 1 {
		return false
	}
	text := report.Sections[0]
	if text.Name != ".text" || text.Change != compare.Removed || !slices.Equal(text.Details, []string{"0x0 bytes"}) {
		return false
	}
	names := 0
	for _, note := range report.Other {
		switch note.Category {
		case "section-order", "symbol-order":
			continue
		case "file-symbols":
			if note.Text != "removed hyp-reloc.o" {
				return false
			}
		case "mapping-symbols":
			if note.Count != 1 || !strings.HasSuffix(note.Text, " at .hyp.reloc of hyp-reloc.o") {
				return false
			}
		default:
			return false
		}
		names++
	}
	return names == 2
}

// onlyStackNote reports whether the linked objects differ in the section that says that the stack is not executable, and in nothing else but orders. GNU ld 2.47
// makes one of type NOTE beside that of the inputs, which its second link joins with it, and its assembler puts mapping symbols there.
func onlyStackNote(report *compare.Report) bool {
	if len(report.Header)+len(report.Units)+len(report.Symbols) > 0 || len(report.Sections) != 1 {
		return false
	}
	note := report.Sections[0]
	if note.Name != ".note.GNU-stack" || !slices.Equal(note.Details, []string{"type SHT_NOTE -> SHT_PROGBITS"}) {
		return false
	}
	for _, note := range report.Other {
		switch note.Category {
		case "section-order", "symbol-order":
		case "mapping-symbols":
			if note.Count != 2 || !strings.Contains(note.Text, " in .note.GNU-stack at no unit") {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func TestLinked(t *testing.T) {
	ours, err := os.ReadFile(os.Getenv("LINKED"))
	if err != nil {
		t.Fatal(err)
	}
	var options compare.Options
	if clang := os.Getenv("CLANG") != ""; clang || assemblyNames() {
		// clang's assembler writes lines for gen-hyprel's listing. Debug information of the objects is compared by TestObjects.
		options.Ignore = []string{"debug"}
	}
	objects, _ := kbuilds(t)
	report, text := difference(t, "hyp.o", objects[path.Base(reference.Linked)], ours, options)
	switch {
	case os.Getenv("CLANG") != "":
		if !onlyListing(report) {
			t.Errorf("the linked objects differ in more than gen-hyprel's listing, or not in that:\n%s", text)
		}
	case os.Getenv("STACK_NOTE") != "":
		if !onlyStackNote(report) {
			t.Errorf("the linked objects differ in more than the stack note, or not in that: %+v\n%s", report.Other, text)
		}
	case !report.Equal:
		t.Errorf("the linked objects differ:\n%s", text)
	}
	for kind := range report.Meaningless {
		if !slices.Contains(allowed, kind) {
			t.Errorf("differences without meaning: got %s, want %s only:\n%s", kind, allowed, text)
		}
	}
}

// The options are those that hypgen writes for kbuild's dry run.
func TestBuildFile(t *testing.T) {
	c := generate.Configuration{Name: os.Getenv("CONFIGURATION"), Platform: os.Getenv("PLATFORM"), Tags: strings.Fields(os.Getenv("TAGS"))}
	var err error
	if c.Listed, err = os.ReadFile(os.Getenv("LISTED")); err != nil {
		t.Fatal(err)
	}
	got, err := c.BuildFile(os.Getenv("REFERENCE"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(os.Getenv("BUILD_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what hypgen writes; its head has the command. Got\n%s", os.Getenv("BUILD_FILE"), got)
	}
}
