// SPDX-License-Identifier: Apache-2.0

package lint

import "testing"

// leastFiles is below what the repository has, and far above what a broken
// listing has. .ci/run compares the list with git's.
const leastFiles = 600

// TestSources checks that the test sees the whole tree: files in every kind of
// place that Bazel hides from a glob.
func TestSources(t *testing.T) {
	files := Sources(t)
	if len(files) < leastFiles {
		t.Errorf("%d files, want at least %d; see sources.bzl", len(files), leastFiles)
	}
	seen := map[string]bool{}
	for _, f := range files {
		seen[f.Path] = true
	}
	for _, path := range []string{
		".ci/run",                 // a hidden directory
		".bazelrc",                // a hidden file
		"MODULE.bazel",            // the root package
		"tests/lint/BUILD.bazel",  // a package
		"internal/elfobj/doc.go",  // another package's file
		"e2e/bzlmod/MODULE.bazel", // another workspace, which .bazelignore hides
		"e2e/workspace/BUILD.bazel",
	} {
		if !seen[path] {
			t.Errorf("%s is not among the sources; see sources.bzl", path)
		}
	}
}

func TestTree(t *testing.T) {
	files := Sources(t)
	for _, rule := range Rules {
		t.Run(rule.Name, func(t *testing.T) {
			if len(Select(files, rule.Wants)) == 0 {
				t.Errorf("none of the %d files is one that the rule looks at", len(files))
			}
			for _, fault := range rule.Check(files) {
				t.Error(fault)
			}
		})
	}
}
