// Package machine holds everything that depends on a processor architecture:
// one file for each, and one line in the table below. No other package tests
// for a machine, or knows the number of a relocation, a property or a section
// type that a processor's ABI defines.
//
// It imports nothing of ours: what it says, it says of numbers and bytes.
package machine

import (
	"debug/elf"
	"fmt"
	"strings"
)

// Machine is what the linker needs to know of a processor architecture.
type Machine struct {
	ELF  elf.Machine
	Name string // "AArch64"
	// BigEndian says that big-endian objects of the machine exist.
	BigEndian bool
	// None is the relocation that does nothing.
	None uint32
	// Prel32 is a 32-bit distance from the place.
	Prel32 uint32
	// HypRelocations says that a hypervisor of the machine is moved by means of
	// .hyp.reloc; HypRule tells which relocations that concerns.
	HypRelocations bool
	// Relax marks an instruction that the final link may shorten, and Align
	// padding that it then adjusts; zero on machines whose linkers do neither.
	Relax, Align uint32
	// Protection is how an object says that its code guards its branches.
	Protection Protection
	// CodeFill is what padding between pieces of code repeats where a linker
	// script does not say: instructions that do nothing.
	CodeFill   []byte
	prefix     string          // of the relocations' names
	relocs     []relocation    // in order of number
	fields     Fields          // of relocs, see init
	properties []propertyRange // of the processor's own
	// attributes is the type of the section of build attributes; 0 where there is
	// no such section.
	attributes elf.SectionType
	// mergeAttributes merges sets that differ; nil where that cannot be done.
	mergeAttributes func(sets []AttributeSet) (merged []byte, bad []AttributeError)
	// mergeFlags merges e_flags, see MergeFlags; nil where those of all objects
	// have to be equal.
	mergeFlags func(a, b uint32) (uint32, error)
}

// machines are the supported ones.
var machines = []*Machine{
	aarch64,
	x86_64,
	riscv64,
}

func init() {
	for _, m := range machines {
		m.fields = makeFields(m.relocs)
	}
}

// All returns the supported machines.
func All() []*Machine { return machines }

// For returns the machine of an ELF header, nil for one that is not supported.
func For(em elf.Machine) *Machine {
	for _, m := range machines {
		if m.ELF == em {
			return m
		}
	}
	return nil
}

// Named returns the machine of a name, nil for one that is not supported.
func Named(name string) *Machine {
	for _, m := range machines {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Supported names the supported machines for messages: "A, B and C".
func Supported() string {
	names := make([]string, len(machines))
	for i, m := range machines {
		names[i] = m.Name
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// MergeFlags merges the e_flags of two objects that are linked together. The
// error says what of b differs from a in a way that a link cannot mend.
func (m *Machine) MergeFlags(a, b uint32) (uint32, error) {
	if m.mergeFlags != nil {
		return m.mergeFlags(a, b)
	}
	if a != b {
		return a, fmt.Errorf("processor flags are %#x, want %#x", b, a)
	}
	return a, nil
}
