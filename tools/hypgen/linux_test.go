//go:build linux_tree

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The manifest and the list of the default kernel are what the generator finds in @linux itself.
func TestDefaultKernelFiles(t *testing.T) {
	build := os.Getenv("LINUX_BUILD_FILE")
	if build == "" {
		t.Fatal("LINUX_BUILD_FILE is not set; run the test with Bazel")
	}
	runfiles := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"))
	tree := filepath.Dir(filepath.Join(runfiles, build))
	_, err := hypgen(
		"-check",
		"-transcript", filepath.Join(runfiles, defaultTranscript),
		"-headers", filepath.Join(runfiles, defaultPackage, "headers.txt"),
		"-undefined", filepath.Join(runfiles, defaultPackage, "undefined.txt"),
		tree)
	if err != nil {
		t.Error(err)
	}
}
