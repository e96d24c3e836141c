// SPDX-License-Identifier: Apache-2.0

// Package boot_test links and compares kernels.
package boot_test

import (
	"os"
	"path/filepath"
	"testing"
)

// runfile returns the path of a file that the BUILD file names.
func runfile(t *testing.T, name string) string {
	t.Helper()
	if name == "" {
		t.Fatal("run this by `bazel test`")
	}
	return filepath.Join(os.Getenv("TEST_SRCDIR"), name)
}
