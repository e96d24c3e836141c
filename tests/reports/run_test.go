// Package reports_test runs hyplink's check, comparison and layout on objects
// of a real compiler, and on the object of the default kernel.
package reports_test

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

// file returns the absolute path of a file that the BUILD file names in a
// variable.
func file(t *testing.T, variable string) string {
	t.Helper()
	path, err := filepath.Abs(os.Getenv(variable))
	if err != nil || os.Getenv(variable) == "" {
		t.Fatalf("%s is not set (%v); run this by `bazel test`", variable, err)
	}
	return path
}

// result is what a run of a program did.
type result struct {
	code           int
	stdout, stderr string
}

func start(t *testing.T, dir, program string, args ...string) result {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"TMPDIR=" + t.TempDir()}
	cmd.WaitDelay = time.Minute
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func hyplink(t *testing.T, dir string, args ...string) result {
	t.Helper()
	return start(t, dir, file(t, "HYPLINK"), args...)
}

// must runs a program that has to succeed.
func must(t *testing.T, dir, variable string, args ...string) {
	t.Helper()
	if r := start(t, dir, file(t, variable), args...); r.code != 0 {
		t.Fatalf("%s %s: exit code %d\n%s", variable, strings.Join(args, " "), r.code, r.stderr)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// expect holds a run to an exit code and to parts of what it printed.
func expect(t *testing.T, what string, r result, code int, parts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("%s: exit code %d, want %d\n%s%s", what, r.code, code, r.stdout, r.stderr)
	}
	for _, p := range parts {
		if !strings.Contains(r.stdout+r.stderr, p) {
			t.Errorf("%s: no %q in\n%s%s", what, p, r.stdout, r.stderr)
		}
	}
}
