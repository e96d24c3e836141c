package check

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// verdict is what a relocation means for a section.
type verdict uint8

const (
	refused  verdict = iota
	fine             // right wherever the section ends up
	listed           // right when .hyp.reloc lists it
	constant         // right when its symbol is a number, no address
)

// kinds gives each kind of relocation a verdict; a kind that is not there is
// refused, so that a relocation nobody thought of is.
type kinds [16]verdict

// span is how far a relocation reaches: a signed number of bits, in bytes.
type span struct {
	relocation uint32
	bits       uint8
	unit       uint8 // distances are multiples of this many bytes
}

// exception is a relocation, by number, that differs from its kind.
type exception struct {
	relocation uint32
	verdict    verdict
}

// machinePolicy is what the rules know of a processor.
type machinePolicy struct {
	moved      kinds // in hypervisor sections
	fixed      kinds // in other loaded sections
	exceptions []exception
	spans      []span
	// property is the type of the note's entry (GNU_PROPERTY_…_FEATURE_1_AND)
	// and its bits for branch targets and for return addresses; 0 for a
	// processor without.
	property, bti, pac uint32
}

// Relocations that keep their meaning in any position.
var positionIndependent = kinds{machine.KindNone: fine, machine.KindRelative: fine, machine.KindLow: fine, machine.KindBranch: fine, machine.KindPair: fine}

// Relocations that the final link can resolve without tables of its own.
var static = kinds{machine.KindNone: fine, machine.KindRelative: fine, machine.KindLow: fine, machine.KindBranch: fine, machine.KindPair: fine, machine.KindAbsolute: fine}

// verdictOn returns what a relocation means for a section.
func (p *machinePolicy) verdictOn(k *kinds, kind machine.RelocKind, relocation uint32) verdict {
	for _, x := range p.exceptions {
		if x.relocation == relocation {
			return x.verdict
		}
	}
	return k[kind]
}

// policyFor returns the table of a machine.
func policyFor(m *machine.Machine) *machinePolicy {
	switch m.ELF {
	case elf.EM_AARCH64:
		return &aarch64Policy
	case elf.EM_X86_64:
		return &x86Policy
	case elf.EM_RISCV:
		return &riscvPolicy
	}
	return &machinePolicy{}
}

// The list of AArch64 is that of arch/arm64/kvm/hyp/nvhe/gen-hyprel.c, whose
// default is to stop; ABS32 is there since 6.11, for the type numbers of kCFI,
// which are absolute symbols. Numbers and reaches: AAELF64 5.7.
var aarch64Policy = machinePolicy{
	moved:      positionIndependent,
	fixed:      static,
	exceptions: []exception{{257, listed}, {258, constant}, {314, fine}}, // ABS64, ABS32, PLT32
	spans: []span{
		{273, 21, 4}, // LD_PREL_LO19
		{274, 21, 1}, // ADR_PREL_LO21
		{279, 16, 4}, // TSTBR14
		{280, 21, 4}, // CONDBR19
		{282, 28, 4}, // JUMP26
		{283, 28, 4}, // CALL26
	},
	property: 0xc0000000, bti: 1, pac: 2,
}

// Nothing of x86-64 and RISC-V runs from a table like .hyp.reloc; what is
// refused there is what code without a dynamic linker cannot have.
// x86-64 psABI 4.4; the property's bits are IBT and SHSTK.
var x86Policy = machinePolicy{
	moved: static, fixed: static,
	spans: []span{
		{15, 8, 1},  // PC8
		{13, 16, 1}, // PC16
		{2, 32, 1},  // PC32
		{4, 32, 1},  // PLT32
	},
	property: 0xc0000002, bti: 1, pac: 2,
}

// RISC-V psABI, "Relocations". Relaxation only makes distances shorter.
var riscvPolicy = machinePolicy{
	moved: static, fixed: static,
	spans: []span{
		{16, 13, 2}, // BRANCH
		{17, 21, 2}, // JAL
		{44, 9, 2},  // RVC_BRANCH
		{45, 12, 2}, // RVC_JUMP
	},
}
