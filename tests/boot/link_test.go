// SPDX-License-Identifier: Apache-2.0

package boot_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// kbuildImage returns the command that links a tree's kernel with an object, and the directory that it writes to.
func kbuildImage(t *testing.T, tree, object string) (*exec.Cmd, string) {
	t.Helper()
	dir := t.TempDir()
	return exec.Command(runfile(t, os.Getenv("KBUILD_PROGRAM")), "image",
		"-packages="+runfile(t, os.Getenv("PACKAGES")), "-tree="+tree, "-object="+runfile(t, os.Getenv(object)),
		"-image="+filepath.Join(dir, "Image"), "-vmlinux="+filepath.Join(dir, "vmlinux")), dir
}

// mustFail runs a command that must fail with some messages and leave nothing.
func mustFail(t *testing.T, cmd *exec.Cmd, dir string, messages ...string) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("no error:\n%s", out)
	}
	for _, want := range messages {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("left after the failure: %v %v", entries, err)
	}
}

// An object without the prefix does not link: the kernel has functions of the same names.
func TestNoPrefix(t *testing.T) {
	cmd, dir := kbuildImage(t, runfile(t, os.Getenv("TREE")), "NO_PREFIX")
	mustFail(t, cmd, dir, "multiple definition of `__guest_enter'", "kbuild: link the kernel with ")
}

// A machine without user namespaces gets an error that says so.
func TestNoNamespaces(t *testing.T) {
	tree := filepath.Join(t.TempDir(), "empty.tar")
	if err := os.WriteFile(tree, make([]byte, 1024), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd, dir := kbuildImage(t, tree, "NO_PREFIX")
	// In a namespace whose limit is that there are none below it.
	cmd.Args = append([]string{"sh", "-c", `echo 0 > /proc/sys/user/max_user_namespaces && exec "$0" "$@"`}, cmd.Args...)
	cmd.Path = "/bin/sh"
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	mustFail(t, cmd, dir, "this machine cannot make namespaces, in which the kernel is built", "allow user namespaces")
}
