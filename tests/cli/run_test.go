// Package cli_test drives the built hyplink as its users do: what it says of
// wrong input, how it exits, and what it leaves behind.
package cli_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// hyplink runs in a folder.
func hyplink(t *testing.T, dir string, args ...string) program.Result {
	t.Helper()
	return program.Run(t, dir, program.File(t, "HYPLINK"), args...)
}

// compile runs the pinned gcc or clang in a folder.
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

// listing returns the names in a folder.
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
