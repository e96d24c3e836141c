// SPDX-License-Identifier: Apache-2.0

package link

import (
	"cmp"
	"debug/elf"
	"slices"
	"strings"
)

// gnuSections is the order of sections in GNU ld's own script for relocatable links
// (ld -r --verbose), as far as linked objects have such sections. A name in
// brackets is the place of the sections of a kind that the script does not name.
var gnuSections = slotsOf(`.interp .note.gnu.build-id [note] .init .plt .text [text] .fini .rodata [rodata] .rodata1
	.eh_frame_hdr .eh_frame .sframe .gnu_extab .gcc_except_table .exception_ranges .tdata [tdata] .tbss .jcr .dynamic .got .got.plt
	.data [data] .data1 .bss [bss] .stab .stabstr .stab.excl .stab.exclstr .stab.index .stab.indexstr .comment [other]
	.gnu.build.attributes .debug .line .debug_srcinfo .debug_sfnames .debug_aranges .debug_pubnames .debug_info .debug_abbrev
	.debug_line .debug_frame .debug_str .debug_loc .debug_macinfo .debug_weaknames .debug_funcnames .debug_typenames .debug_varnames
	.debug_pubtypes .debug_ranges .debug_addr .debug_line_str .debug_loclists .debug_macro .debug_names .debug_rnglists
	.debug_str_offsets .debug_sup .ARM.attributes [debug]`)

func slotsOf(names string) map[string]int {
	slots := map[string]int{}
	for i, name := range strings.Fields(names) {
		slots[name] = i
	}
	return slots
}

// orderAsGNU gives the output sections of a link without a script the order that GNU
// ld gives them: in which that of the local symbols shows.
func (l *linker) orderAsGNU() {
	if l.opts.Symbols != OrderGNU || l.opts.Script != nil {
		return
	}
	seen := make(map[*output]int, len(l.outputs)) // in the order of the inputs
	l.eachKept(func(isec *inputSection) {
		if _, ok := seen[isec.out]; !ok {
			seen[isec.out] = len(seen)
		}
	})
	slices.SortStableFunc(l.outputs, func(a, b *output) int {
		return cmp.Or(cmp.Compare(a.gnuSlot(), b.gnuSlot()), cmp.Compare(seen[a], seen[b]))
	})
}

// gnuSlot is the place of an output section among gnuSections. Its first input
// section decides.
func (o *output) gnuSlot() int {
	if slot, ok := gnuSections[o.name]; ok && !o.grouped {
		return slot
	}
	kind := "[data]"
	switch f := o.first.sec.Flags; {
	case f&elf.SHF_ALLOC == 0 && (strings.HasPrefix(o.name, ".debug") || strings.HasPrefix(o.name, ".gdb_index")):
		kind = "[debug]"
	case f&elf.SHF_ALLOC == 0:
		kind = "[other]"
	case o.first.sec.Type == elf.SHT_NOTE:
		kind = "[note]"
	case f&elf.SHF_TLS != 0:
		kind = "[tdata]"
	case o.first.sec.Type == elf.SHT_NOBITS:
		kind = "[bss]"
	case f&elf.SHF_WRITE != 0:
	case f&elf.SHF_EXECINSTR != 0:
		kind = "[text]"
	default:
		kind = "[rodata]"
	}
	return gnuSections[kind]
}
