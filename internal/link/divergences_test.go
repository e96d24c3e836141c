package link

import (
	"strings"
	"testing"
)

// TestDivergences holds differences from GNU ld that docs/divergences.md names
// and that single cases show.
func TestDivergences(t *testing.T) {
	for _, tt := range []struct{ id, file, has, hasNot string }{
		{"hidden-script-symbols", "hidden-script-symbols", "symbol hid GLOBAL NOTYPE .text+0x0 HIDDEN", "LOCAL NOTYPE"},
		{"script-symbol-twice", "script-symbol-twice", `symbol "f" is also defined by a.o: .text+0x0`, "machine"},
		{"no-addresses", "script-address", "a relocatable object has no addresses", "machine"},
		{"addrsig-dropped", "addrsig", "section .text", "addrsig"},
		{"relaxation-padding", "riscv-align", "+0xa R_RISCV_ALIGN -+14", "error"},
		{"described-section-split", "orphan-beside-common", "section .hyp.bss NOBITS WA align=4 size=8\nsymbol [.hyp.text]", "size=0"},
		{"fill-before-orphans", "orphan-after-fill", "0102abcd abcdabcd 0304", "00000000"},
		{"merge-size-odd", "clangbuiltlinux-510-merge-size-odd", "section .rodata.cst3 PROGBITS A align=1\n", "cst4 PROGBITS AM"},
	} {
		want := readCase(t, "testdata/"+tt.file+".txt").want
		if !strings.Contains(want, tt.has) || strings.Contains(want, tt.hasNot) {
			t.Errorf("%s: %s.txt should have %q and not %q:\n%s", tt.id, tt.file, tt.has, tt.hasNot, want)
		}
	}
}
