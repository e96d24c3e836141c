// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The file of a kernel is the one that hypgen writes for the kernel's tree now.
func TestKernel(t *testing.T) {
	from, file := os.Getenv("BOOT_BUILD"), os.Getenv("BOOT_FILE")
	if from == "" || file == "" {
		t.Fatal("BOOT_BUILD or BOOT_FILE is not set; run this by bazel test //kernels/VERSION/boot:kbuild_test")
	}
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := convert(from, text, command(filepath.ToSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not what hypgen writes for the kernel; run %s. Want:\n%s", file, command(file), want)
	}
}
