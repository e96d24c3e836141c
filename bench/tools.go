// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// program is a command, possibly with leading arguments.
type program struct {
	argv []string
}

// command returns the program's command line with further arguments.
func (p program) command(args ...string) []string {
	return append(append([]string{}, p.argv...), args...)
}

// shellWords quotes words for a POSIX shell and joins them.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}

// script returns the command line of a shell script that stops at the first error.
func script(lines ...string) []string {
	return []string{"/bin/sh", "-ec", strings.Join(lines, "\n")}
}

// join concatenates lists.
func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// tools are the contestants' programs.
type tools struct {
	runner, hyplink, genHyprel   program
	ld, as, objcopy              program // GNU's
	lld, clang, llvmObjcopy, gcc program
	mold                         program
	versions                     versions
	runfiles                     string
	gccRoot                      string // where the cross compiler's packages are unpacked
}

// launchSettings is the file that toolchain/private/packaged_tool.bzl writes for a packaged program.
type launchSettings struct {
	Args      []string `json:"args"`
	Libraries []string `json:"libraries"`
	Loader    string   `json:"loader"`
	Program   string   `json:"program"`
	Root      struct {
		Runfiles string `json:"runfiles"`
	} `json:"root"`
}

// findTools finds the programs in the runfiles. The working directory is that of the main repository.
func findTools() (*tools, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	// Tests are started with "/." at the end of $PWD.
	cwd = filepath.Clean(cwd)
	t := &tools{runfiles: filepath.Dir(cwd)}
	for _, own := range []struct {
		to   *program
		name string
	}{
		{&t.hyplink, "tools/hyplink/hyplink_/hyplink"},
		{&t.runner, "bench/runner"},
		{&t.genHyprel, "bench/gen_hyprel"},
		// Only generates inputs, so the launcher does not matter.
		{&t.gcc, "toolchain/peers/gcc"},
	} {
		path := filepath.Join(cwd, own.name)
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%w; start the benchmark with bazel run //bench", err)
		}
		own.to.argv = []string{path}
	}
	if _, t.gccRoot, err = t.packaged(filepath.Join(cwd, "toolchain/peers/gcc")); err != nil {
		return nil, err
	}
	for _, peer := range []struct {
		to   *program
		name string
	}{
		{&t.ld, "aarch64_ld"},
		{&t.as, "aarch64_as"},
		{&t.objcopy, "aarch64_objcopy"},
		{&t.mold, "mold"},
		{&t.lld, "ld_lld"},
		{&t.clang, "clang"},
		{&t.llvmObjcopy, "llvm_objcopy"},
	} {
		if *peer.to, err = t.newest(filepath.Join(cwd, "tests/peers"), peer.name); err != nil {
			return nil, err
		}
	}
	return t, t.readVersions()
}

// newest returns a program of tests/peers. Those of which there are several are named after the Debian suite.
func (t *tools) newest(dir, name string) (program, error) {
	var err error
	for _, prefix := range []string{"", "trixie_", "forky_"} {
		var p program
		if p, _, err = t.packaged(filepath.Join(dir, prefix+name)); err == nil {
			return p, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return program{}, fmt.Errorf("%s: %w", name, err)
}

// versions are the peers' names and versions, for the tables.
type versions struct {
	gnu, llvm, mold string
}

// number matches the version in the first line of --version: its first two numbers.
var number = regexp.MustCompile(` ([0-9]+\.[0-9]+)[0-9.]*`)

// readVersions asks the linkers for their versions.
func (t *tools) readVersions() error {
	for _, of := range []struct {
		p      program
		format string
		to     *string
	}{
		{t.ld, "binutils %s", &t.versions.gnu},
		{t.lld, "LLVM %s", &t.versions.llvm},
		{t.mold, "mold %s", &t.versions.mold},
	} {
		argv := of.p.command("--version")
		out, err := exec.Command(argv[0], argv[1:]...).Output()
		if err != nil {
			return fmt.Errorf("%s: %w", shorten(argv), err)
		}
		first, _, _ := strings.Cut(string(out), "\n")
		found := number.FindStringSubmatch(first)
		if found == nil {
			return fmt.Errorf("%s: got %q, want a version", shorten(argv), first)
		}
		*of.to = fmt.Sprintf(of.format, found[1])
	}
	return nil
}

// packaged returns the command by which toolchain/launch starts a packaged program, with the packages' loader, to run it without the launcher. It also
// returns the directory that the packages are unpacked in.
func (t *tools) packaged(tool string) (program, string, error) {
	data, err := os.ReadFile(tool + ".launch.json")
	if err != nil {
		return program{}, "", err
	}
	var s launchSettings
	if err := json.Unmarshal(data, &s); err != nil {
		return program{}, "", fmt.Errorf("%s.launch.json: %w", tool, err)
	}
	// Resolve the symlinks of the runfiles, so that the loader does not have to.
	loader, err := filepath.EvalSymlinks(filepath.Join(t.runfiles, s.Root.Runfiles, s.Loader))
	if err != nil {
		return program{}, "", err
	}
	root, ok := strings.CutSuffix(loader, "/"+s.Loader)
	if !ok {
		return program{}, "", fmt.Errorf("%s: not at %s in its repository", loader, s.Loader)
	}
	var libraries []string
	for _, dir := range s.Libraries {
		libraries = append(libraries, filepath.Join(root, dir))
	}
	path := filepath.Join(root, s.Program)
	p := program{argv: []string{loader, "--inhibit-cache", "--library-path", strings.Join(libraries, ":"), "--argv0", path, path}}
	for _, arg := range s.Args {
		p.argv = append(p.argv, strings.ReplaceAll(arg, "%ROOT%", root))
	}
	return p, root, nil
}
