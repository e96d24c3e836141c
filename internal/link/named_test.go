// SPDX-License-Identifier: Apache-2.0

package link

import (
	"strings"
	"testing"
)

// TestNamedSections checks sections that only the script puts something into. What
// is expected is what GNU ld 2.47 makes of them, but for sections of symbols alone:
// see empty-section-flags in docs/divergences.md.
func TestNamedSections(t *testing.T) {
	for _, tt := range []struct{ name, data, space, symbol string }{
		{".text.y", "PROGBITS AX", "PROGBITS WAX", "PROGBITS AX"},
		{".textx", "PROGBITS A", "NOBITS WA", "PROGBITS A"},
		{".init", "PROGBITS AX", "PROGBITS WAX", "PROGBITS AX"},
		{".init.x", "PROGBITS A", "NOBITS WA", "PROGBITS A"},
		{".data", "PROGBITS WA", "PROGBITS WA", "PROGBITS WA"},
		{".data.x", "PROGBITS WA", "PROGBITS WA", "PROGBITS WA"},
		{".data1", "PROGBITS WA", "PROGBITS WA", "PROGBITS WA"},
		{".rodata.x", "PROGBITS A", "PROGBITS WA", "PROGBITS A"},
		{".bss", "PROGBITS WA", "NOBITS WA", "NOBITS WA"},
		{".bss.x", "PROGBITS WA", "NOBITS WA", "NOBITS WA"},
		{".noinit", "PROGBITS WA", "NOBITS WA", "NOBITS WA"},
		{".persistent.x", "PROGBITS WA", "PROGBITS WA", "PROGBITS WA"},
		{".persistent.bss", "PROGBITS WA", "NOBITS WA", "NOBITS WA"},
		{".tdata", "PROGBITS WAT", "PROGBITS WAT", "PROGBITS WAT"},
		{".tbss.x", "PROGBITS WAT", "NOBITS WAT", "NOBITS WAT"},
		{".init_array.1", "INIT_ARRAY WA align=1 entsize=8", "INIT_ARRAY WA align=1 entsize=8", "INIT_ARRAY WA align=1 entsize=8"},
		{".fini_array", "FINI_ARRAY WA align=1 entsize=8", "FINI_ARRAY WA align=1 entsize=8", "FINI_ARRAY WA align=1 entsize=8"},
		{".preinit_array", "PREINIT_ARRAY WA align=1 entsize=8", "PREINIT_ARRAY WA align=1 entsize=8", "PREINIT_ARRAY WA align=1 entsize=8"},
		{".note.x", "NOTE A", "NOTE WA", "NOTE A"},
		{".hyp.text", "PROGBITS A", "NOBITS WA", "PROGBITS A"},
	} {
		for body, want := range map[string]string{"LONG(3)": tt.data, ". += 8;": tt.space, "s = .;": tt.symbol} {
			got := linkOne(t, "SECTIONS { .out : { *(.text) } "+tt.name+" : { "+body+" } }")
			if !strings.Contains(got, "section "+tt.name+" "+want+" ") && !strings.Contains(got, "section "+tt.name+" "+want+"\n") {
				t.Errorf("%s : { %s } should be %s:\n%s", tt.name, body, want, got)
			}
		}
	}
}
