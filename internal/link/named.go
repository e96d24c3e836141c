// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"strings"
)

// namedSection is what the name of an output section says of its type and flags
// where no input section goes to it: only the script puts something there.
type namedSection struct {
	name   string
	suffix namedSuffix
	typ    elf.SectionType
	flags  elf.SectionFlag
}

// namedSuffix says what may follow the name.
type namedSuffix uint8

const (
	suffixNone   namedSuffix = iota
	suffixDotted             // nothing, or a dot and anything
	suffixAny
)

// namedSections are the special sections of the gABI ("Special Sections") and of GNU
// ld. The first that matches counts.
var namedSections = []namedSection{
	{".text", suffixDotted, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_EXECINSTR},
	{".init", suffixNone, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_EXECINSTR},
	{".fini", suffixNone, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_EXECINSTR},
	{".plt", suffixNone, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_EXECINSTR},
	{".data", suffixDotted, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".data1", suffixNone, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".got", suffixNone, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".persistent.bss", suffixNone, elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".persistent", suffixDotted, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".bss", suffixDotted, elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".noinit", suffixDotted, elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".rodata", suffixDotted, elf.SHT_PROGBITS, elf.SHF_ALLOC},
	{".rodata1", suffixNone, elf.SHT_PROGBITS, elf.SHF_ALLOC},
	{".tdata", suffixDotted, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE | elf.SHF_TLS},
	{".tbss", suffixDotted, elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE | elf.SHF_TLS},
	{".init_array", suffixDotted, elf.SHT_INIT_ARRAY, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".fini_array", suffixDotted, elf.SHT_FINI_ARRAY, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".preinit_array", suffixDotted, elf.SHT_PREINIT_ARRAY, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".note", suffixAny, elf.SHT_NOTE, 0},
	{".debug", suffixNone, elf.SHT_PROGBITS, 0},
	{".comment", suffixNone, elf.SHT_PROGBITS, 0},
	{".interp", suffixNone, elf.SHT_PROGBITS, 0},
	{".line", suffixNone, elf.SHT_PROGBITS, 0},
}

// named finds what a name says, or nil.
func named(name string) *namedSection {
	for i := range namedSections {
		n := &namedSections[i]
		rest, ok := strings.CutPrefix(name, n.name)
		if ok && (rest == "" || n.suffix == suffixAny || n.suffix == suffixDotted && rest[0] == '.') {
			return n
		}
	}
	return nil
}

// kind is the type, the flags and the entry size of an output section that no
// input section goes to. They are GNU ld's: those of the name if it is one of a
// special section. Otherwise space is writable and has no contents, and data is
// read-only, unless an assignment or FILL comes before it.
func (s own) kind(name string) (typ elf.SectionType, flags elf.SectionFlag, entsize uint64) {
	typ, flags = elf.SHT_PROGBITS, elf.SHF_ALLOC
	if n := named(name); n != nil {
		typ, flags = n.typ, flags|n.flags
	} else if s.moved {
		typ = elf.SHT_NOBITS
	}
	if typ == elf.SHT_NOBITS && s.data {
		typ = elf.SHT_PROGBITS
	}
	if s.data && s.writable || s.moved && !s.data {
		flags |= elf.SHF_WRITE
	}
	switch typ {
	case elf.SHT_INIT_ARRAY, elf.SHT_FINI_ARRAY, elf.SHT_PREINIT_ARRAY:
		entsize = 8
	}
	return typ, flags, entsize
}
