// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func buildifier() string { return filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("BUILDIFIER")) }

func TestStarlark(t *testing.T) {
	if err := Buildifier(buildifier(), t.TempDir(), Sources(t)); err != nil {
		t.Error(err)
	}
}

func TestStarlarkFaults(t *testing.T) {
	for name, test := range map[string]struct{ path, text, fault string }{
		"clean":   {"a/BUILD.bazel", "exports_files([\"b\"])\n", ""},
		"format":  {"a/BUILD.bazel", "exports_files( ['b'] )\n", "a/BUILD.bazel # reformat"},
		"syntax":  {"a/BUILD.bazel", "exports_files(\n", "a/BUILD.bazel:3:1: syntax error"},
		"lint":    {"a/a.bzl", "load(\"//b:b.bzl\", \"b\")\n", "a/a.bzl:1: load"},
		"warning": {"a/a.bzl", "def f(a):\n    return a\n", "a/a.bzl:1: module-docstring"},
		"package": {"a/a.BUILD", "exports_files( ['b'] )\n", "a/a.BUILD # reformat"},
		"root":    {"WORKSPACE", "workspace( name = \"a\")\n", "WORKSPACE # reformat"},
		"no file": {"a/a.go", "package a\n", "none of the 1 files is Starlark"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Buildifier(buildifier(), t.TempDir(), []File{{test.path, []byte(test.text)}})
			switch {
			case err == nil && test.fault != "":
				t.Errorf("found nothing, want %q", test.fault)
			case err != nil && (test.fault == "" || !strings.Contains(err.Error(), test.fault)):
				t.Errorf("found %v, want %q", err, test.fault)
			}
		})
	}
}
