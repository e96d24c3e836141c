// SPDX-License-Identifier: Apache-2.0

package linkcase

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// outputs are the output sections of scripts, with the input patterns that they
// may have.
var outputs = []struct {
	name     string
	patterns []string
}{
	{".hyp.idmap.text", []string{"*(.idmap.text .idmap.text.*)"}},
	{".hyp.text", []string{"*(.text.hot .text.hot.*)", "*(SORT_BY_NAME(.text.*))", "*(.text .text.*)", "*(SORT_BY_ALIGNMENT(.text*))"}},
	{".hyp.rodata", []string{"KEEP(*(.rodata.table))", "*(.rodata.str*)", "*(SORT(.rodata.*) .rodata)", "*(.rodata .rodata.*)"}},
	{".hyp.data..percpu", []string{"*(.data..percpu)"}},
	{".hyp.data..ro_after_init", []string{"*(.data..ro_after_init .data..ro_after_init.*)"}},
	{".hyp.data", []string{"*(.data .data.*)", "*(EXCLUDE_FILE(*0.o) .data)", "*1.o(.data*)", "*(.data*)"}},
	{".hyp.bss", []string{"*(.bss .bss.*)", "*(COMMON)", "*(.bss .bss.* COMMON)"}},
	{"__ex_table", []string{"*(__ex_table)"}},
	{".altinstructions", []string{"*(.altinstructions)"}},
}

// script generates a linker script. Each line is one statement, so that lines can
// be removed from it.
func script(r *rand.Rand, plain bool) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("SECTIONS {")
	if chance(r, 4) {
		line("\t/DISCARD/ : { *(.comment) *(.note.GNU-stack) *(.note.test) }")
	}
	if chance(r, 4) {
		line("\tpage_size = 1 << 12;")
	}
	for i, o := range outputs {
		if chance(r, 6) {
			continue
		}
		align := ""
		if chance(r, 5) {
			align = fmt.Sprintf(" ALIGN(%d)", 1<<r.IntN(10))
		}
		// GNU ld also aligns for the COMMON of objects that have none.
		if !plain && o.name != ".hyp.bss" && chance(r, 12) {
			align += fmt.Sprintf(" SUBALIGN(%d)", 1<<r.IntN(6))
		}
		// At address 0 the location counter is relative to the section's start in
		// GNU ld as well (docs/divergences.md, dot-counts-from-section).
		line("\t%s 0 :%s {", o.name, align)
		if chance(r, 2) {
			line("\t\t__hyp_section_%s = .;", o.name)
		}
		// Data in a section that common symbols alone go to: docs/divergences.md, empty-section-for-commons.
		noCommons := plain || o.name == ".hyp.bss" && chance(r, 3)
		for j := range 1 + r.IntN(len(o.patterns)) {
			pattern := o.patterns[len(o.patterns)-1-(i+j)%len(o.patterns)]
			if noCommons {
				pattern = strings.TrimSuffix(strings.ReplaceAll(pattern, " COMMON", ""), "*(COMMON)")
			}
			line("\t\t%s", pattern)
			if plain {
				maybeSymbol(r, line, i, j)
			} else {
				maybeStatement(r, line, i, j, o.name == ".hyp.bss", noCommons)
			}
		}
		if !plain && chance(r, 4) {
			line("\t}%s", pick(r, " =0x90909090", " =0", " =0xd503201f"))
		} else {
			line("\t}")
		}
		if chance(r, 8) {
			line("\tsize_%d = SIZEOF(%s);", i, o.name)
		}
		if chance(r, 12) {
			line("\tASSERT(SIZEOF(%s) < 0x100000, \"too large\")", o.name)
		}
	}
	line("}")
	return b.String()
}

// maybeSymbol adds a symbol definition or nothing.
func maybeSymbol(r *rand.Rand, line func(string, ...any), i, j int) {
	if chance(r, 4) {
		line("\t\tmark_%d_%d = .;", i, j)
	}
}

// maybeStatement adds a statement other than a pattern, or nothing. A section without contents has data only if no common symbols go to it.
func maybeStatement(r *rand.Rand, line func(string, ...any), i, j int, bss, noCommons bool) {
	switch r.IntN(9) {
	case 0:
		line("\t\t. = ALIGN(%d);", 1<<r.IntN(9))
	case 1:
		line("\t\tmark_%d_%d = .;", i, j)
	case 2:
		line("\t\tPROVIDE(%s = .);", pick(r, "host_table", "host_word", "nobody_asks"))
	case 3:
		line("\t\tmark_%d_%d = . + 4;", i, j)
	case 4:
		data := []string{"BYTE(1)", "SHORT(0x1234)", "LONG(0x12345678)", "QUAD(0x123456789abcdef0)"}
		if !bss {
			data = append(data, "FILL(0x11223344)")
		}
		if !bss || noCommons {
			line("\t\t%s;", pick(r, data...))
		}
	case 5:
		if chance(r, 3) {
			line("\t\t. += %d;", 4*r.IntN(8))
		}
	}
}
