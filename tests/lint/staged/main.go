// SPDX-License-Identifier: Apache-2.0

// Staged checks what the index of a git repository would commit by the rules of
// package lint that look at each file by itself, and by buildifier. The hook
// tools/githooks/pre-commit runs it. The other rules need all files: see //tests/lint.
//
// Shell scripts are checked too if shellcheck is in PATH.
//
// Exit codes: 0 no fault, 1 a fault, or git or a linter cannot be run.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/lint"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pre-commit:", err)
		os.Exit(1)
	}
}

func run() error {
	names, err := output("git", "diff", "--cached", "--name-only", "--diff-filter=d", "--no-renames", "-z")
	if err != nil {
		return err
	}
	// gofumpt's rules depend on the language version in it.
	module := "go.mod"
	if !strings.Contains("\x00"+names, "\x00"+module+"\x00") {
		names += module + "\x00"
	}
	var files []lint.File
	for name := range strings.SplitSeq(strings.TrimSuffix(names, "\x00"), "\x00") {
		// What is staged, not what is in the working tree.
		text, err := output("git", "show", ":"+name)
		if err != nil {
			return err
		}
		files = append(files, lint.File{Path: name, Text: []byte(text)})
	}
	faults := 0
	for _, rule := range lint.Rules {
		if !rule.Alone {
			continue
		}
		for _, fault := range rule.Check(files) {
			fmt.Fprintln(os.Stderr, fault)
			faults++
		}
	}
	for _, check := range []func([]lint.File) error{starlark, shell} {
		if err := check(files); err != nil {
			fmt.Fprintln(os.Stderr, err)
			faults++
		}
	}
	if faults > 0 {
		return errors.New("nothing is committed; fix what is named above, see CONTRIBUTING.md")
	}
	return nil
}

// starlark runs the buildifier that go.mod pins.
func starlark(files []lint.File) error {
	if len(lint.Select(files, lint.IsStarlark)) == 0 {
		return nil
	}
	program, err := output("go", "tool", "-n", "buildifier")
	if err != nil {
		return err
	}
	return inTemporary(func(dir string) error { return lint.Buildifier(strings.TrimSpace(program), dir, files) })
}

// shell runs the machine's shellcheck, if it has one.
func shell(files []lint.File) error {
	program, err := exec.LookPath("shellcheck")
	if err != nil || len(lint.Scripts(files)) == 0 {
		return nil
	}
	return inTemporary(func(dir string) error { return lint.ShellCheck(program, dir, files) })
}

// inTemporary runs a check with an empty directory.
func inTemporary(check func(dir string) error) error {
	dir, err := os.MkdirTemp("", "pre-commit-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return check(dir)
}

// output runs a program and returns its standard output.
func output(program string, args ...string) (string, error) {
	command := exec.Command(program, args...)
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", program, strings.Join(args, " "), err)
	}
	return string(text), nil
}
