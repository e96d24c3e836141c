// SPDX-License-Identifier: Apache-2.0

// Command update writes docs/rules.md from what Bazel extracts from the docstrings.
//
//	bazel run //docs/api:update
//
// Its arguments are the extracted modules (binary ModuleInfo messages of stardoc_output.proto), in the order of the document.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// renderFiles renders the modules in files.
func renderFiles(paths []string) (string, error) {
	var modules [][]byte
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			return "", err
		}
		modules = append(modules, data)
	}
	return render(modules)
}

func run(paths []string) error {
	workspace := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	if workspace == "" || len(paths) == 0 {
		return fmt.Errorf("start it by `bazel run //docs/api:update`")
	}
	text, err := renderFiles(paths)
	if err != nil {
		return err
	}
	target := filepath.Join(workspace, "docs", "rules.md")
	return fileio.WriteBytes(target, []byte(text))
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "update: %v\n", err)
		os.Exit(1)
	}
}
