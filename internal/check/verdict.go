package check

import "github.com/rules-hyp/rules_hyp/internal/machine"

// verdict is what a relocation means for a section.
type verdict uint8

const (
	refused  verdict = iota
	fine             // right wherever the section ends up
	listed           // right when .hyp.reloc lists it
	constant         // right when its symbol is a number, no address
)

// static reports whether the final link can resolve a kind of relocation without
// tables of its own. Kinds that are not listed are refused, so that a relocation
// nobody thought of is.
func static(k machine.RelocKind) bool {
	switch k {
	case machine.KindNone, machine.KindRelative, machine.KindLow, machine.KindBranch, machine.KindPair, machine.KindAbsolute:
		return true
	}
	return false
}

// hypVerdicts say what the machine's rules for .hyp.reloc mean.
var hypVerdicts = [...]verdict{
	machine.HypRefused:  refused,
	machine.HypListed:   listed,
	machine.HypConstant: constant,
	machine.HypIgnored:  fine,
}

// verdictOn returns what a relocation means for a section. hyp says that it is
// one of the hypervisor's own, which on some machines is moved after the link;
// on others, what is refused is only what code without a dynamic linker cannot
// have.
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
