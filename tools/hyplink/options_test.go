// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"regexp"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// optionLine is an option with a value in a help.
var optionLine = regexp.MustCompile(`(?m)^  (--?\S+) (\S+)$`)

// TestOptionsOfFiles gives each option of each command whose value names a file an
// empty one. 'layout --html=$PAGE' without PAGE was 'layout', and exit code 0.
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
	if files < 35 {
		t.Errorf("%d options whose values name files: the test does not see them all", files)
	}
}

// TestGNUOptionsOfFiles does so with the commands that read options as GNU tools do.
func TestGNUOptionsOfFiles(t *testing.T) {
	fs := flag.NewFlagSet("objcopy", flag.ContinueOnError)
	rename.AddFlags(fs)
	names := map[string][]string{"ld": {"-o", "--output", "-T", "--script", "-L", "--library-path"}}
	for _, o := range objcopyOptions {
		if o.value == hasValue && cmdline.NamesFile(fs.Lookup(o.prefix)) {
			names["objcopy"] = append(names["objcopy"], o.names...)
		}
	}
	if len(names["objcopy"]) < 4 {
		t.Errorf("objcopy: options whose values name files are %q", names["objcopy"])
	}
	for command, options := range names {
		for _, option := range options {
			var out, messages bytes.Buffer
			if code := run(commands, []string{command, option, ""}, &out, &messages); code != exitUsage || !strings.Contains(messages.String(), "want the name of a file or directory") {
				t.Errorf("%s %s '': exit code %d, %q", command, option, code, messages.String())
			}
		}
	}
}
