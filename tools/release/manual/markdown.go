// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

const (
	updateCommand = "bazel run //tools/release/manual:update"
	reference     = "docs/commands.md"
)

// updateReference writes docs/commands.md in the workspace that `bazel run` was started in.
func updateReference(paths []string) error {
	workspace := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	if workspace == "" || len(paths) == 0 {
		return errcode.RulesUnknown.Errorf("start it by `" + updateCommand + "`")
	}
	text, err := markdown(paths)
	if err != nil {
		return err
	}
	return fileio.WriteBytes(filepath.Join(workspace, reference), []byte(text))
}

// markdown returns a page with what the programs and each of their commands print for --help.
func markdown(paths []string) (string, error) {
	var b, contents strings.Builder
	for _, path := range paths {
		p, err := ask(path)
		if err != nil {
			return "", err
		}
		titles := []string{p.name}
		for i := range p.commands {
			titles = append(titles, p.name+" "+p.commands[i].name)
		}
		for i, title := range titles {
			text, err := output(path, append(strings.Fields(title)[1:], "--help")...)
			if err != nil {
				return "", err
			}
			level := "##"
			if i > 0 {
				level = "###"
				contents.WriteString("  ")
			}
			fmt.Fprintf(&contents, "- [%s](#%s)\n", title, strings.ReplaceAll(title, " ", "-"))
			fmt.Fprintf(&b, "\n%s %s\n\n```text\n%s```\n", level, title, withoutBlanks(text))
		}
	}
	return "# Commands\n\nWhat the programs print for `--help`. Written by `" + updateCommand + "`; a test checks that it is current.\n\n" +
		contents.String() + b.String(), nil
}

// withoutBlanks returns text without blanks at the end of lines, and with one newline at its end.
func withoutBlanks(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t")
	}
	return strings.Join(lines, "\n") + "\n"
}
