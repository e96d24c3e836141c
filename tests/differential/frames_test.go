// SPDX-License-Identifier: Apache-2.0

package differential_test

import (
	"slices"
	"strings"
	"testing"
)

// TestFrames compares the stack trace sections of programs that were linked by way of hyplink with those of GNU ld alone.
func TestFrames(t *testing.T) {
	tools := tools(t)
	functions := 0
	for seed := uint64(1); seed <= 30; seed++ {
		want, got, err := tools.Frames(seed, t.TempDir(), seed%3 == 0)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("seed %d: got\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		functions += len(want)
	}
	if functions < 100 {
		t.Errorf("only %d functions were compared", functions)
	}
}
