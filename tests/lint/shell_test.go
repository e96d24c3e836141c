// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func shellcheck() string { return filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("SHELLCHECK")) }

func TestShell(t *testing.T) {
	if err := ShellCheck(shellcheck(), t.TempDir(), Sources(t)); err != nil {
		t.Error(err)
	}
}

func TestShellFaults(t *testing.T) {
	for name, test := range map[string]struct{ path, text, fault string }{
		"clean":         {"a/a.sh", "#!/bin/sh\necho \"$1\"\n", ""},
		"word":          {"a/a.sh", "#!/bin/sh\n# …\necho $1\n", "a/a.sh:3:6: note: Double quote"},
		"by first line": {"a", "#!/usr/bin/env bash\nlocal x\n", "a:2:1: error: 'local' is only valid in functions"},
		"what shell":    {"a.sh", "# A script.\n", "a.sh:1:1: error: Tips depend on target shell"},
		"syntax":        {"a.sh", "#!/bin/sh\nif\n", "a.sh:2:1: error: Couldn't parse"},
		"no script":     {"a.go", "package a\n", "none of the 1 files is a shell script"},
	} {
		t.Run(name, func(t *testing.T) {
			err := ShellCheck(shellcheck(), t.TempDir(), []File{{test.path, []byte(test.text)}})
			switch {
			case err == nil && test.fault != "":
				t.Errorf("found nothing, want %q", test.fault)
			case err != nil && (test.fault == "" || !strings.Contains(err.Error(), test.fault)):
				t.Errorf("found %v, want %q", err, test.fault)
			}
		})
	}
}
