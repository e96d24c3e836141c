// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"
)

// The examples of the help are command lines that are taken: what is wrong with them
// is that their files do not exist.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range commands {
		if len(c.examples) == 0 || len(c.examples) > 3 {
			t.Errorf("%s has %d examples, want 1 to 3", c.name, len(c.examples))
		}
		for _, example := range c.examples {
			args := strings.Fields(example)
			if len(args) < 3 || args[0] != "hyplink" || args[1] != c.name {
				t.Errorf("%s: not an example of hyplink %s", example, c.name)
				continue
			}
			var stdout, stderr bytes.Buffer
			code := run(commands, args[1:], &stdout, &stderr)
			if code != exitInput || !strings.Contains(stderr.String(), "no such file") || stdout.Len() > 0 {
				t.Errorf("%s: exit code %d, %q, %q; want %d for a missing file", example, code, stdout.String(), stderr.String(), exitInput)
			}
		}
	}
}
