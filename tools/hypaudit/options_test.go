// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// optionLine is an option with a value in a help.
var optionLine = regexp.MustCompile(`(?m)^  (--?\S+) (\S+)$`)

// TestOptionsOfFiles gives each option of each command whose value names a file an
// empty one. An empty one was taken for an option that is not given.
func TestOptionsOfFiles(t *testing.T) {
	files := 0
	for _, c := range commands {
		var help, messages bytes.Buffer
		if code := run(commands, []string{c.name, "--help"}, &help, &messages); code != 0 {
			t.Fatalf("%s --help: exit code %d, %s", c.name, code, messages.String())
		}
		for _, m := range optionLine.FindAllStringSubmatch(help.String(), -1) {
			option, value := m[1], m[2]
			switch value {
			case "string", "value", "int":
				t.Errorf("%s %s: its value is called %s, a type of Go; see cmdline.Metavariable", c.name, option, value)
			case "FILE", "OBJ", "LDS", "DIRECTORY", "PROGRAM":
				files++
				var out, messages bytes.Buffer
				if code := run(commands, []string{c.name, option + "="}, &out, &messages); code != exitUsage || !strings.Contains(messages.String(), "want the name of a file or directory") {
					t.Errorf("%s %s=: exit code %d, %q", c.name, option, code, messages.String())
				}
			}
		}
	}
	if files < 25 {
		t.Errorf("%d options whose values name files: the test does not see them all", files)
	}
}
