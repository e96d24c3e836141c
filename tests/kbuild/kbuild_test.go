// SPDX-License-Identifier: Apache-2.0

// Package kbuild_test runs kbuild's commands for nvhe with hyplink instead of GNU ld
// and objcopy, and compares the objects with those of the GNU tools.
package kbuild_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// stages returns the objects of a gnu_reference by stage.
func stages(t *testing.T, variable string) (names []string, paths map[string]string) {
	t.Helper()
	data, err := os.ReadFile(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%v; run this by `bazel test`", err)
	}
	var reference struct {
		Stages []struct{ Stage, Want string }
	}
	if err := json.Unmarshal(data, &reference); err != nil {
		t.Fatal(err)
	}
	paths = map[string]string{}
	for _, s := range reference.Stages {
		names = append(names, s.Stage)
		paths[s.Stage] = s.Want
	}
	return names, paths
}

// TestStages allows no differences. As the command lines are the same, even the empty
// sections that GNU as writes to hyp-reloc.o are.
func TestStages(t *testing.T) {
	names, gnu := stages(t, "GNU")
	_, hyplink := stages(t, "HYPLINK")
	if len(names) != 3 || len(hyplink) != 3 {
		t.Fatalf("%d stages of GNU's and %d of hyplink's, want 3", len(names), len(hyplink))
	}
	readelf := []string{os.Getenv("READELF")}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			if gnu[name] == hyplink[name] {
				t.Fatalf("both are %s", gnu[name])
			}
			want, err := elfdump.Read(readelf, gnu[name])
			if err != nil {
				t.Fatal(err)
			}
			got, err := elfdump.Read(readelf, hyplink[name])
			if err != nil {
				t.Fatal(err)
			}
			if len(want.Symbols) < 500 || len(want.Relocs) < 2000 {
				t.Errorf("GNU's object has %d symbols and %d relocations: not nvhe", len(want.Symbols), len(want.Relocs))
			}
			diff, _ := elfdump.Diff(want, got, nil)
			for _, line := range diff {
				t.Error(line)
			}
		})
	}
}
