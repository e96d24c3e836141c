// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
)

// TestPlace finds the workspace and Bazel.
func TestPlace(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	workspace, below, full := filepath.Join(root, "w"), filepath.Join(root, "w/a/b"), filepath.Join(root, "full")
	for _, dir := range []string{below, full} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"w/MODULE.bazel", "full/file"} {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(below)
	for _, test := range []struct {
		options rebuildOptions
		program string
		err     string
	}{
		{rebuildOptions{}, "bazel", ""},
		{rebuildOptions{workspace: workspace, root: root}, "bazel", ""},
		{rebuildOptions{bazel: "bazelisk"}, "bazelisk", ""},
		{rebuildOptions{workspace: below}, "", "is in no Bazel workspace"},
		{rebuildOptions{root: below}, "", "is not below it"},
		{rebuildOptions{dir: full}, "", "is not empty"},
	} {
		if test.options.dir == "" {
			test.options.dir = t.TempDir()
		}
		p, err := test.options.place()
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%+v: %v, want %q", test.options, err, test.err)
		} else if err == nil && (p.Workspace != workspace || p.Program != test.program) {
			t.Errorf("%+v: got %+v", test.options, p)
		}
	}
	if err := os.WriteFile(filepath.Join(workspace, "bazelw"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	o := rebuildOptions{dir: t.TempDir()}
	if p, err := o.place(); err != nil || p.Program != "./bazelw" {
		t.Errorf("with bazelw: %q, %v", p.Program, err)
	}
}

func TestVariationLists(t *testing.T) {
	o := rebuildOptions{vary: bazelrun.Names()}
	if err := o.setVary("umask,path,date"); err != nil || !slices.Equal(o.vary, []string{"path", "umask", "date"}) {
		t.Errorf("got %q, %v", o.vary, err)
	}
	if err := o.setSkip("path"); err != nil || !slices.Equal(o.vary, []string{"umask", "date"}) {
		t.Errorf("got %q, %v", o.vary, err)
	}
}
