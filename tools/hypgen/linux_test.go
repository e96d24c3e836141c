// SPDX-License-Identifier: Apache-2.0

//go:build linux_tree

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
)

// The manifest and the list of a kernel of rules_hyp are up to date with its repository.
func TestKernelFiles(t *testing.T) {
	build := os.Getenv("LINUX_BUILD_FILE")
	if build == "" {
		t.Fatal("LINUX_BUILD_FILE is not set; run the test with Bazel")
	}
	kernel, err := generate.KernelOf(os.Getenv("KERNEL"))
	if err != nil {
		t.Fatal(err)
	}
	runfiles := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"))
	tree := filepath.Dir(filepath.Join(runfiles, build))
	files := kernel.Request(runfiles)
	_, err = hypgen("-check", "-transcript", files.Transcript, "-headers", files.Headers, "-undefined", files.Undefined, tree)
	if err != nil {
		t.Error(err)
	}
}
