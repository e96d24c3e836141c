// SPDX-License-Identifier: Apache-2.0

// Package program_test runs the example's program under an emulator of 64-bit Arm.
package program_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestProgramAndIslandKeepTheirOwnFunctions(t *testing.T) {
	root := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"))
	got, err := exec.Command(filepath.Join(root, os.Getenv("QEMU")), filepath.Join(root, os.Getenv("PROGRAM"))).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	// 'e' is 101, 'l' 108 and '2' 50; rotated: ((101 << 5) ^ 108) << 5 ^ 50.
	const want = "own 101 -1\nsum 259\nrotated 104882\ncalls 2\n"
	if string(got) != want {
		t.Errorf("the program says\n%swant\n%s", got, want)
	}
}
