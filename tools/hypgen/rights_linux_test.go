// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// unprivileged runs one of the programs that TestMain knows as a user whom modes of files bind: if that is root, without the capabilities by which they do not.
func (w *world) unprivileged(program string, arguments ...string) error {
	w.t.Helper()
	name := filepath.Join(w.root, "bin", program)
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := os.Symlink(self, name); err != nil && !errors.Is(err, fs.ErrExist) {
		w.t.Fatal(err)
	}
	var output bytes.Buffer
	command := exec.Command(name, arguments...)
	command.Stdout, command.Stderr = &output, &output
	done := make(chan error)
	go func() {
		// Not unlocked again: the thread, which lacks the capabilities now, ends with the goroutine.
		runtime.LockOSThread()
		for _, capability := range []uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH, unix.CAP_FOWNER} {
			// It fails for a user who has none.
			_ = unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0)
		}
		done <- command.Run()
	}()
	if err := <-done; err != nil {
		return fmt.Errorf("%w: %s", err, output.String())
	}
	return nil
}

// protect makes a tree read-only until the test ends.
func (w *world) protect(dir string) {
	w.t.Helper()
	top := filepath.Join(w.root, dir)
	change := func(directory, file fs.FileMode) error {
		return filepath.WalkDir(top, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir():
				return os.Chmod(name, directory)
			case entry.Type().IsRegular():
				return os.Chmod(name, file)
			}
			return nil
		})
	}
	w.t.Cleanup(func() { _ = change(0o755, 0o644) })
	if err := change(0o555, 0o444); err != nil {
		w.t.Fatal(err)
	}
	if err := w.unprivileged("touch", filepath.Join(top, "new")); err == nil {
		w.t.Fatalf("%s can be written to, although it is read-only", top)
	}
}

// A read-only source tree is prepared elsewhere, and a read-only tree that was built in place, or with O=, is read.
func TestReadOnlyTrees(t *testing.T) {
	w := newWorld(t)
	w.protect("linux")
	before := w.snapshot("linux")
	if err := w.unprivileged("hypgen", "init", "-workspace", w.dir, "-rules_hyp", w.rules, w.kernel); err != nil {
		t.Fatal(err)
	}
	w.unchanged("linux", before)

	// As somebody else prepared it.
	if err := os.Remove(filepath.Join(w.root, "linux-objects/.hypgen-init")); err != nil {
		t.Fatal(err)
	}
	w.protect("linux-objects")
	before = w.snapshot("linux-objects")
	out := filepath.Join(w.root, "by_hand")
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := w.unprivileged("hypgen", "-out", filepath.Join(out, "BUILD.bazel"), "-headers", filepath.Join(out, "headers.txt"), "-undefined", filepath.Join(out, "undefined.txt"),
		filepath.Join(w.root, "linux-objects"), "CROSS_COMPILE=aarch64-linux-gnu-"); err != nil {
		t.Errorf("by hand: %v", err)
	}
	if !strings.Contains(w.read("by_hand/BUILD.bazel"), "check_undefined = True,") || w.read("by_hand/headers.txt") == "" {
		t.Errorf("by hand: got\n%s\n%s", w.read("by_hand/BUILD.bazel"), w.read("by_hand/headers.txt"))
	}
	w.unchanged("linux-objects", before)
}

// A file that may not be read is an error that names it.
func TestUnreadable(t *testing.T) {
	for _, name := range []string{nvhe + "/a.c", "arch/arm64/kernel/image-vars.h", "Makefile"} {
		w := newWorld(t)
		if err := os.Chmod(filepath.Join(w.kernel, name), 0); err != nil {
			t.Fatal(err)
		}
		err := w.unprivileged("hypgen", "init", "-workspace", w.dir, "-rules_hyp", w.rules, w.kernel)
		if err == nil || !strings.Contains(err.Error(), filepath.Join(w.kernel, name)+": permission denied") {
			t.Errorf("%s: got %v, want an error that names it", name, err)
		}
		if w.read("ws/MODULE.bazel") != "" {
			t.Errorf("%s: the workspace was written", name)
		}
	}
}

// A workspace may have blanks in its path, which a kernel tree may not.
func TestBlankInWorkspace(t *testing.T) {
	w := newWorld(t)
	w.dir = filepath.Join(w.root, "my ws")
	stdout, _ := w.mustInit()
	if want := "cd '" + w.dir + "' && ./bazelw build //hyp:hyp_o\n"; stdout != want {
		t.Errorf("got %q, want %q", stdout, want)
	}
	before := w.snapshot(".")
	w.mustInit()
	w.unchanged(".", before)
}
