// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// TestReach tries each relocation with a limited range at the limit in both
// directions, one unit beyond it, and at a fraction of a unit.
func TestReach(t *testing.T) {
	for _, m := range machine.All() {
		for typ := range uint32(len(m.Fields())) {
			if reach, ok := m.Reach(typ); ok {
				tryReach(t, m, m.RelocName(typ), reach)
			}
		}
	}
}

func tryReach(t *testing.T, m *machine.Machine, relocation string, reach machine.Reach) {
	t.Helper()
	distances := map[int64]bool{-reach.Back: true, reach.Forward: true, 0: true, -reach.Back - reach.Unit: false, reach.Forward + reach.Unit: false}
	if reach.Unit > 1 {
		distances[reach.Unit/2] = false
	}
	for distance, ok := range distances {
		o, err := elftext.Parse("o", fmt.Sprintf(`machine %s
section .hyp.text PROGBITS AX align=16
  00000000 00000000 00000000 00000000
  +0x8 %s f%+d
symbol f LOCAL FUNC .hyp.text+0x8 size=4
`, m.Name, relocation, distance))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(o, Options{SectionPrefix: hyprel.DefaultSectionPrefix})
		if err != nil {
			t.Fatal(err)
		}
		found := strings.Contains(textOf(r), "HYP008 branch-range")
		if found == ok || len(r.Findings) > 1 {
			t.Errorf("%s over %d bytes: %q", relocation, distance, textOf(r))
		}
	}
}

// The distance to a target in another section or another object is not known.
func TestReachOfOtherSections(t *testing.T) {
	o, err := elftext.Parse("o", `section .hyp.text PROGBITS AX align=16
  00000000 00000000
  +0x0 TSTBR14 g+1048576
  +0x4 CONDBR19 h+2097152
section .hyp.idmap.text PROGBITS AX align=16
  00000000
symbol g LOCAL FUNC .hyp.idmap.text+0x0 size=4
symbol h GLOBAL FUNC UND
`)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(o, Options{SectionPrefix: hyprel.DefaultSectionPrefix, Undefined: names("h")})
	if err != nil || !r.Passed {
		t.Errorf("%v %s", err, textOf(r))
	}
}
