// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Sources reads all files of the repository, sorted by path. They are inputs of
// the test, listed by the manifest of sources.bzl. A listed file that is not
// there fails the test.
func Sources(t *testing.T) []File {
	t.Helper()
	manifest := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("SOURCES"))
	list, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatalf("%v; run this with bazel test", err)
	}
	var files []File
	for path := range strings.Lines(string(list)) {
		path = strings.TrimSuffix(path, "\n")
		text, err := os.ReadFile(filepath.Join(filepath.Dir(manifest), "tree", path+".source"))
		if err != nil {
			t.Fatalf("%v; it has to be in the data of this test", err)
		}
		files = append(files, File{path, text})
	}
	return files
}
