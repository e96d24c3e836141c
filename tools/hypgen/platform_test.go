// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// The platform is that with the tree's compiler, unless the command line says which platform or compiler it is.
func TestPlatformOfTheTree(t *testing.T) {
	objects := t.TempDir()
	config := "CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=190107\n"
	if err := os.WriteFile(filepath.Join(objects, ".config"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name           string
		arguments      []string
		platform, with string
	}{
		{"default", nil, "@rules_hyp//platforms:arm64_clang19", "clang-19"},
		{"rules_hyp by another name", []string{"-rules=@hyp//rules:defs.bzl"}, "@hyp//platforms:arm64_clang19", "clang-19"},
		{"in rules_hyp itself", []string{"-rules=//rules:defs.bzl"}, "//platforms:arm64_clang19", "clang-19"},
		{"a platform", []string{"-platform=@rules_hyp//platforms:arm64_gcc14"}, "@rules_hyp//platforms:arm64_gcc14", "gcc-14"},
		{"a compiler", []string{"-compiler=clang-18"}, "", "clang-18"},
		{"any compiler", []string{"-compiler=any"}, "", ""},
		{"targets in the tree", []string{"-write-repo"}, "@rules_hyp//platforms:arm64_clang19", "clang-19"},
		// The platform of a hyp_library is that of its dependents.
		{"a library", []string{"-library-only"}, "", "gcc-12"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := parse(append(test.arguments, objects), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			c.choosePlatform(&tree.Tree{Objects: objects})
			with := ""
			if target := c.target(); target != nil {
				with = target.String()
			}
			if got := c.request.Build.Platform; got != test.platform || with != test.with {
				t.Errorf("got platform %q with %q, want %q with %q", got, with, test.platform, test.with)
			}
		})
	}
}
