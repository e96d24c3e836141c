// SPDX-License-Identifier: Apache-2.0

package check

import "github.com/rules-hyp/rules_hyp/internal/machine"

// verdict is what a relocation means for a section.
type verdict uint8

const (
	refused  verdict = iota
	fine             // correct wherever the section is mapped
	listed           // correct if .hyp.reloc lists it
	constant         // correct if its symbol is a number
)

// static reports whether the final link can resolve a kind of relocation without
// a table such as a GOT. Unlisted kinds are refused, so that new ones are, too.
func static(k machine.RelocKind) bool {
	switch k {
	case machine.KindNone, machine.KindRelative, machine.KindLow, machine.KindBranch, machine.KindPair, machine.KindAbsolute:
		return true
	}
	return false
}

// hypVerdicts are the verdicts for the machine's rules for .hyp.reloc.
var hypVerdicts = [...]verdict{
	machine.HypRefused:  refused,
	machine.HypListed:   listed,
	machine.HypConstant: constant,
	machine.HypIgnored:  fine,
}

// verdictOn returns the verdict on a relocation. hyp says that it is in a
// hypervisor section, which some machines relocate at boot. Elsewhere, only
// relocations that need a dynamic linker are refused.
func verdictOn(m *machine.Machine, relocation uint32, hyp bool) verdict {
	rule := m.HypRule(relocation)
	if hyp && m.HypRelocations {
		return hypVerdicts[rule]
	}
	if rule != machine.HypRefused || static(m.RelocKind(relocation)) {
		return fine
	}
	return refused
}
