// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
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
// ld. The first that matches counts; those of the machine come before them. Names of
// tables that linkers make, such as .dynsym, are not among them: see
// tables-without-type in docs/divergences.md.
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
	{".gnu.linkonce.b", suffixDotted, elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".gnu.linkonce.n", suffixDotted, elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".gnu.linkonce.p", suffixDotted, elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".gnu.lto_", suffixAny, elf.SHT_PROGBITS, elfobj.SHFExclude},
	{".relro_padding", suffixNone, elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	{".debug", suffixNone, elf.SHT_PROGBITS, 0},
	{".debug_line", suffixNone, elf.SHT_PROGBITS, 0},
	{".debug_info", suffixNone, elf.SHT_PROGBITS, 0},
	{".debug_abbrev", suffixNone, elf.SHT_PROGBITS, 0},
	{".debug_aranges", suffixNone, elf.SHT_PROGBITS, 0},
	{".zdebug_line", suffixNone, elf.SHT_PROGBITS, 0},
	{".zdebug_info", suffixNone, elf.SHT_PROGBITS, 0},
	{".zdebug_abbrev", suffixNone, elf.SHT_PROGBITS, 0},
	{".zdebug_aranges", suffixNone, elf.SHT_PROGBITS, 0},
	{".ctf", suffixNone, elf.SHT_PROGBITS, 0},
	{".comment", suffixNone, elf.SHT_PROGBITS, 0},
	{".interp", suffixNone, elf.SHT_PROGBITS, 0},
	{".line", suffixNone, elf.SHT_PROGBITS, 0},
}

// named finds what a name says on a machine, or nil.
func named(name string, m *machine.Machine) *namedSection {
	for _, own := range m.NamedSections {
		if n := (namedSection{own.Name, suffixDotted, own.Type, own.Flags}); n.matches(name) {
			return &n
		}
	}
	for i := range namedSections {
		if n := &namedSections[i]; n.matches(name) {
			return n
		}
	}
	return nil
}

// matches reports whether a name is one of these sections.
func (n *namedSection) matches(name string) bool {
	rest, ok := strings.CutPrefix(name, n.name)
	return ok && (rest == "" || n.suffix == suffixAny || n.suffix == suffixDotted && rest[0] == '.')
}

// kind is the type, the flags and the entry size of an output section that no
// input section goes to. They are GNU ld's: those of the name if it is one of a
// special section. Otherwise space is writable and has no contents, and data is
// read-only, unless an assignment or FILL comes before it.
func (s own) kind(name string, m *machine.Machine) (typ elf.SectionType, flags elf.SectionFlag, entsize uint64) {
	typ, flags = elf.SHT_PROGBITS, elf.SHF_ALLOC
	if n := named(name, m); n != nil {
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
