// SPDX-License-Identifier: Apache-2.0

package differential_test

import (
	"bytes"
	"testing"
)

// TestAttributes is in the lane whose lld and clang know build attributes. It compares what is left of the features that objects claim in either form.
func TestAttributes(t *testing.T) {
	tools := tools(t)
	if tools.Clang == "" {
		t.Fatal("CLANG is not set; run this by bazel, as differential_newest_test")
	}
	left := 0
	for seed := uint64(1); seed <= 60; seed++ {
		want, got, err := tools.Attributes(seed, t.TempDir())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("seed %d: got %x, want %x", seed, got, want)
		}
		if got != nil {
			left++
		}
	}
	if left < 10 || left > 50 {
		t.Errorf("%d of 60 objects have features; want some, and some without", left)
	}
}
