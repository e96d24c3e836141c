// SPDX-License-Identifier: Apache-2.0

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
		{"debug-information-of-discarded-groups", "debug-of-dropped-group", "+0xc R_AARCH64_ABS32 [.debug_macro.h]+0", "R_AARCH64_NONE"},
		{"tables-without-type", "script-tables", "section .dynsym PROGBITS A align=1\n", "DYNSYM"},
		{"no-addresses", "script-address", "a relocatable object has no addresses", "machine"},
		{"addrsig-dropped", "addrsig", "section .text", "addrsig"},
		{"relaxation-padding", "riscv-align", "+0xa R_RISCV_ALIGN -+14", "error"},
		{"described-section-split", "orphan-beside-common", "section .hyp.bss NOBITS WA align=4 size=8\nsymbol [.hyp.text]", "size=0"},
		{"fill-before-orphans", "orphan-after-fill", "0102abcd abcdabcd 0304", "00000000"},
		{"aarch64-attribute-forms", "aarch64-attributes", "section .note.gnu.property NOTE A align=8\n  04000000 10000000 05000000 474e5500 000000c0 04000000 01000000 00000000\nsection .ARM.attributes", "error"},
		{"attributes-contradict-note", "aarch64-attributes-contradict-note", "error: a.o: .ARM.attributes: build attributes mean", "machine"},
		{"unknown-aarch64-attributes", "aarch64-attributes-required", `"aeabi_later" are not known, but must not be ignored`, "machine"},
		{"signing-schema-missing", "aarch64-pauth-missing", "warning: a.o: has no GNU_PROPERTY_AARCH64_FEATURE_PAUTH", "error"},
		{"unknown-properties", "property-unknown", "000000e0 05000000 68656c6c 6f000000\nsymbol", "error"},
		{"property-sizes", "property-size", "error: a.o: .note.gnu.property+0x10: GNU_PROPERTY_STACK_SIZE has 4 bytes, want 8", "machine"},
		{"numeric-properties", "property-numbers", "02000000 00000000\nsymbol", "03000000"},
		{"privileged-versions", "riscv-attributes-versions", "warning: b.o: .riscv.attributes: privileged specification is 1.12.0, but 1.11.0 in a.o", "error"},
		{"riscv-abi-attributes", "riscv-attributes-abi", "atomic ABI (build attribute 14) is 3, but 1 in a.o", "machine"},
		{"unknown-riscv-attributes", "riscv-attributes-unknown", "error: a.o: .riscv.attributes+0x1a: build attribute 18, 5, is not known", "machine"},
		{"exclusive-extensions", "riscv-attributes-exclusive", "instruction set has zfinx, which excludes f of a.o", "machine"},
		{"implied-extensions", "riscv-attributes-implied", "5f7a6262 3170305f 7a627331 703000", "5f623170"},
		{"patchable-entries", "patchable-of-dropped-group", "section __patchable_function_entries PROGBITS WAL align=8 order=.text\n  00000000 00000000 00000000 00000000 00000000 00000000\n  +0x0 R_AARCH64_ABS64 [.text]+0\n  +0x8 R_AARCH64_ABS64 [.text.inline]+0\n  +0x10 R_AARCH64_ABS64 [.text]+4\n", "error"},
		{"fat-lto-objects", "fat-lto", "warning: a.o: .gnu.lto_.lto.0123456789abcdef: the compiler's intermediate code is left out (in 2 objects)", "section .gnu"},
		{"call-graph-profile", "call-graph-profile", "warning: a.o: .llvm.call-graph-profile: the call graph profile is left out", "section .llvm"},
		{"versioned-references", "versioned-symbol", "symbol f@V1 GLOBAL NOTYPE UND", "error"},
		{"frame-gaps", "eh-frame-gap-in-script", "error: b.o: .eh_frame: the script leaves 8 bytes", "machine"},
		{"cut-sections", "eh-frame-labels", "symbol end LOCAL NOTYPE .eh_frame+0x40\nsymbol b.c LOCAL FILE ABS\nsymbol second LOCAL NOTYPE .eh_frame+0x30\n", "error"},
		{"missing-stack-note", "stack-note-missing", "warning: b.o: has no .note.GNU-stack", "error"},
		{"data-without-abi", "riscv-data-without-abi", "machine RISC-V flags=0x5", "error"},
		{"merged-strings", "merge-strings", "section .debug_str PROGBITS MS align=1 entsize=1\n  696e7400 6c6f6e67 00\n", "error"},
		{"strings-left-whole", "merge-strings-whole", "section .s.before PROGBITS AMS align=1 entsize=1\n  61006100\n", "error"},
		{"merge-size-odd", "clangbuiltlinux-510-merge-size-odd", "section .rodata.cst3 PROGBITS A align=1\n", "cst4 PROGBITS AM"},
		{"thread-local-references", "tls-definition-static-reference", "relocation R_AARCH64_ADR_PREL_LO21 refers to tv, which is thread-local", "machine"},
		{"excluded-sections-in-script", "flags-exclude-in-script", "section .out PROGBITS AX align=1", "AXE"},
		{"types-of-orphans", "flags-frames-together", "04000000 00000000 04000000 00000000\nsymbol", "error"},
		{"followers-of-different-sections", "followers-apart", "section __patchable_function_entries PROGBITS WAL align=8 order=.text\n  00000000 00000000\n  +0x0 R_AARCH64_ABS64 [.text]+8\n", "error"},
		{"symbols-that-only-debug-information-needs", "comdat-contents-differ", "+0x0 R_AARCH64_NONE -+0\n  +0x8 R_AARCH64_ABS64 strong+0\n", "symbol debugged GLOBAL OBJECT UND"},
		{"definitions-without-type", "definition-without-type", "symbol c GLOBAL NOTYPE .data+0x0\nsymbol w GLOBAL NOTYPE .data+0x0\nsymbol r GLOBAL NOTYPE .data+0x0\n", "size=16"},
		{"files-named-in-script", "file-named-in-script", "  2a1a1b2b\n", "error"},
		{"constants-linked-once", "linkonce-constants", "section .gnu.linkonce.r.f PROGBITS A align=4\n  0c000000\n", "error"},
		{"unknown-section-types", "types-unknown-in-script", "section type 0x61234567 cannot be joined with type SHT_PROGBITS", "machine"},
	} {
		want := readCase(t, "testdata/"+tt.file+".txt").want
		if !strings.Contains(want, tt.has) || strings.Contains(want, tt.hasNot) {
			t.Errorf("%s: %s.txt should have %q and not %q:\n%s", tt.id, tt.file, tt.has, tt.hasNot, want)
		}
	}
}
