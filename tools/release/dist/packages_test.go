// SPDX-License-Identifier: Apache-2.0

package dist

import (
	"bytes"
	"debug/elf"
	"debug/gosym"
	"debug/macho"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// packagesOf returns the paths of the packages that a Go program has functions of, from the
// table with which the runtime prints stacks: each function is in it, in stripped programs
// too.
func packagesOf(program []byte) ([]string, error) {
	table, err := functionTable(program)
	if err != nil {
		return nil, err
	}
	functions, err := gosym.NewTable(nil, gosym.NewLineTable(table, 0))
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for i := range functions.Funcs {
		// In the last element of a path, the linker escapes dots.
		if name := strings.ReplaceAll(functions.Funcs[i].PackageName(), "%2e", "."); name != "" {
			found[name] = true
		}
	}
	if !found["runtime"] {
		return nil, errors.New("has no functions of the package runtime: the table of functions was not understood")
	}
	return slices.Sorted(maps.Keys(found)), nil
}

func functionTable(program []byte) ([]byte, error) {
	if f, err := elf.NewFile(bytes.NewReader(program)); err == nil {
		if s := f.Section(".gopclntab"); s != nil {
			return s.Data()
		}
	}
	if f, err := macho.NewFile(bytes.NewReader(program)); err == nil {
		if s := f.Section("__gopclntab"); s != nil {
			return s.Data()
		}
	}
	return nil, errors.New("is no Go program with a table of functions")
}

// requirements are the modules of a go.mod, with their versions.
func requirements(goMod string) (map[string]string, error) {
	text, err := os.ReadFile(goMod)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "//")
		if words := strings.Fields(strings.TrimPrefix(line, "require ")); len(words) == 2 && strings.HasPrefix(words[1], "v") {
			found[words[0]] = words[1]
		}
	}
	return found, nil
}

// modulesOf returns the modules of packages. Those of the standard library and of the main
// module are in none.
func modulesOf(packages []string, mainModule string, required map[string]string) ([]string, error) {
	found := map[string]bool{}
	for _, p := range packages {
		first, _, _ := strings.Cut(p, "/")
		if !strings.Contains(first, ".") || strings.HasPrefix(p+"/", mainModule+"/") {
			continue
		}
		best := ""
		for module := range required {
			if strings.HasPrefix(p+"/", module+"/") && len(module) > len(best) {
				best = module
			}
		}
		if best == "" {
			return nil, fmt.Errorf("has the package %s, which is in no module of go.mod", p)
		}
		found[best] = true
	}
	return slices.Sorted(maps.Keys(found)), nil
}
