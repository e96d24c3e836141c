// SPDX-License-Identifier: Apache-2.0

package link

import (
	"fmt"
	"testing"
)

// TestGlobals interns names in shards: each is found again, and they are listed
// in the order in which they came.
func TestGlobals(t *testing.T) {
	for _, shards := range []int{1, 2, 3, 64} {
		var g symbolTable
		g.reset(shards)
		const n = 3 * symbolPage
		for i := range 2 * n {
			name := fmt.Sprint("name", i*7%n)
			known := g.lookup(name)
			if (known != nil) != (i >= n) {
				t.Fatalf("%d shards: %s is known: %v", shards, name, known != nil)
			}
			if got := g.intern(name); known != nil && got != known || got.def.Name != name {
				t.Fatalf("%d shards: %s became another global", shards, name)
			}
		}
		order := g.inOrder()
		for i, index := range order {
			if got, want := g.at(index).def.Name, fmt.Sprint("name", i*7%n); got != want {
				t.Fatalf("%d shards: %s is number %d, want %s", shards, got, i, want)
			}
		}
		if len(order) != n || g.len() != n {
			t.Errorf("%d shards: %d of %d globals, want %d", shards, len(order), g.len(), n)
		}
	}
}
