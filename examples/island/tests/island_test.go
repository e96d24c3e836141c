// SPDX-License-Identifier: Apache-2.0

// Package island_test compares the objects of the example with those of the programs that kbuild runs.
package island_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// files returns the absolute paths in an environment variable.
func files(t *testing.T, variable string) []string {
	t.Helper()
	paths := strings.Fields(os.Getenv(variable))
	if len(paths) == 0 {
		t.Fatalf("%s is not set; run this by `bazel test`", variable)
	}
	for i := range paths {
		paths[i] = filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"), paths[i])
	}
	return paths
}

func read(t *testing.T, path string) *elfdump.Object {
	t.Helper()
	o, err := elfdump.Read(files(t, "READELF"), path)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestObjcopy makes each object with objcopy and, as relacheck does, relative addresses in .rodata.prel64.
func TestObjcopy(t *testing.T) {
	sources, islands := files(t, "OBJECTS"), files(t, "ISLAND")
	if len(sources) != len(islands) {
		t.Fatalf("got %v of %v", islands, sources)
	}
	converted := 0
	for i, source := range sources {
		name := strings.TrimSuffix(filepath.Base(source), ".hyp.o") + ".early.o"
		if filepath.Base(islands[i]) != name {
			t.Errorf("got %s, want %s", islands[i], name)
		}
		path := filepath.Join(t.TempDir(), name)
		out, err := exec.Command(files(t, "OBJCOPY")[0], "--prefix-symbols=__early_", "--remove-section=.note.gnu.property",
			"--prefix-alloc-sections=.init", source, path).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		want := read(t, path)
		for k := range want.Relocs {
			if r := &want.Relocs[k]; r.Section == ".init.rodata.prel64" && r.Type == "R_AARCH64_ABS64" {
				r.Type = "R_AARCH64_PREL64"
				converted++
			}
		}
		diff, _ := elfdump.Diff(want, read(t, islands[i]), nil)
		for _, line := range diff {
			t.Errorf("%s: %s", name, line)
		}
	}
	if converted != 2 {
		t.Errorf("%d addresses are relative, want 2", converted)
	}
}

// TestAddresses builds an object whose addresses are left as they are: the check refuses each.
func TestAddresses(t *testing.T) {
	hyplink := files(t, "HYPLINK")[0]
	source := files(t, "OBJECTS")[0]
	dir := t.TempDir()
	object, any := filepath.Join(dir, "early.o"), filepath.Join(dir, "any.txt")
	if err := os.WriteFile(any, []byte("*\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(hyplink, "prefix", "--symbol-prefix=__early_", "-o", object, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	args := []string{"check", "--symbol-prefix=__early_", "--section-prefix=", "--allowed-undefined=" + any, object}
	if out, err := exec.Command(hyplink, args...).CombinedOutput(); err != nil {
		t.Errorf("without the rule: %v: %s", err, out)
	}
	out, err := exec.Command(hyplink, slices.Insert(args, 1, "--no-absolute-relocations")...).CombinedOutput()
	for k := range 2 {
		want := fmt.Sprintf("early.o: .rodata.prel64+%#x: HYP014 absolute-relocation: in \"__early_steps\": relocation R_AARCH64_ABS64", 8*k)
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("got %v, %s, want %q", err, out, want)
		}
	}
}
