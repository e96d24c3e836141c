// Package lint holds tests over the sources of this repository.
package lint

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A File is one source file of the repository.
type File struct {
	Path string      // relative to the root of the repository
	Mode fs.FileMode // as in the working tree
	Text []byte
}

// Root returns the root of the source tree: where the link to MODULE.bazel among a test's runfiles leads.
func Root(t *testing.T) string {
	t.Helper()
	marker := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"), "MODULE.bazel")
	path, err := filepath.EvalSymlinks(marker)
	if err != nil {
		t.Fatalf("%v; run this with bazel test", err)
	}
	return filepath.Dir(path)
}

// Files reads the source files for which want returns true, in the order of their paths.
func Files(t *testing.T, want func(path string) bool) []File {
	t.Helper()
	root := Root(t)
	var files []File
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		// Bazel's links to its output, git's own folder, and what .gitignore keeps to one machine.
		name := entry.Name()
		if name == ".git" || name == ".bazelrc.user" || name == "MODULE.bazel.lock" || strings.HasPrefix(name, "bazel-") {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || !want(relative) {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files = append(files, File{relative, info.Mode(), text})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no file of interest below %s", root)
	}
	return files
}

// IsStarlark tells whether buildifier formats the file.
func IsStarlark(path string) bool {
	switch base := filepath.Base(path); base {
	case "BUILD.bazel", "MODULE.bazel", "WORKSPACE", "BUILD":
		return true
	default:
		return strings.HasSuffix(base, ".bzl")
	}
}
