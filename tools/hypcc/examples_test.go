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
	t.Setenv("PATH", "")
	for _, example := range examples {
		var stdout, stderr bytes.Buffer
		args := strings.Fields(example)
		if code := run(args[1:], &stdout, &stderr); args[0] != "hypcc" || code != exitFailed || stdout.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q; want %d for a missing file", example, code, stdout.String(), stderr.String(), exitFailed)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--help"}, &stdout, &stderr); code != 0 || stderr.Len() > 0 ||
		!strings.HasPrefix(stdout.String(), "usage: ") || !strings.HasSuffix(stdout.String(), "\nexamples:\n  "+strings.Join(examples, "\n  ")+"\n") {
		t.Errorf("--help: exit code %d, %q, %q", code, stdout.String(), stderr.String())
	}
}
