//go:build linux_tree

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
)

// The manifest and the list of the default kernel are up to date with @linux.
func TestDefaultKernelFiles(t *testing.T) {
	build := os.Getenv("LINUX_BUILD_FILE")
	if build == "" {
		t.Fatal("LINUX_BUILD_FILE is not set; run the test with Bazel")
	}
	runfiles := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"))
	tree := filepath.Dir(filepath.Join(runfiles, build))
	kernel := generate.DefaultKernel(runfiles)
	_, err := hypgen("-check", "-transcript", kernel.Transcript, "-headers", kernel.Headers, "-undefined", kernel.Undefined, tree)
	if err != nil {
		t.Error(err)
	}
}
