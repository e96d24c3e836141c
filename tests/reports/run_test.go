// SPDX-License-Identifier: Apache-2.0

// Package reports_test runs hyplink's check, compare and layout commands on compiled
// objects and on the object of the default kernel.
package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

func hyplink(t *testing.T, dir string, args ...string) program.Result {
	t.Helper()
	return program.Run(t, dir, program.File(t, "HYPLINK"), args...)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// expect checks the exit code of a run and parts of its output.
func expect(t *testing.T, what string, r program.Result, code int, parts ...string) {
	t.Helper()
	if r.Code != code {
		t.Errorf("%s: exit code %d, want %d\n%s%s", what, r.Code, code, r.Stdout, r.Stderr)
	}
	for _, p := range parts {
		if !strings.Contains(r.Stdout+r.Stderr, p) {
			t.Errorf("%s: no %q in\n%s%s", what, p, r.Stdout, r.Stderr)
		}
	}
}
