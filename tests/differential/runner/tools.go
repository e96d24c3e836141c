// SPDX-License-Identifier: Apache-2.0

// Package runner links cases with hyplink and other linkers and compares the
// results.
package runner

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Tools are the absolute paths of the programs of a lane: hyplink, compilers, and one version of each peer.
type Tools struct {
	Hyplink, Gcc, As, Ld, Objcopy, Readelf, Lld, LlvmObjcopy string
	// Mold, and Clang that knows build attributes, are "" in a lane without them.
	Mold, Clang string
	// Modern says that GNU ld is newer than Debian 12's 2.40.
	Modern bool
}

// FromEnvironment takes the paths from the variables HYPLINK, GCC, AS, LD, OBJCOPY, READELF, LLD, LLVM_OBJCOPY, and MOLD and CLANG if they are set.
func FromEnvironment() (*Tools, error) {
	t := &Tools{}
	for name, to := range map[string]*string{
		"HYPLINK": &t.Hyplink, "GCC": &t.Gcc, "AS": &t.As, "LD": &t.Ld, "OBJCOPY": &t.Objcopy, "READELF": &t.Readelf,
		"LLD": &t.Lld, "LLVM_OBJCOPY": &t.LlvmObjcopy, "MOLD": &t.Mold, "CLANG": &t.Clang,
	} {
		path := os.Getenv(name)
		if path == "" && (name == "MOLD" || name == "CLANG") {
			continue
		}
		if path == "" {
			return nil, fmt.Errorf("%s is not set; run this by bazel", name)
		}
		var err error
		if *to, err = filepath.Abs(path); err != nil {
			return nil, err
		}
	}
	out, err := exec.Command(t.Ld, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", t.Ld, err)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	version := versionNumber.FindStringSubmatch(first)
	if version == nil {
		return nil, fmt.Errorf("%s --version: got %q, want a number at the end", t.Ld, first)
	}
	minor, err := strconv.Atoi(version[1])
	if err != nil {
		return nil, err
	}
	t.Modern = minor > 40
	return t, nil
}

// versionNumber matches the end of the first line of GNU ld's --version.
var versionNumber = regexp.MustCompile(` 2\.([0-9]+)[0-9.]*$`)

// failure is the error of a program, with its output.
type failure struct {
	program, output string
}

func (f *failure) Error() string { return f.program + ": " + strings.TrimSpace(f.output) }

// run runs a program in a directory.
func run(dir, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"TMPDIR=" + dir, "LC_ALL=C"}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return &failure{filepath.Base(program), fmt.Sprintf("%v: %s", err, out.String())}
	}
	return nil
}
