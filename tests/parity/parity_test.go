// SPDX-License-Identifier: Apache-2.0

// Package parity_test compares the stages of a hyp_object with the output of GNU ld,
// gen-hyprel and objcopy for the same inputs.
package parity_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/divergences"
	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// stage is one stage of a hyp_object.
type stage struct {
	Stage     string // partial, relocated or prefixed
	Want, Got string // objects, paths in runfiles
}

// reference is the file that the gnu_reference rule writes.
type reference struct {
	Stages []stage
	// Unchanged is GNU ld's link with the original script, if it gets a changed one
	// in the stages, or empty.
	Unchanged string
}

// stages returns the stages and the IDs of the tolerances of each.
func stages(t *testing.T) ([]stage, map[string][]string) {
	t.Helper()
	ref, tolerated := load(t)
	return ref.Stages, tolerated
}

func load(t *testing.T) (reference, map[string][]string) {
	t.Helper()
	data, err := os.ReadFile(os.Getenv("STAGES"))
	if err != nil {
		t.Fatalf("%v; run this by `bazel test`", err)
	}
	var ref reference
	if err := json.Unmarshal(data, &ref); err != nil {
		t.Fatal(err)
	}
	tolerated := map[string][]string{}
	if err := json.Unmarshal([]byte(os.Getenv("TOLERANCES")), &tolerated); err != nil {
		t.Fatal(err)
	}
	list := ref.Stages
	if len(list) == 0 {
		t.Fatal("no stages to compare")
	}
	for name := range tolerated {
		if !slices.ContainsFunc(list, func(s stage) bool { return s.Stage == name }) {
			t.Errorf("tolerances are given for stage %s, which the object does not have", name)
		}
	}
	return ref, tolerated
}

func read(t *testing.T, path string) *elfdump.Object {
	t.Helper()
	o, err := elfdump.Read([]string{os.Getenv("READELF")}, path)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestStages(t *testing.T) {
	list, tolerated := stages(t)
	for _, s := range list {
		t.Run(s.Stage, func(t *testing.T) {
			tolerances, err := divergences.ByID(tolerated[s.Stage]...)
			if err != nil {
				t.Fatal(err)
			}
			want, got := read(t, s.Want), read(t, s.Got)
			if len(want.Sections) < 5 || len(want.Symbols) < 5 || len(want.Relocs) == 0 {
				t.Errorf("GNU's object has only %d sections, %d symbols and %d relocations",
					len(want.Sections), len(want.Symbols), len(want.Relocs))
			}
			diff, used := elfdump.Diff(want, got, tolerances)
			for _, line := range diff {
				t.Error(line)
			}
			for _, id := range tolerated[s.Stage] {
				if !slices.Contains(used, id) {
					t.Errorf("tolerance %s is no longer needed; remove it from the BUILD file", id)
				}
			}
			t.Logf("%d lines compared", len(want.Lines()))
		})
	}
}

// If GNU ld is given a changed script, the output with the original script must
// differ.
func TestChangedScriptIsNeeded(t *testing.T) {
	ref, _ := load(t)
	if ref.Unchanged == "" {
		t.Log("GNU ld got the original script")
		return
	}
	diff, _ := elfdump.Diff(read(t, ref.Unchanged), read(t, ref.Stages[0].Got), nil)
	if len(diff) == 0 {
		t.Error("tolerance dot-counts-from-section is no longer needed; remove it from the BUILD file")
	}
}

// The comparison detects any change in an object that TestStages finds equal.
func TestTamperedObjectsDiffer(t *testing.T) {
	list, tolerated := stages(t)
	last := list[len(list)-1]
	tolerances, err := divergences.ByID(tolerated[last.Stage]...)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(last.Got)
	if err != nil {
		t.Fatal(err)
	}
	want := read(t, last.Want)
	for _, c := range tamperedObjects(t, data) {
		path := t.TempDir() + "/tampered.o"
		if err := os.WriteFile(path, c.data, 0o666); err != nil {
			t.Fatal(err)
		}
		diff, _ := elfdump.Diff(want, read(t, path), tolerances)
		if len(diff) == 0 {
			t.Errorf("%s: reported as equal", c.what)
		}
	}
}
