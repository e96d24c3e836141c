// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// scriptFlags are the options that name linker scripts.
type scriptFlags struct {
	scripts, inputs stringList
}

// add defines the options; what says what the scripts are for.
func (f *scriptFlags) add(c *context, what string) {
	c.flags.Var(&f.scripts, "script", "`LDS`: "+what+"; may be repeated: scripts count as one, in their order")
	c.flags.Var(&f.inputs, "script-input", "`FILE`: file that INCLUDE in a script may name, by its path or by the end of it; may be repeated")
}

// read reads and parses the scripts; nil if there are none.
func (f *scriptFlags) read() (*ldscript.Script, error) {
	return readScripts(f.scripts, f.find)
}

// find returns the file that an INCLUDE names. Only those of the command line count:
// a build system knows of no others.
func (f *scriptFlags) find(name string) (string, error) {
	want := filepath.Clean(name)
	var found []string
	for _, path := range f.inputs {
		switch clean := filepath.Clean(path); {
		case clean == want:
			return path, nil
		case strings.HasSuffix(clean, "/"+want):
			found = append(found, path)
		}
	}
	switch len(found) {
	case 0:
		return "", errcode.NoInclude.Errorf("no file of --script-input has this name; give it with --script-input=FILE, or with additional_inputs of a hyp_object")
	case 1:
		return found[0], nil
	}
	return "", errcode.NoInclude.Errorf("%s and %s both end in this name; write more of the path", found[0], found[1])
}

// readScripts reads and parses linker scripts as one; nil if there are none. find
// returns the path of a file that one of them includes.
func readScripts(paths []string, find func(name string) (string, error)) (*ldscript.Script, error) {
	var sources []ldscript.Source
	for _, path := range paths {
		if path == "" {
			continue // the option without a value: none
		}
		src, err := readSource(path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, src)
	}
	if len(sources) == 0 {
		return nil, nil
	}
	return ldscript.ParseAll(sources, func(name string) (ldscript.Source, error) {
		path, err := find(name)
		if err != nil {
			return ldscript.Source{}, err
		}
		return readSource(path)
	})
}

func readSource(path string) (ldscript.Source, error) {
	text, err := fileio.ReadText(path, "a linker script")
	return ldscript.Source{Name: path, Text: text}, err
}

// findIn returns the file of a name, as GNU ld looks for scripts and for what they
// include: in the working directory, then in the directories given.
func findIn(dirs []string, name string) (string, error) {
	paths := []string{name}
	for _, dir := range dirs {
		if !filepath.IsAbs(name) {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	for _, path := range paths {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path, err
		}
	}
	return "", errcode.NoInclude.Errorf("there is no such file in the working directory, nor in a directory of -L; add its directory with -L")
}
