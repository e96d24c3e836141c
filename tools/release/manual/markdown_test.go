// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// docs/commands.md is what the programs print.
func TestReference(t *testing.T) {
	programs := strings.Fields(os.Getenv("PROGRAMS"))
	if len(programs) == 0 {
		t.Fatal("PROGRAMS is not set; run this by `bazel test`")
	}
	for i, name := range programs {
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		programs[i] = path
	}
	want, err := markdown(programs)
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{"## hyplink", "### hyplink check", "## hypgen", "### hypgen init", "### hypaudit image", "## hypcc"} {
		if !strings.Contains(want, "\n"+title+"\n") {
			t.Errorf("no %s", title)
		}
	}
	got, err := os.ReadFile(os.Getenv("REFERENCE"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) == want {
		return
	}
	have := strings.Split(string(got), "\n")
	for i, line := range strings.Split(want, "\n") {
		if i >= len(have) || have[i] != line {
			t.Fatalf("%s:%d: is out of date: want %q; run `%s`", reference, i+1, line, updateCommand)
		}
	}
	t.Fatalf("%s has more than the programs print; run `%s`", reference, updateCommand)
}
