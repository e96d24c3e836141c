// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		args           string
		code           int
		stdout, stderr string // parts of them
	}{
		{"", exitUsage, "", "hypaudit image"},
		{"help", exitProven, "Exit codes: 0 proven; 1 differs", ""},
		{"help E8102", exitProven, "E8102: the kernel's file is damaged\n", ""},
		{"help E8100", exitUsage, "", `no command or error is called "E8100"; give a command such as rebuild, or an identifier from the end of a message, such as E8102 [E5010]`},
		{"--version", exitProven, "hypaudit ", ""},
		{"image --help", exitProven, "-system-map", ""},
		{"prove", exitUsage, "", `no command "prove"; 'hypaudit help' lists them [E5001]`},
		{"image", exitUsage, "", "0 files, want an object and a kernel [E5005]"},
		{"image a b c", exitUsage, "", "3 files, want an object and a kernel"},
		{"image --debian=x a", exitUsage, "", "1 files besides --debian, want none"},
		{"image --package=k.deb a b", exitUsage, "", "--object and --package are of --debian"},
		{"image --suite=trixie a b", exitUsage, "", "--suite, --rules-hyp, --bazel, --object and --package are of --debian"},
		{"image --debian=linux-image-arm64 --rules-hyp=testdata", exitFailed, "", "testdata: is not the directory of rules_hyp"},
		{"image --lines=many a b", exitUsage, "", "invalid value"},
		{"image missing.o vmlinuz", exitFailed, "", "missing.o: "},
		{"explain --help", exitProven, "-causes", ""},
		{"explain a", exitUsage, "", "1 files, want the execution logs of two builds"},
		{"explain missing.json testdata/after.json", exitFailed, "", "missing.json: "},
		{"explain . testdata/after.json", exitFailed, "", ".: is a directory"},
		{"explain testdata/text.txt testdata/after.json", exitFailed, "", "text.txt: is no execution log"},
		{"explain testdata/before.json testdata/cut.json", exitFailed, "", "cut.json: +0x4e15: the log ends inside a spawn"},
		{"explain testdata/before.json testdata/before.json", exitProven, "NO DIFFERENCE: 4 actions", ""},
		{"explain testdata/before.json testdata/after.json", exitDiffers, "examples/el2/percpu.h (source file)", ""},
		{"explain --json testdata/before.json testdata/after.json", exitDiffers, `"schema": 1`, ""},
		{"rebuild --help", exitProven, "-remote_executor", ""},
		{"rebuild", exitUsage, "", "no target"},
		{"rebuild --vary=moon //:a", exitUsage, "", `"moon": want some of path, `},
		{"rebuild --repeat=0 //:a", exitUsage, "", "--repeat: got 0, want 1 or more"},
		{"rebuild --workspace=testdata //:a", exitFailed, "", "testdata: is in no Bazel workspace"},
		{"rebuild --accepted=missing.json //:a", exitFailed, "", "missing.json: "},
		{"rebuild --accepted=testdata/after.json //:a", exitFailed, "", "is no list of accepted differences"},
	} {
		var out, messages bytes.Buffer
		code := run(commands, strings.Fields(test.args), &out, &messages)
		if code != test.code || !strings.Contains(out.String(), test.stdout) || !strings.Contains(messages.String(), test.stderr) ||
			(test.stdout == "") != (out.Len() == 0) || (test.stderr == "") != (messages.Len() == 0) {
			t.Errorf("%q: exit code %d, %q, %q; want %d, %q, %q", test.args, code, out.String(), messages.String(), test.code, test.stdout, test.stderr)
		}
	}
}

// TestLostReport has a report that cannot be written: that is no success.
func TestLostReport(t *testing.T) {
	var messages bytes.Buffer
	if code := run(commands, []string{"help"}, full{}, &messages); code != exitFailed || !strings.Contains(messages.String(), "no space left") {
		t.Errorf("exit code %d, %q; want %d", code, messages.String(), exitFailed)
	}
}
