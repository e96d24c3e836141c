// Package replay runs actions that Bazel ran a second time, in a root folder that holds their inputs and nothing else: no shell, no compiler,
// no C library, no /proc.
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

// File is one file of an action.
type File struct {
	// Exec is its path below the execution root.
	Exec string `json:"exec"`
	// Short is its path below the main repository's runfiles; it starts with ../ for files of other repositories.
	Short string `json:"short"`
}

// Action is one action that Bazel ran.
type Action struct {
	Argv     []string `json:"argv"`
	Inputs   []File   `json:"inputs"`
	Mnemonic string   `json:"mnemonic"`
	Outputs  []File   `json:"outputs"`
}

// Load reads a list that the rule `replay` of tests/toolchain/replay.bzl wrote. The path is relative to the test's working folder.
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

// Made returns the bytes of an output as Bazel made it.
func (f File) Made() ([]byte, error) { return os.ReadFile(f.Short) }

// Run executes the action with root as the root of the file system and the inputs at their places below cwd, a path in it. env is the whole
// environment. It returns what the program printed; the outputs are below root and cwd.
func (a *Action) Run(root, cwd string, env []string) ([]byte, error) {
	execroot := filepath.Join(root, cwd)
	for _, in := range a.Inputs {
		if err := place(in.Short, filepath.Join(execroot, in.Exec)); err != nil {
			return nil, err
		}
	}
	for _, out := range a.Outputs {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(execroot, out.Exec)), 0o755); err != nil {
			return nil, err
		}
	}
	// All that the root has besides the inputs: a folder for temporary files, and an empty file where Go's os/exec opens the null device.
	for _, folder := range []string{"tmp", "dev"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o777); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(root, "dev/null"), nil, 0o666); err != nil {
		return nil, err
	}
	argv, err := a.headersInFile(execroot)
	if err != nil {
		return nil, err
	}
	return inRoot(root, cwd, argv, env)
}

// headersInFile puts the headers of a HypCompile into a file again. Bazel writes them into one when it runs the action, but spells them out when
// it is asked for the command line.
func (a *Action) headersInFile(execroot string) ([]string, error) {
	end := slices.Index(a.Argv, "--")
	if a.Mnemonic != "HypCompile" || end < 2 {
		return a.Argv, nil
	}
	const list = "headers.params"
	content := strings.Join(append(slices.Clone(a.Argv[2:end]), ""), "\n")
	if err := os.WriteFile(filepath.Join(execroot, list), []byte(content), 0o644); err != nil {
		return nil, err
	}
	return slices.Concat(a.Argv[:2], []string{"--headers=" + list}, a.Argv[end:]), nil
}

// inRoot executes a program in another root: in a user namespace of its own, which needs no privilege, or as root where those are off.
func inRoot(root, cwd string, argv, env []string) ([]byte, error) {
	run := func(namespace bool) ([]byte, error) {
		attr := &syscall.SysProcAttr{Chroot: root}
		if namespace {
			attr.Cloneflags = syscall.CLONE_NEWUSER
			attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
		// The path is looked up after the change of root, so exec.Command, which looks before it, would not do.
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

// place copies a file with its mode. A link would lead out of the root.
func place(from, to string) error {
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
