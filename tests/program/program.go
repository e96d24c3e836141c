// Package program starts the programs that tests are about, without the
// environment of who runs the tests.
package program

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

// Result is what a program did.
type Result struct {
	Code           int // exit code
	Stdout, Stderr string
}

// File returns the absolute path of a file that the test's BUILD file names in
// an environment variable. Without it the test fails.
func File(t testing.TB, variable string) string {
	t.Helper()
	name := os.Getenv(variable)
	if name == "" {
		t.Fatalf("%s is not set; run this by `bazel test`", variable)
	}
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Run runs a program in a folder. Its environment has nothing but a folder for
// temporary files. A program that cannot be started fails the test.
func Run(t testing.TB, dir, path string, args ...string) Result {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"TMPDIR=" + t.TempDir()}
	cmd.WaitDelay = time.Minute
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return Result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// Must runs a program that has to succeed, and returns its output.
func Must(t testing.TB, dir, path string, args ...string) string {
	t.Helper()
	r := Run(t, dir, path, args...)
	if r.Code != 0 {
		t.Fatalf("%s %s: exit code %d\n%s%s", filepath.Base(path), strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}
