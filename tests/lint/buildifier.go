// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// warnings are all of buildifier but those that this repository does not follow, each
// for a reason. Without a name here, buildifier's own list is all but
// unsorted-dict-items: attributes are in the order in which a reader needs them.
const warnings = "-bzl-visibility" + // tests and toolchains of this repository look into rules/private
	",-unnamed-macro" // the steps of a WORKSPACE file declare many repositories and take no name

// Buildifier runs buildifier on the Starlark files among the files, in an empty
// directory. The error has its output.
func Buildifier(program, dir string, files []File) error {
	paths, err := writeFiles(dir, Select(files, IsStarlark))
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return fmt.Errorf("none of the %d files is Starlark", len(files))
	}
	command := exec.Command(program, append([]string{"-mode=check", "-lint=warn", "-warnings=" + warnings}, paths...)...)
	command.Dir = dir
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("buildifier: %w; see CONTRIBUTING.md for how to reformat\n%s", err, output)
	}
	return nil
}

// writeFiles writes the files into a directory and returns their paths in it.
func writeFiles(dir string, files []File) ([]string, error) {
	var paths []string
	for _, file := range files {
		path := filepath.Join(dir, file.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, file.Text, 0o666); err != nil {
			return nil, err
		}
		paths = append(paths, file.Path)
	}
	return paths, nil
}

// IsStarlark tells whether buildifier formats the file.
func IsStarlark(path string) bool {
	switch filepath.Base(path) {
	case "BUILD.bazel", "MODULE.bazel", "WORKSPACE", "BUILD":
		return true
	}
	// The BUILD file of a repository is NAME.BUILD.
	return strings.HasSuffix(path, ".bzl") || strings.HasSuffix(path, ".BUILD")
}
