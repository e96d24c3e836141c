// SPDX-License-Identifier: Apache-2.0

// Package replay runs Bazel actions again, in a root directory that has only their inputs: no shell, no compiler, no C library, no /proc.
package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// File is a file of an action.
type File struct {
	// Exec is the path relative to the execution root.
	Exec string `json:"exec"`
	// Short is the path relative to the main repository's runfiles; it starts with ../ for files of other repositories.
	Short string `json:"short"`
}

// Action is an action that Bazel ran.
type Action struct {
	Argv     []string `json:"argv"`
	Inputs   []File   `json:"inputs"`
	Mnemonic string   `json:"mnemonic"`
	Outputs  []File   `json:"outputs"`
}

// Load reads a list of actions, written by the rule `replay` of tests/toolchain/replay.bzl. The path is relative to the working directory.
func Load(path string) ([]Action, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var actions []Action
	if err := json.Unmarshal(data, &actions); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(actions) == 0 {
		return nil, fmt.Errorf("%s: no actions", path)
	}
	return actions, nil
}

// Contents returns the contents of an output that Bazel made.
func (f File) Contents() ([]byte, error) { return os.ReadFile(f.Short) }

// Run executes the action with root as the root directory, in cwd, with the inputs below it and the environment env. It returns what the program
// printed. The outputs are below cwd in root.
func (a *Action) Run(root, cwd string, env []string) ([]byte, error) {
	execroot := filepath.Join(root, cwd)
	for _, in := range a.Inputs {
		if err := copyInput(in.Short, filepath.Join(execroot, in.Exec)); err != nil {
			return nil, err
		}
	}
	for _, out := range a.Outputs {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(execroot, out.Exec)), 0o755); err != nil {
			return nil, err
		}
	}
	// Apart from the inputs, the root only has a directory for temporary files, and an empty file as the null device for Go's os/exec.
	for _, dir := range []string{"tmp", "dev"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(root, "dev/null"), nil, 0o666); err != nil {
		return nil, err
	}
	argv, err := a.headersInParamFile(execroot)
	if err != nil {
		return nil, err
	}
	return inRoot(root, cwd, argv, env)
}

// headersInParamFile writes the headers of a HypCompile to a parameter file, as Bazel does when it runs the action. The list of actions has them
// on the command line.
func (a *Action) headersInParamFile(execroot string) ([]string, error) {
	end := slices.Index(a.Argv, "--")
	if a.Mnemonic != "HypCompile" || end < 0 {
		return a.Argv, nil
	}
	// The headers are after hypcc's options.
	start := 1
	for strings.HasPrefix(a.Argv[start], "--") && start < end {
		start++
	}
	const list = "headers.params"
	content := strings.Join(append(slices.Clone(a.Argv[start:end]), ""), "\n")
	if err := os.WriteFile(filepath.Join(execroot, list), []byte(content), 0o644); err != nil {
		return nil, err
	}
	return slices.Concat(a.Argv[:start], []string{"--headers=" + list}, a.Argv[end:]), nil
}

// inRoot executes a program in another root directory: in a user namespace, which needs no privileges, or as root if these are disabled.
func inRoot(root, cwd string, argv, env []string) ([]byte, error) {
	run := func(namespace bool) ([]byte, error) {
		attr := &syscall.SysProcAttr{Chroot: root}
		if namespace {
			attr.Cloneflags = syscall.CLONE_NEWUSER
			attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
		// Not exec.Command, which would look up the path before the change of root.
		cmd := &exec.Cmd{Path: filepath.Join(cwd, argv[0]), Args: argv, Env: env, Dir: cwd, SysProcAttr: attr}
		return cmd.CombinedOutput()
	}
	out, err := run(true)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSPC) {
		out, err = run(false)
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
	}
	return out, nil
}

// copyInput copies a file with its mode. A symbolic link would point out of the root.
func copyInput(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}
