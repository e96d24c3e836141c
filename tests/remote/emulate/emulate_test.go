// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// file returns the path of a file that the BUILD file names.
func file(t *testing.T, variable string) string {
	t.Helper()
	name := os.Getenv(variable)
	if name == "" {
		t.Fatalf("%s is not set; run this by `bazel test`", variable)
	}
	path, err := filepath.EvalSymlinks(filepath.Join(os.Getenv("TEST_SRCDIR"), name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEmulate(t *testing.T) {
	emulate, emulator, machine := file(t, "EMULATE"), file(t, "EMULATOR"), file(t, "MACHINE")
	for _, c := range []struct {
		name string
		args []string
		code int
		out  string
	}{
		{"a program of 64-bit Arm", []string{emulator, machine}, 7, "arm64"},
		{"one of this machine", []string{emulator, "/bin/sh", "-c", "echo here; exit 3"}, 3, "here"},
		{"one that the program starts", []string{emulator, "/bin/sh", "-c", machine}, 7, "arm64"},
		{"no emulator", []string{emulator + ".gone", machine}, 2, "no such file"},
		{"no command", []string{emulator, machine + ".gone"}, 2, "no such file"},
		{"no arguments", nil, 2, "usage:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := exec.Command(emulate, c.args...).CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != c.code || !strings.Contains(string(out), c.out) {
				t.Errorf("got %v and %q, want exit code %d and %q", err, out, c.code, c.out)
			}
		})
	}
	// The machine itself is as it was.
	if out, err := exec.Command(machine).CombinedOutput(); runtime.GOARCH != "arm64" && !errors.Is(err, syscall.ENOEXEC) {
		t.Errorf("without the emulator: got %v and %q, want %v", err, out, syscall.ENOEXEC)
	}
}
