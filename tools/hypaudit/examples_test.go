// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"
)

// The examples of the help are command lines that are taken, and fail because there are
// neither the files nor programs to run.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("PATH", "")
	for _, c := range commands {
		if len(c.examples) == 0 || len(c.examples) > 3 {
			t.Errorf("%s has %d examples, want 1 to 3", c.name, len(c.examples))
		}
		for _, example := range c.examples {
			args := strings.Fields(example)
			if len(args) < 3 || args[0] != "hypaudit" || args[1] != c.name {
				t.Errorf("%s: not an example of hypaudit %s", example, c.name)
				continue
			}
			var stdout, stderr bytes.Buffer
			code := run(commands, args[1:], &stdout, &stderr)
			if code != exitFailed && code != exitDiffers || strings.Contains(stderr.String(), "usage: ") {
				t.Errorf("%s: exit code %d, %q, %q; want a failure, but not of the command line", example, code, stdout.String(), stderr.String())
			}
		}
	}
}

// The help of a command ends with its examples.
func TestHelpHasExamples(t *testing.T) {
	for _, c := range commands {
		var stdout, stderr bytes.Buffer
		if code := run(commands, []string{c.name, "--help"}, &stdout, &stderr); code != exitProven ||
			!strings.HasSuffix(stdout.String(), "\nexamples:\n  "+strings.Join(c.examples, "\n  ")+"\n") {
			t.Errorf("%s: exit code %d, %q, %q", c.name, code, stdout.String(), stderr.String())
		}
	}
}
