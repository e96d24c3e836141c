// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// subprogramFlag is for a compiler driver's subprogram; the value is the root.
const subprogramFlag = "--launch-subprogram="

// command is what to execute; args include argument 0.
type command struct {
	loader string
	args   []string
	env    []string
}

// files is the file system that plan uses.
type files interface {
	ReadFile(name string) ([]byte, error)
	Stat(name string) (fs.FileInfo, error)
	// Executable is the path of the running copy, if argument 0 is not a path.
	Executable() (string, error)
	Getwd() (string, error)
}

type filesystem struct{}

func (filesystem) ReadFile(name string) ([]byte, error)  { return os.ReadFile(name) }
func (filesystem) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }
func (filesystem) Executable() (string, error)           { return os.Executable() }

// Getwd asks the system, as the compiler does, which does not get $PWD. os.Getwd would use that, and Bazel sets it to /proc/self/cwd.
func (filesystem) Getwd() (string, error) { return syscall.Getwd() }

// plan returns the command to execute for launch's command line.
func plan(args, env []string, fsys files) (*command, error) {
	self := args[0]
	if !strings.Contains(self, "/") {
		// The caller searched PATH, which Bazel does not.
		var err error
		if self, err = fsys.Executable(); err != nil {
			return nil, err
		}
	}
	c, err := loadConfig(self, fsys)
	if err != nil {
		return nil, err
	}

	if len(args) > 2 && strings.HasPrefix(args[1], subprogramFlag) {
		root := strings.TrimPrefix(args[1], subprogramFlag)
		program, rest := c.subprogram(root, args[2], args[3:])
		return c.start(root, program, program, rest, env), nil
	}

	root, err := findRoot(c, self, env, fsys)
	if err != nil {
		return nil, err
	}
	var before []string
	for _, arg := range c.Args {
		before = append(before, strings.ReplaceAll(arg, "%ROOT%", root))
	}
	program := path.Join(root, c.Program)
	argv0 := program
	if c.Kind != "program" {
		cwd, err := fsys.Getwd()
		if err != nil {
			return nil, err
		}
		if c.Kind == "gcc" {
			before = append(gccArgs(self, root, cwd, args[1:]), before...)
		} else {
			before = clangArgs(cwd, before, args[1:], fsys)
			// It starts itself for the second program of a compile, and looks for the linker in this directory.
			argv0 = self
		}
		env = driverEnv(env, c.Kind)
	}
	return c.start(root, argv0, program, append(before, args[1:]...), env), nil
}

// loadConfig reads the settings of a copy: next to it, or in its runfiles directory, which is all that is staged for an action that has it as the executable.
func loadConfig(self string, fsys files) (*Config, error) {
	beside := self + configSuffix
	name := beside
	data, err := fsys.ReadFile(name)
	// There the settings have the copy's path in the output directory, so that no other packaged program's can be in their place. Where in self that path
	// starts is not known.
	for rest := strings.TrimPrefix(self, "/"); errors.Is(err, fs.ErrNotExist); {
		name = path.Join(self+".runfiles", rest+configSuffix)
		data, err = fsys.ReadFile(name)
		var found bool
		if _, rest, found = strings.Cut(rest, "/"); !found {
			break
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errcode.ProgramFilesMissing.Errorf("%s: no such file, nor is it in %s.runfiles; add the tool's files to the action's inputs or the test's data", beside, self)
	}
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// start returns the command that runs a program of the root with the root's loader. argv0 is the program's argument 0.
func (c *Config) start(root, argv0, program string, args, env []string) *command {
	var libraries []string
	for _, dir := range c.Libraries {
		libraries = append(libraries, path.Join(root, dir))
	}
	loader := path.Join(root, c.Loader)
	return &command{
		loader: loader,
		args: append([]string{
			loader,
			// /etc/ld.so.cache has the host's libraries.
			"--inhibit-cache",
			"--library-path", strings.Join(libraries, ":"),
			// Otherwise argument 0 is the loader, and gcc finds its files relative to it.
			"--argv0", argv0,
			program,
		}, args...),
		env: withoutLoaderVariables(env),
	}
}

// withoutLoaderVariables removes the variables that affect the loader: LD_PRELOAD, LD_LIBRARY_PATH, LD_DEBUG and the others of ld.so(8),
// which all start with LD_, and glibc's tunables.
func withoutLoaderVariables(env []string) []string {
	kept := []string{}
	for _, entry := range env {
		if !strings.HasPrefix(entry, "LD_") && !strings.HasPrefix(entry, "GLIBC_TUNABLES=") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// findRoot returns the directory of the packages. If the working directory is an execution root, it is relative, so that no absolute path can
// reach an output; otherwise it is found from the path of this copy of launch.
func findRoot(c *Config, self string, env []string, fsys files) (string, error) {
	candidates := []string{c.Root.Exec}
	if directory, ok := strings.CutSuffix(self, "/"+c.Self.Exec); ok {
		// directory ends in bazel-out/CONFIGURATION/bin.
		candidates = append(candidates, path.Join(directory, "../../..", c.Root.Exec))
	}
	if prefix, ok := strings.CutSuffix(self, c.Self.Runfiles); ok {
		candidates = append(candidates, path.Join(prefix, c.Root.Runfiles))
	}
	candidates = append(candidates, path.Join(self+".runfiles", c.Root.Runfiles))
	for _, entry := range env {
		if dir, ok := strings.CutPrefix(entry, "RUNFILES_DIR="); ok && dir != "" {
			candidates = append(candidates, path.Join(dir, c.Root.Runfiles))
		}
	}
	for _, root := range candidates {
		if _, err := fsys.Stat(path.Join(root, c.Loader)); err == nil {
			return root, nil
		}
	}
	return "", errcode.ProgramFilesMissing.Errorf("%s is in none of %s; add the tool's files to the action's inputs or the test's data",
		c.Loader, strings.Join(candidates, ", "))
}
