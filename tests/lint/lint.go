// SPDX-License-Identifier: Apache-2.0

// Package lint holds the rules that the sources of this repository keep. A
// [Rule] is a function of a list of files, so that its tests can show it files
// that break it.
package lint

import (
	"fmt"
	"path"
	"strings"
)

// A File is one source file of the repository.
type File struct {
	Path string // relative to the root of the repository
	Text []byte
}

// A Fault is a place that breaks a rule.
type Fault struct {
	Path string
	Line int // from 1; 0 where the whole file is meant
	What string
}

func (f Fault) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.Path, f.What)
	}
	return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.What)
}

// A Rule finds faults in the files of the repository.
type Rule struct {
	Name string
	// Wants says which files the rule looks at. A rule that gets none of them
	// has checked nothing, so its test fails.
	Wants func(path string) bool
	Check func(files []File) []Fault
	// Alone says that the rule looks at each file by itself, so that it can check
	// some of them. See staged/.
	Alone bool
}

// Rules are all rules, by their names. That of buildifier runs a program, see
// [Buildifier].
var Rules = []Rule{
	{"architecture", func(path string) bool { return path == architecturePage }, Architecture, false},
	{"bugs", isBugsOrTest, Bugs, false},
	{"errors", isErrorSource, Errors, false},
	{"gofumpt", isGo, Gofumpt, true},
	{"layers", isGoCode, Layers, false},
	{"length", isText, Length, true},
	{"license", isSource, License, true},
	{"links", isMarkdown, Links, false},
	{"loads", isMarkdown, Loads, true},
	{"machines", isProgramCode, Machines, true},
	{"prose", isProse, Prose, true},
	{"shape", isText, Shape, true},
	{"version", isVersioned, Version, false},
	{"words", isText, Words, true},
}

// Select returns the files that want accepts.
func Select(files []File, want func(path string) bool) []File {
	var selected []File
	for _, f := range files {
		if want(f.Path) {
			selected = append(selected, f)
		}
	}
	return selected
}

func isGo(name string) bool { return path.Ext(name) == ".go" }

// isText tells whether a file is written by hand: no test data, patch or binary.
func isText(name string) bool {
	if strings.Contains(name, "testdata/") {
		return false
	}
	switch path.Ext(name) {
	case ".S", ".bzl", ".c", ".go", ".h", ".json", ".lock", ".md", ".mod", ".sh", ".sum", ".txt", ".bazel", ".bazelrc", "":
		return true
	}
	return false
}

// isShell tells whether a file is a shell script, by its name or first line.
func isShell(f File) bool {
	first, _, _ := strings.Cut(string(f.Text), "\n")
	return path.Ext(f.Path) == ".sh" || strings.HasPrefix(first, "#!") && strings.HasSuffix(first, "sh")
}
