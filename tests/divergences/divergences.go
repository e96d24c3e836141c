// Package divergences names the differences between hyplink's output and that
// of other linkers which tests accept. docs/divergences.md explains each.
package divergences

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// matching returns a test for lines that a regular expression matches whole.
func matching(expression string) func(string) bool {
	return regexp.MustCompile(`^(?:` + expression + `)$`).MatchString
}

// All holds every accepted difference.
var All = []elfdump.Tolerance{
	{
		ID:   "empty-gas-sections",
		Only: "want",
		Match: matching(`section \.(text|data|bss) type=(PROGBITS|NOBITS) flags=(AX|WA) align=1 entsize=0 size=0x0 bytes=none` +
			`|symbol \.(text|data|bss) type=SECTION bind=LOCAL vis=DEFAULT section=\.(text|data|bss) value=0x0 size=0`),
	},
}

// OfInputs names the differences that tests bridge by giving the other linker
// another input, because they move whole sections.
var OfInputs = []string{"dot-counts-from-section"}

// ByID returns the tolerances of the given names.
func ByID(ids ...string) ([]elfdump.Tolerance, error) {
	var out []elfdump.Tolerance
	for _, id := range ids {
		i := slices.IndexFunc(All, func(t elfdump.Tolerance) bool { return t.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("no divergence %q; add it to tests/divergences and docs/divergences.md", id)
		}
		out = append(out, All[i])
	}
	return out, nil
}
