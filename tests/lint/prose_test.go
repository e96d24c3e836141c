// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"strings"
	"testing"
)

// Each phrase finds its example, in any place that it is for.
func TestPhrases(t *testing.T) {
	for _, p := range phrases {
		faults := Prose(files(p.under+"a.go", "package a\n\n// "+p.example+".\n"))
		if len(faults) != 1 || faults[0].Line != 3 || !strings.HasSuffix(faults[0].What, "; write "+p.instead) {
			t.Errorf("%q: found %v", p.example, faults)
		}
	}
}

func TestProse(t *testing.T) {
	for _, test := range []struct {
		path, line, fault string
	}{
		{"docs/a.md", "a folder", `docs/a.md:1: "folder"; write "directory"`},
		{"rules/a.bzl", "# Folders.", `rules/a.bzl:1: "Folders"; write "directory"`},
		{"bazelw", "# in the folder", `bazelw:1: "folder"; write "directory"`},
		{"internal/link/a.go", "// The pieces.", `internal/link/a.go:1: "pieces"; write "input section"`},
		{"docs/a.md", "three pieces", ""},
		{"docs/a.md", "- **Held by**: a test", ""},
		{"docs/a.md", "`hyplink ld` stands in for ld", `docs/a.md:1: "stands in"; write "is in", "is at", "replaces"`},
		{"docs/a.md", "no file is left behind", ""},
		{"docs/a.md", "a foldering, a sideshow", ""},
		{"docs/a.md", "the table holds addresses", ""},
		{"internal/link/testdata/a.txt", "behind", ""},
		{"docs/a.lock", "behind", ""},
	} {
		var got string
		for _, fault := range Prose(files(test.path, test.line+"\n")) {
			got += fault.String()
		}
		if got != test.fault {
			t.Errorf("%s: %q: found %q, want %q", test.path, test.line, got, test.fault)
		}
	}
}
