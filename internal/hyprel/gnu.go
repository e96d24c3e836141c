// SPDX-License-Identifier: Apache-2.0

package hyprel

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/bfdorder"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// FormatGNU gives an object with the table what kbuild's has besides, so that it
// makes no difference to a final link. kbuild assembles the table and links the
// object with that of the assembler, by which
//
//   - global symbols get the order in which GNU ld writes them, where those of one
//     bucket change places,
//   - there are the empty sections that an assembler makes in each object. GNU ld
//     writes the local symbols of an object when it comes to its first section.
func FormatGNU(o *elfobj.Object) {
	const alloc = elf.SHF_ALLOC | elf.SHF_WRITE
	for _, s := range []elfobj.Section{
		{Name: ".text", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR},
		{Name: ".data", Type: elf.SHT_PROGBITS, Flags: alloc},
		{Name: ".bss", Type: elf.SHT_NOBITS, Flags: alloc},
	} {
		if o.Section(s.Name) == nil {
			s.Addralign = 1
			o.AddSymbol(elfobj.Symbol{Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_SECTION), Section: o.AddSection(&s)})
		}
	}
	var globals []uint32
	var names []string
	for i := range o.Symbols {
		if s := &o.Symbols[i]; i > 0 && !s.IsLocal() && !s.IsDropped() {
			globals, names = append(globals, uint32(i)), append(names, s.Name)
		}
	}
	o.GlobalOrder = make([]uint32, len(globals))
	for i, n := range bfdorder.Order(names) {
		o.GlobalOrder[i] = globals[n]
	}
}
