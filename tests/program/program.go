// SPDX-License-Identifier: Apache-2.0

// Package program runs programs for tests, without the environment of the test.
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

// Result is the result of a program.
type Result struct {
	Code           int // exit code
	Stdout, Stderr string
}

// File returns the absolute path of a file in an environment variable, which the
// test's BUILD file sets.
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

// Run runs a program in a directory. Its environment has only a directory for
// temporary files. If the program cannot be started, the test fails.
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

// Must runs a program that must succeed, and returns its output.
func Must(t testing.TB, dir, path string, args ...string) string {
	t.Helper()
	r := Run(t, dir, path, args...)
	if r.Code != 0 {
		t.Fatalf("%s %s: exit code %d\n%s%s", filepath.Base(path), strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}
