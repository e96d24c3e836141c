// SPDX-License-Identifier: Apache-2.0

// Package cli_test tests hyplink's command line: messages for wrong inputs, exit
// codes, and the files that it leaves.
package cli_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// hyplink runs hyplink in a directory.
func hyplink(t *testing.T, dir string, args ...string) program.Result {
	t.Helper()
	return program.Run(t, dir, program.File(t, "HYPLINK"), args...)
}

// compile runs the pinned gcc or clang in a directory.
func compile(t *testing.T, dir, variable string, args ...string) {
	t.Helper()
	program.Must(t, dir, program.File(t, variable), args...)
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// listing returns the names of the files in a directory.
func listing(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
