// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"debug/elf"
	"fmt"
)

// TypeRule says what a partial link does with sections of a type.
type TypeRule uint8

// Rules for section types.
const (
	// TypeAlone is a type with contents that nobody knows how to join: such a
	// section is carried through as it is, but is not joined with another one.
	TypeAlone        TypeRule = iota
	TypeTable                 // a table of the file format, which the writer makes
	TypePlain                 // bytes: concatenated, also with others that are
	TypeConcatenated          // concatenated with others of the type
	TypeMerged                // merged by meaning
	TypeDiscarded             // not in the output
	TypeRefused               // not in an object, or not to be linked
)

// SectionType is a section type with what is done about it.
type SectionType struct {
	Type elf.SectionType
	Name string // without SHT_
	Rule TypeRule
}

// sectionTypes are those of all machines.
var sectionTypes = []SectionType{
	{elf.SHT_PROGBITS, "PROGBITS", TypePlain},
	{elf.SHT_NOBITS, "NOBITS", TypePlain},
	{elf.SHT_NOTE, "NOTE", TypePlain},
	{elf.SHT_INIT_ARRAY, "INIT_ARRAY", TypePlain},
	{elf.SHT_FINI_ARRAY, "FINI_ARRAY", TypePlain},
	{elf.SHT_PREINIT_ARRAY, "PREINIT_ARRAY", TypePlain},
	{elf.SHT_SYMTAB, "SYMTAB", TypeTable},
	{elf.SHT_SYMTAB_SHNDX, "SYMTAB_SHNDX", TypeTable},
	{elf.SHT_RELA, "RELA", TypeTable},
	{elf.SHT_GROUP, "GROUP", TypeTable},
	// The names of sections and symbols are tables. Into others something has
	// offsets.
	{elf.SHT_STRTAB, "STRTAB", TypeAlone},
	{elf.SHT_REL, "REL", TypeRefused},
	{0x40000014, "CREL", TypeRefused},
	{elf.SHT_HASH, "HASH", TypeRefused},
	{elf.SHT_DYNAMIC, "DYNAMIC", TypeRefused},
	{elf.SHT_SHLIB, "SHLIB", TypeRefused},
	{elf.SHT_DYNSYM, "DYNSYM", TypeRefused},
	{19, "RELR", TypeRefused},
	{0x60000001, "ANDROID_REL", TypeRefused},
	{0x60000002, "ANDROID_RELA", TypeRefused},
	{0x6fffff00, "ANDROID_RELR", TypeRefused},
	{0x6fff4c01, "LLVM_LINKER_OPTIONS", TypeConcatenated},
	{0x6fff4c02, "LLVM_CALL_GRAPH_PROFILE_V0", TypeDiscarded}, // before LLVM 13
	{0x6fff4c09, "LLVM_CALL_GRAPH_PROFILE", TypeDiscarded},    // how often functions call each other
	{0x6fff4c03, "LLVM_ADDRSIG", TypeDiscarded},               // symbol indices of its own object
	{0x6fff4c04, "LLVM_DEPENDENT_LIBRARIES", TypeConcatenated},
	{0x6fff4c05, "LLVM_SYMPART", TypeAlone}, // one name, and one symbol by a relocation
	{0x6fff4c06, "LLVM_PART_EHDR", TypeRefused},
	{0x6fff4c07, "LLVM_PART_PHDR", TypeRefused},
	{0x6fff4c08, "LLVM_BB_ADDR_MAP_V0", TypeConcatenated},
	{0x6fff4c0a, "LLVM_BB_ADDR_MAP", TypeConcatenated},
	{0x6fff4c0b, "LLVM_OFFLOADING", TypeConcatenated},
	{0x6fff4c0d, "LLVM_JT_SIZES", TypeConcatenated},
	{0x6fff4c0e, "LLVM_CFI_JUMP_TABLE", TypePlain}, // code
	{0x6fff4c0f, "LLVM_CALL_GRAPH", TypeConcatenated},
	{0x6ffffff4, "GNU_SFRAME", TypeMerged},
	{0x6ffffff5, "GNU_ATTRIBUTES", TypeDiscarded}, // none are defined for the machines
	{elf.SHT_GNU_HASH, "GNU_HASH", TypeRefused},
	{elf.SHT_GNU_LIBLIST, "GNU_LIBLIST", TypeRefused},
	{0x6ffffff8, "CHECKSUM", TypeRefused},
	{elf.SHT_GNU_VERDEF, "GNU_VERDEF", TypeRefused},
	{elf.SHT_GNU_VERNEED, "GNU_VERNEED", TypeRefused},
	{elf.SHT_GNU_VERSYM, "GNU_VERSYM", TypeRefused},
}

// SectionTypes returns the section types that are known for the machine.
func (m *Machine) SectionTypes() []SectionType {
	return append(append([]SectionType{}, sectionTypes...), m.sectionTypes...)
}

// TypeRule returns the rule for sections of a type, which depends on flags where
// the type is not known: what is for the processor, or is loaded for an
// application, needs treatment that nobody knows (GNU ld refuses it, too).
func (m *Machine) TypeRule(t elf.SectionType, flags elf.SectionFlag) TypeRule {
	if t == elf.SHT_PROGBITS || t == elf.SHT_NOBITS {
		return TypePlain
	}
	for _, known := range [][]SectionType{sectionTypes, m.sectionTypes} {
		for i := range known {
			if known[i].Type == t {
				return known[i].Rule
			}
		}
	}
	switch {
	case t >= elf.SHT_LOOS && t <= elf.SHT_HIOS:
		return TypeAlone
	case t >= elf.SHT_LOUSER && flags&elf.SHF_ALLOC == 0:
		return TypeAlone
	}
	return TypeRefused
}

// TypeName returns the name of a section type, or its number.
func (m *Machine) TypeName(t elf.SectionType) string {
	for _, known := range m.SectionTypes() {
		if known.Type == t {
			return "SHT_" + known.Name
		}
	}
	return fmt.Sprintf("%#x", uint32(t))
}
