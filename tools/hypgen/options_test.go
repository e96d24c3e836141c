// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// TestOptionsOfFiles gives each option whose value names a file an empty one, which was
// taken for an option that is not given.
func TestOptionsOfFiles(t *testing.T) {
	optionLine := regexp.MustCompile(`(?m)^  (-\S+) (\S+)$`)
	for name, parse := range map[string]func([]string, io.Writer) error{
		"hypgen":      func(args []string, w io.Writer) error { _, err := parse(args, w); return err },
		"hypgen init": func(args []string, w io.Writer) error { _, err := parseInit(args, w); return err },
	} {
		var help strings.Builder
		_ = parse([]string{"-h"}, &help)
		files := 0
		for _, m := range optionLine.FindAllStringSubmatch(help.String(), -1) {
			switch option, value := m[1], m[2]; value {
			case "string", "value", "int":
				t.Errorf("%s %s: its value is called %s, a type of Go; see cmdline.Metavariable", name, option, value)
			case "file", "directory", "program":
				files++
				if err := parse([]string{option + "="}, io.Discard); errcode.Of(err) != errcode.OptionValue || !strings.Contains(err.Error(), "want the name of a file or directory") {
					t.Errorf("%s %s=: got error %v", name, option, err)
				}
			}
		}
		if files < 6 {
			t.Errorf("%s: %d options whose values name files: the test does not see them all", name, files)
		}
	}
}
