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
	// Emulations are what ld's option -m calls the machine.
	Emulations []Emulation
	// None is the relocation that does nothing.
	None uint32
	// Prel32 is a 32-bit distance from the place, as in entries of .hyp.reloc.
	Prel32 uint32
	// HypRelocations says that a hypervisor of the machine is moved by means of
	// .hyp.reloc; HypRule tells which relocations that concerns.
	HypRelocations bool
	// Relax marks an instruction that the final link may shorten, and Align
	// padding that it then adjusts; zero on machines whose linkers do neither.
	Relax, Align uint32
	// Protection is how an object says that its code guards its branches.
	Protection Protection
	Code       Code

	// What the tables say; methods read it.
	prefix     string          // of the relocations' names
	relocs     []relocation    // in order of number
	fields     Fields          // of relocs, see init
	properties []propertyRange // of the processor's own
	// attributes is the type of the section of build attributes; 0 where there is
	// no such section.
	attributes elf.SectionType

	// What the machine does in a way of its own; nil where it does not, as the
	// methods that call it say.
	codeFill            func(flags uint32) []byte
	mergeFlags          func(a, b uint32) (uint32, error)
	mergeAttributes     func(AttributeMerge) (merged []byte, bad []AttributeError)
	attributeProperties func(AttributeSet) ([]AttributeProperty, *AttributeError)
}

// Emulation is a value of ld's option -m.
type Emulation struct {
	Name      string
	BigEndian bool
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

// ForEmulation returns the machine and the byte order of a value of ld's option
// -m, nil for one that is not supported.
func ForEmulation(name string) (m *Machine, bigEndian bool) {
	for _, m := range machines {
		for _, e := range m.Emulations {
			if e.Name == name {
				return m, e.BigEndian
			}
		}
	}
	return nil, false
}

// Emulations are the values of ld's option -m that are supported.
func Emulations() []string {
	var names []string
	for _, m := range machines {
		for _, e := range m.Emulations {
			names = append(names, e.Name)
		}
	}
	return names
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

// MergeFlags merges the e_flags of two objects that are linked together: they
// have to be equal, where the processor's ABI does not say otherwise. The error
// says what of b differs from a in a way that a link cannot mend.
func (m *Machine) MergeFlags(a, b uint32) (uint32, error) {
	if m.mergeFlags != nil {
		return m.mergeFlags(a, b)
	}
	if a != b {
		return a, fmt.Errorf("processor flags are %#x, want %#x", b, a)
	}
	return a, nil
}

// CodeFill is what padding between pieces of code repeats where a linker script
// does not say: instructions that do nothing, of the shortest kind that objects
// with these e_flags have. It is the same slice each time.
func (m *Machine) CodeFill(flags uint32) []byte {
	if m.codeFill != nil {
		return m.codeFill(flags)
	}
	return m.Code.Nop
}
