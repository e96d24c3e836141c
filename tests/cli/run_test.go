// Package cli_test drives the built hyplink as its users do: what it says of
// wrong input, how it exits, and what it leaves behind.
package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tool returns the absolute path of a program that the BUILD file names in a
// variable.
func tool(t *testing.T, variable string) string {
	t.Helper()
	path, err := filepath.Abs(os.Getenv(variable))
	if err != nil || os.Getenv(variable) == "" {
		t.Fatalf("%s is not set (%v); run this by `bazel test`", variable, err)
	}
	return path
}

// result is what a run of hyplink did.
type result struct {
	code           int
	stdout, stderr string
}

// hyplink runs in a folder, with no environment.
func hyplink(t *testing.T, dir string, args ...string) result {
	t.Helper()
	cmd := exec.Command(tool(t, "HYPLINK"), args...)
	cmd.Dir = dir
	cmd.Env = []string{}
	cmd.WaitDelay = time.Minute
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// compile runs the pinned gcc or clang in a folder.
func compile(t *testing.T, dir, variable string, args ...string) {
	t.Helper()
	cmd := exec.Command(tool(t, variable), args...)
	cmd.Dir = dir
	cmd.Env = []string{"TMPDIR=" + t.TempDir()}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
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
