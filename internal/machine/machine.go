// SPDX-License-Identifier: Apache-2.0

// Package machine has everything that depends on the processor architecture: a
// file for each one, and an entry in the table below. No other package checks
// which machine it deals with, or uses the numbers of relocations, properties or
// section types of a processor's ABI.
//
// It imports no other package of hyplink.
package machine

import (
	"debug/elf"
	"strings"
	"sync"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Machine describes a processor architecture.
type Machine struct {
	ELF  elf.Machine
	Name string // "AArch64"
	// BigEndian says that there are big-endian objects for the machine.
	BigEndian bool
	// Emulations are the values of ld's option -m for the machine.
	Emulations []Emulation
	// None is the relocation that does nothing.
	None uint32
	// Prel32 is a 32-bit PC-relative relocation, as in entries of .hyp.reloc.
	Prel32 uint32
	// Abs64 is a 64-bit address, and Prel64 the same relative to its place. They are
	// 0 on machines without the latter.
	Abs64, Prel64 uint32
	// HypRelocations says that the machine's hypervisor is relocated by
	// .hyp.reloc; see HypRule.
	HypRelocations bool
	// Relax marks an instruction that the final link may relax, and Align padding
	// that it then adjusts. They are 0 on machines without linker relaxation.
	Relax, Align uint32
	// AllFlags are processor-specific section flags that are true of a whole only if
	// they are true of each part, and AnyFlags those that are if one part has them.
	AllFlags, AnyFlags elf.SectionFlag
	// NamedSections are special sections of the machine's own.
	NamedSections []NamedSection
	// Protection is the property for branch protection.
	Protection Protection
	Code       Code

	prefix     string          // of relocation names
	relocs     []relocation    // sorted by number
	fields     func() Fields   // of relocs, see init
	properties []propertyRange // processor-specific ones
	attributes elf.SectionType // of sections with build attributes; 0: none
	// sectionTypes are processor-specific ones.
	sectionTypes []SectionType

	// What the machine does in a way of its own; nil where it does not, as the
	// methods that call it say.
	nops     [][]byte // see Nops
	codeFill func(flags uint32) []byte
	// StackByDefault says that an object without .note.GNU-stack asks for an
	// executable stack, if others have the note.
	StackByDefault bool
	// DataHasNoABI says that e_flags of an object without code, as objcopy makes of a
	// file, say nothing: they are not compared.
	DataHasNoABI        bool
	mergeFlags          func(a, b uint32) (uint32, error)
	mergeAttributes     func(AttributeMerge) (merged []byte, bad []AttributeError)
	attributeProperties func(AttributeSet) ([]AttributeProperty, *AttributeError)
	linked              map[uint32]linkedField // by relocation type; see Linked
	rewritten           func(t uint32, want, have uint32, place, target uint64, code func(uint64, int) []byte) (Rewrite, bool)
}

// NamedSection is a special section: its name, which a dot and anything may follow,
// says which type and flags it has.
type NamedSection struct {
	Name  string
	Type  elf.SectionType
	Flags elf.SectionFlag
}

// Emulation is a value of ld's option -m.
type Emulation struct {
	Name      string
	BigEndian bool
}

// machines are the supported machines.
var machines = []*Machine{
	aarch64,
	x86_64,
	riscv64,
}

// The fields of a machine are made on demand: most processes need those of one.
func init() {
	for _, m := range machines {
		m.fields = sync.OnceValue(m.makeFields)
	}
}

// All returns the supported machines.
func All() []*Machine { return machines }

// For returns the machine with an ELF machine number, or nil.
func For(em elf.Machine) *Machine {
	for _, m := range machines {
		if m.ELF == em {
			return m
		}
	}
	return nil
}

// Named returns the machine with a name, or nil.
func Named(name string) *Machine {
	for _, m := range machines {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// ForEmulation returns the machine and the byte order for a value of ld's option
// -m, or nil.
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

// Emulations returns the supported values of ld's option -m.
func Emulations() []string {
	var names []string
	for _, m := range machines {
		for _, e := range m.Emulations {
			names = append(names, e.Name)
		}
	}
	return names
}

// Supported lists the supported machines for messages: "A, B and C".
func Supported() string {
	names := make([]string, len(machines))
	for i, m := range machines {
		names[i] = m.Name
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// MergeFlags merges the e_flags of two objects. They must be equal unless the
// processor's ABI says how to merge them. An error says how b is incompatible with
// a.
func (m *Machine) MergeFlags(a, b uint32) (uint32, error) {
	if m.mergeFlags != nil {
		return m.mergeFlags(a, b)
	}
	if a != b {
		return a, errcode.OtherABI.Errorf("processor flags are %#x, want %#x", b, a)
	}
	return a, nil
}

// CodeFill returns the default fill between code sections: the shortest NOP of
// objects with these e_flags. It returns the same slice each time.
func (m *Machine) CodeFill(flags uint32) []byte {
	if m.codeFill != nil {
		return m.codeFill(flags)
	}
	return m.Code.Nop
}

// Nops returns no-op instructions of one byte, of two and so on: what GNU ld pads
// code with where no fill pattern is given. It returns nil on machines where that is
// zeros.
func (m *Machine) Nops() [][]byte { return m.nops }
