// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// inside is the command of the process in the namespaces.
const inside = "--inside"

// root is a directory that becomes the root directory of programs.
type root struct {
	dir      string
	packages string // the unpacked packages
	gcc      string // the major version of their gcc
	clang    string // the major version of their clang; empty if there is none
}

// newRoot makes a root directory beside an output, since a build needs more room than a directory for temporary files may have.
func newRoot(anchor, output string) (*root, error) {
	// In a sandbox, the file is a link to the one in the repository, which has the others beside it.
	file, err := filepath.EvalSymlinks(anchor)
	if err != nil {
		return nil, err
	}
	packages, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	gcc, err := findCompiler(packages)
	if err != nil {
		return nil, err
	}
	clang, err := findClang(packages)
	if err != nil {
		return nil, err
	}
	parent, err := filepath.Abs(filepath.Dir(output))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(parent, "kbuild-")
	if err != nil {
		return nil, err
	}
	r := &root{dir, packages, gcc, clang}
	for _, name := range []string{"build", "dev", "in", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			r.remove()
			return nil, err
		}
	}
	return r, nil
}

var compilerName = regexp.MustCompile(`^aarch64-linux-gnu-gcc-([0-9]+)$`)

// findCompiler returns the major version of the gcc for arm64 among unpacked packages. That for the host has the same.
func findCompiler(packages string) (string, error) {
	entries, err := os.ReadDir(filepath.Join(packages, "usr/bin"))
	if err != nil {
		return "", err
	}
	var found []string
	for _, entry := range entries {
		if match := compilerName.FindStringSubmatch(entry.Name()); match != nil {
			found = append(found, match[1])
		}
	}
	if len(found) != 1 {
		return "", errcode.KbuildPackages.Errorf("%s/usr/bin: got versions %q of aarch64-linux-gnu-gcc, want one; correct the packages that kbuild runs with", packages, found)
	}
	return found[0], nil
}

// findClang returns the major version of the clang among unpacked packages, which is then the kernel's compiler; empty if there is none.
func findClang(packages string) (string, error) {
	found, err := filepath.Glob(filepath.Join(packages, "usr/lib/llvm-*/bin/clang"))
	if err != nil || len(found) == 0 {
		return "", err
	}
	if len(found) > 1 {
		return "", errcode.KbuildPackages.Errorf("%s: got %d versions of clang, want one; correct the packages that kbuild runs with", packages, len(found))
	}
	_, version, _ := strings.Cut(filepath.Base(filepath.Dir(filepath.Dir(found[0]))), "-")
	return version, nil
}

// compilers returns shell assignments for the scripts.
func (r *root) compilers() string {
	if r.clang != "" {
		// clang 14's assembler maps no directories.
		return "PATH=/usr/lib/llvm-" + r.clang + "/bin:$PATH\nGCC=" + r.gcc +
			"\nLINKER=ld.lld\nCOMPILER=LLVM=1\nSAME_COMPILER=LLVM=1\nMAPS='-fdebug-compilation-dir=. -fdebug-prefix-map=./='\n"
	}
	gcc := "CC=aarch64-linux-gnu-gcc-" + r.gcc
	return "GCC=" + r.gcc + "\nLINKER=aarch64-linux-gnu-ld\nCOMPILER=" + gcc + "\nSAME_COMPILER='" + gcc + " -fno-canonical-system-headers'\n" +
		"MAPS='-fdebug-prefix-map=/build=. -fdebug-prefix-map=/build/= -fdebug-prefix-map=./='\n"
}

// remove removes the root directory.
func (r *root) remove() {
	if err := os.RemoveAll(r.dir); err != nil {
		fmt.Fprintf(os.Stderr, "kbuild: cannot clean up: %s\n", errcode.Text(err))
	}
}

// tree is the directory with the kernel, /build inside.
func (r *root) tree() string { return filepath.Join(r.dir, "build") }

func (r *root) inTree(path string) string { return filepath.Join(r.tree(), path) }

// given is the path of a file in /in.
func (r *root) given(name string) string { return filepath.Join(r.dir, "in", name) }

// add puts a copy of a file into /in.
func (r *root) add(path, name string) error { return copyFile(path, r.given(name)) }

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return errcode.KbuildArchive.Errorf("copy %s: %w", from, err)
	}
	return out.Close()
}

// run runs a shell script in the root directory, and returns when it ends. What it prints is printed if it fails.
func (r *root) run(script string, env ...string) error {
	cmd := exec.Command("/proc/self/exe", inside, r.dir, r.packages, "set -eu\n"+r.compilers()+variables+script)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "HOME=/tmp", "LC_ALL=C", "TZ=UTC"}, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	err := cmd.Run()
	if err != nil {
		os.Stderr.Write(output.Bytes())
	}
	if err != nil && cmd.ProcessState == nil {
		return errcode.NamespacesForbidden.Errorf("this machine cannot make namespaces, in which the kernel is built (%w); allow user namespaces, or in a container all privileges", err)
	}
	if err != nil {
		return errcode.KbuildFailed.Errorf("%w", err)
	}
	return nil
}

// enter is the command of the process in the namespaces: it mounts what programs may see on ROOT, and becomes a shell there.
func enter(args []string) error {
	if len(args) != 3 {
		return errcode.OptionsDisagree.Errorf("--inside is started by this program only")
	}
	dir, packages, script := args[0], args[1], args[2]
	if err := mountRoot(dir, packages); err != nil {
		return err
	}
	if err := syscall.Chroot(dir); err != nil {
		return errcode.NamespacesForbidden.Errorf("chroot: %w", err)
	}
	if err := os.Chdir("/build"); err != nil {
		return err
	}
	return errcode.KbuildFailed.Errorf("/bin/sh: %w", syscall.Exec("/bin/sh", []string{"sh", "-c", script}, os.Environ()))
}

// devices are those that programs of a build open.
var devices = []string{"null", "urandom", "zero"}

func mountRoot(dir, packages string) error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return errcode.NamespacesForbidden.Errorf("make mounts private: %w", err)
	}
	// Bazel makes absolute symlinks of packages point into the directory that they are unpacked to: it is at its own path as well.
	targets := map[string]string{filepath.Join(dir, packages): packages}
	for _, name := range []string{"bin", "lib", "usr"} {
		source := filepath.Join(packages, name)
		if _, err := os.Stat(source); name != "usr" && errors.Is(err, os.ErrNotExist) {
			// From Debian 13 on, packages have these in usr only.
			if err := link("usr/"+name, filepath.Join(dir, name)); err != nil {
				return err
			}
			continue
		}
		targets[filepath.Join(dir, name)] = source
	}
	for target, source := range targets {
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
		if err := bind(source, target); err != nil {
			return err
		}
	}
	for _, device := range devices {
		target := filepath.Join(dir, "dev", device)
		if err := os.WriteFile(target, nil, 0o666); err != nil {
			return err
		}
		if err := bind(filepath.Join("/dev", device), target); err != nil {
			return err
		}
	}
	// The dynamic loader by the path that programs have for it.
	if err := os.MkdirAll(filepath.Join(dir, "lib64"), 0o755); err != nil {
		return err
	}
	return link("../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", filepath.Join(dir, "lib64/ld-linux-x86-64.so.2"))
}

// link makes a symbolic link, which is there if this is not the first program that runs in the directory.
func link(target, path string) error {
	if err := os.Symlink(target, path); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

func bind(source, target string) error {
	if err := syscall.Mount(source, target, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		return errcode.NamespacesForbidden.Errorf("mount %s on %s: %w", source, target, err)
	}
	return nil
}
