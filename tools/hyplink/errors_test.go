// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// help explains the identifier of an error, as the message has it.
func TestHelpError(t *testing.T) {
	for args, want := range map[string]struct {
		code           int
		stdout, stderr string // how they begin
	}{
		"help E5006":   {0, "E5006: no output file\n\n    hyplink link: no output; give -o FILE [E5006]\n\nCause: ", ""},
		"help e5006":   {2, "", `hyplink: no command, error or rule is called "e5006"; give a command such as layout, or an identifier from a message, such as E1003 or HYP003 [E5010]` + "\n"},
		"help link":    {0, "usage: hyplink link ", ""},
		"help objcopy": {0, "usage: hyplink objcopy ", ""},
		"help HYP003":  {0, "HYP003: orphan-section\n\nRule: every loaded section", ""},
		"help HYP999":  {2, "", `hyplink: no command, error or rule is called "HYP999"`},
		"help":         {0, "hyplink builds namespaced ELF objects.\n", ""},
	} {
		var stdout, stderr bytes.Buffer
		code := run(commands, strings.Fields(args), &stdout, &stderr)
		if code != want.code || !strings.HasPrefix(stdout.String(), want.stdout) || !strings.HasPrefix(stderr.String(), want.stderr) {
			t.Errorf("%s: exit code %d, %q, %q; want %v", args, code, stdout.String(), stderr.String(), want)
		}
	}
}

// Each joined error has a line, with the identifier of its own kind.
func TestErrorLines(t *testing.T) {
	sampleDir(t)
	var out, stderr bytes.Buffer
	if code := run(commands, strings.Fields("link -o out.o good.o same.o"), &out, &stderr); code != 1 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
	if len(lines) < 2 {
		t.Errorf("%d lines, want several: %q", len(lines), lines)
	}
	for _, line := range lines {
		if !strings.HasSuffix(line, " [E3101]") {
			t.Errorf("%q is not about a duplicate symbol", line)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A report that is lost is an error, however long it is.
func TestStandardOutputLost(t *testing.T) {
	sampleDir(t)
	for _, args := range []string{"layout good.o", "layout --json good.o", "help"} {
		var stderr bytes.Buffer
		code := run(commands, strings.Fields(args), fullDisk{}, &stderr)
		if want := "standard output cannot be written: no space left on device; give it room, or another file [E5101]\n"; code != 1 || !strings.HasSuffix(stderr.String(), want) {
			t.Errorf("%s: exit code %d, %q", args, code, stderr.String())
		}
	}
}
