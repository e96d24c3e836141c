// SPDX-License-Identifier: Apache-2.0

// Package bazelw runs the shell tests of bazelw.
package bazelw

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestScripts runs each *_test.sh of this directory in the root of the source tree.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("*_test.sh")
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) != 5 {
		t.Fatalf("got %d scripts (%v), want 5", len(scripts), scripts)
	}
	for _, script := range scripts {
		t.Run(script, func(t *testing.T) {
			command := exec.Command("bash", filepath.Join("tests", "bazelw", script))
			command.Dir = filepath.Join("..", "..")
			output, err := command.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}
