// SPDX-License-Identifier: Apache-2.0

package differential_test

import (
	"slices"
	"strings"
	"testing"
)

// TestStrings compares objects of which strings and constants were merged with those of lld.
func TestStrings(t *testing.T) {
	tools := tools(t)
	lines := 0
	for seed := uint64(1); seed <= 80; seed++ {
		want, got, err := tools.Strings(seed, t.TempDir())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("seed %d: got\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		lines += len(want)
	}
	if lines < 5000 {
		t.Errorf("only %d sections, symbols and relocations were compared", lines)
	}
}
