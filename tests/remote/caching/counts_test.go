// SPDX-License-Identifier: Apache-2.0

package caching

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

// Actions by mnemonic.
type actions map[string]int

// ran counts the actions of a build that came from no cache, by mnemonic.
func ran(build *bed.Build) actions {
	count := actions{}
	for _, s := range build.Spawns {
		if !strings.HasSuffix(s.Runner, "cache hit") {
			count[s.Mnemonic]++
		}
	}
	return count
}
