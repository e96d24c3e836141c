// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// buildDirectory is the path of the tree inside of the root directory, with which dependencies start that kbuild knows by an absolute path.
const buildDirectory = "/build/"

// listFiles returns the regular files and symbolic links below a directory, by their paths in it.
func listFiles(dir string) (map[string]bool, error) {
	files := map[string]bool{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		files[relative] = true
		return err
	})
	return files, err
}

// notSet matches a line of a configuration that turns a setting off.
var notSet = regexp.MustCompile(`^# CONFIG_\w+ is not set$`)

// checkConfig returns an error if the configuration is not what a fragment asks for: kbuild silently drops a setting whose dependencies are off.
func checkConfig(r *root, fragment string) error {
	got, err := os.ReadFile(r.inTree(".config"))
	if err != nil {
		return err
	}
	want, err := os.ReadFile(fragment)
	if err != nil {
		return err
	}
	set := map[string]bool{}
	for line := range strings.Lines(string(got)) {
		set[strings.TrimSpace(line)] = true
	}
	var errs []error
	for line := range strings.Lines(string(want)) {
		line = strings.TrimSpace(line)
		switch {
		case notSet.MatchString(line):
			// A setting that is not there at all is off as well.
			prefix := strings.TrimSuffix(strings.TrimPrefix(line, "# "), " is not set") + "="
			for other := range set {
				if strings.HasPrefix(other, prefix) {
					errs = append(errs, errcode.OptionDropped.Errorf("%s: %s, but the resulting configuration has %s; turn off what selects it", fragment, line, other))
				}
			}
		case strings.HasPrefix(line, "CONFIG_") && !set[line]:
			errs = append(errs, errcode.OptionDropped.Errorf("%s: %s is not in the resulting configuration; add what it depends on", fragment, line))
		}
	}
	return errors.Join(errs...)
}

// neededFiles returns the files that another `make Image` reads, sorted: what the build made, what it recorded as a dependency (.cmd), and all that
// Makefiles may name. That leaves out most sources: those of what is not built. before are the files of the source.
func neededFiles(dir string, before map[string]bool) ([]string, error) {
	all, err := listFiles(dir)
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{}
	for name := range all {
		if !before[name] || isBuildFile(name) {
			needed[name] = true
		}
		if strings.HasSuffix(name, ".cmd") {
			if err := addDependencies(needed, all, filepath.Join(dir, name)); err != nil {
				return nil, err
			}
		}
	}
	return slices.Sorted(maps.Keys(needed)), nil
}

// buildTops are the directories whose files other than sources Makefiles may name: tables, scripts, lists.
var buildTops = []string{"arch/arm64/", "certs/", "drivers/", "fs/", "init/", "kernel/", "lib/", "mm/", "security/", "usr/"}

// wrapped are the directories whose headers kbuild looks for by name: it makes a wrapper for each header of asm-generic that the architecture lacks.
var wrapped = []string{"arch/arm64/include/asm/", "arch/arm64/include/uapi/asm/", "include/asm-generic/", "include/uapi/asm-generic/"}

// sourceExtensions are those of files that are needed only if something depends on them.
var sourceExtensions = []string{".S", ".c", ".dts", ".dtsi", ".h", ".rst"}

func isBuildFile(name string) bool {
	base := path.Base(name)
	in := func(tops []string) bool {
		return slices.ContainsFunc(tops, func(top string) bool { return strings.HasPrefix(name, top) })
	}
	switch {
	case in(wrapped), strings.HasPrefix(base, "Makefile"), strings.HasPrefix(base, "Kbuild"), strings.HasPrefix(name, "scripts/"):
		return true
	case slices.Contains(sourceExtensions, path.Ext(name)):
		return false
	}
	return in(buildTops)
}

// addDependencies adds the files that a .cmd file names.
func addDependencies(needed, all map[string]bool, cmd string) error {
	text, err := os.ReadFile(cmd)
	if err != nil {
		return err
	}
	words := strings.FieldsFunc(string(text), func(c rune) bool { return strings.ContainsRune(" \t\n\\();:", c) })
	for _, word := range words {
		if name := path.Clean(strings.TrimPrefix(word, buildDirectory)); all[name] {
			needed[name] = true
		}
	}
	return nil
}
