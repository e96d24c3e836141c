// SPDX-License-Identifier: Apache-2.0

package hyprel

import (
	"debug/elf"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

const sample = `section .hyp.text PROGBITS AX align=8
  00000000 00000000 00000000 00000000 00000000 00000000
  +0x0 CALL26 f+0
  +0x8 ABS64 f+4
  +0x4 ADD_ABS_LO12_NC f+0
section .hyp.rodata PROGBITS A align=8
  0000000000000000 0000000000000000
  +0x8 ABS64 f+0
  +0x0 ABS64 outside+0
section .altinstructions PROGBITS A align=8
  0000000000000000
  +0x0 ABS64 f+0
symbol f LOCAL FUNC .hyp.text+0x0
symbol __hyp_section_.hyp.text GLOBAL NOTYPE .hyp.text+0x0
symbol __hyp_section_.hyp.rodata GLOBAL NOTYPE .hyp.rodata+0x0
symbol outside GLOBAL NOTYPE UND
`

// TestTable checks for an entry for each address in a section named .hyp*, in
// the order of the sections and their relocations.
func TestTable(t *testing.T) { checkTable(t, "machine AArch64\n") }

// TestKernelBigEndian does the same with a big-endian object, which once failed
// an assertion of the kernel's gen-hyprel.
func TestKernelBigEndian(t *testing.T) { checkTable(t, "machine AArch64 big\n") }

func checkTable(t *testing.T, machine string) {
	t.Helper()
	o, err := elftext.Parse("in.o", machine+sample)
	if err != nil {
		t.Fatal(err)
	}
	if err := Add(o, DefaultSectionPrefix); err != nil {
		t.Fatal(err)
	}
	text := elftext.Format(o)
	want := `section .hyp.reloc PROGBITS A align=1
  00000000 00000000 00000000
  +0x0 R_AARCH64_PREL32 __hyp_section_.hyp.text+8
  +0x4 R_AARCH64_PREL32 __hyp_section_.hyp.rodata+8
  +0x8 R_AARCH64_PREL32 __hyp_section_.hyp.rodata+0
`
	if !strings.Contains(text, want) || !strings.HasPrefix(text, machine) {
		t.Errorf("got:\n%s\nwant:\n%s", text, want)
	}
	if !strings.Contains(text, "symbol [.hyp.reloc] LOCAL SECTION .hyp.reloc+0x0\n") {
		t.Error("no section symbol for the table")
	}
}

// TestOtherPrefix lists the addresses of sections with another prefix, and with
// an empty one those of all loaded sections.
func TestOtherPrefix(t *testing.T) {
	text := strings.ReplaceAll(sample, ".hyp.", ".el2.") + `section .debug_info PROGBITS - align=1
  0000000000000000
  +0x0 ABS64 f+0
`
	const host = "symbol __hyp_section_.altinstructions GLOBAL NOTYPE .altinstructions+0x0\n"
	const want = `  +0x0 R_AARCH64_PREL32 __hyp_section_.el2.text+8
  +0x4 R_AARCH64_PREL32 __hyp_section_.el2.rodata+8
  +0x8 R_AARCH64_PREL32 __hyp_section_.el2.rodata+0
`
	for _, c := range []struct{ prefix, text, want string }{
		{".el2", text, want},
		{"", text + host, want + "  +0xc R_AARCH64_PREL32 __hyp_section_.altinstructions+0\n"},
	} {
		o, err := elftext.Parse("in.o", c.text)
		if err != nil {
			t.Fatal(err)
		}
		if err := Add(o, c.prefix); err != nil {
			t.Fatal(err)
		}
		if got := elftext.Format(o); !strings.Contains(got, c.want) || o.Section(TableSection).RelocCount() != strings.Count(c.want, "\n") {
			t.Errorf("prefix %q: got:\n%s\nwant:\n%s", c.prefix, got, c.want)
		}
	}
}

// TestEmptyTable checks that an object without addresses gets an empty table,
// which the kernel's linker script needs.
func TestEmptyTable(t *testing.T) {
	o, err := elftext.Parse("in.o", "section .hyp.text PROGBITS AX align=4\n  00000000\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := Add(o, DefaultSectionPrefix); err != nil {
		t.Fatal(err)
	}
	if s := o.Section(TableSection); s == nil || s.Size != 0 || s.RelocCount() != 0 {
		t.Errorf("table is %+v", s)
	}
}

// TestNoSymbols adds the table to an object without symbols.
func TestNoSymbols(t *testing.T) {
	o, err := elftext.Parse("in.o", "section .hyp.text PROGBITS AX align=4\n  00000000\n")
	if err != nil {
		t.Fatal(err)
	}
	o.Symbols = nil
	if err := Add(o, DefaultSectionPrefix); err != nil || o.Section(TableSection) == nil {
		t.Errorf("table is %+v, %v", o.Section(TableSection), err)
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no section symbol", `section .hyp.data PROGBITS WA align=8
  0000000000000000
  +0x0 ABS64 f+0
symbol f GLOBAL FUNC UND
`, "in.o: .hyp.data+0x0: holds an address, but symbol __hyp_section_.hyp.data is not defined; define it at the start of the section in the linker script, as HYP_SECTION does"},
		{"section symbol not at the start", `section .hyp.data PROGBITS WA align=8
  0000000000000000 0000000000000000
  +0x8 ABS64 f+0
symbol f GLOBAL FUNC UND
symbol __hyp_section_.hyp.data GLOBAL NOTYPE .hyp.data+0x8
`, "in.o: .hyp.data+0x8: holds an address, but symbol __hyp_section_.hyp.data is not at its start; define it at the start of the section in the linker script, as HYP_SECTION does"},
		{"section symbol in another section", `section .hyp.data PROGBITS WA align=8
  0000000000000000
  +0x0 ABS64 f+0
section .hyp.bss NOBITS WA align=8 size=8
symbol f GLOBAL FUNC UND
symbol __hyp_section_.hyp.data GLOBAL NOTYPE .hyp.bss+0x0
`, "in.o: .hyp.data+0x0: holds an address, but symbol __hyp_section_.hyp.data is not at its start"},
		{"GOT", `section .hyp.text PROGBITS AX align=4
  00000000
  +0x0 ADR_GOT_PAGE f+0
symbol f GLOBAL FUNC UND
`, "in.o: .hyp.text+0x0: relocation R_AARCH64_ADR_GOT_PAGE against f is wrong at hypervisor addresses; compile with -fno-pic, which needs no global offset table"},
		{"TLS", `section .hyp.text PROGBITS AX align=4
  00000000
  +0x0 TLSLE_ADD_TPREL_HI12 f+0
symbol f GLOBAL TLS UND
`, "in.o: .hyp.text+0x0: relocation R_AARCH64_TLSLE_ADD_TPREL_HI12 against f is wrong at hypervisor addresses; use per-CPU instead of thread-local data"},
		{"absolute move", `section .hyp.text PROGBITS AX align=4
  00000000
  +0x0 MOVW_UABS_G3 f+0
symbol f GLOBAL FUNC UND
`, "in.o: .hyp.text+0x0: relocation R_AARCH64_MOVW_UABS_G3 against f is wrong at hypervisor addresses; use a relative reference, or a 64-bit pointer, which the table can list"},
		{"truncated address", `section .hyp.text PROGBITS AX align=4
  00000000
  +0x0 ABS32 [.hyp.text]+0
symbol [.hyp.text] LOCAL SECTION .hyp.text+0
`, "in.o: .hyp.text+0x0: relocation R_AARCH64_ABS32 against .hyp.text is wrong"},
		{"twice", "section .hyp.reloc PROGBITS A align=1\n", "in.o: .hyp.reloc: the object already has hyp relocations; use the output of the partial link"},
		{"truncated address of a common symbol", `section .hyp.text PROGBITS AX align=4
  00000000
  +0x0 ABS32 pool+0
symbol pool GLOBAL OBJECT COMMON+8 size=8
`, "in.o: .hyp.text+0x0: relocation R_AARCH64_ABS32 against pool is wrong"},
		{"another prefix", `section .el2.data PROGBITS WA align=8
  0000000000000000 0000000000000000
  +0x8 ABS64 f+0
  +0x0 ABS64 f+0
symbol f GLOBAL FUNC UND
`, "in.o: .el2.data+0x8: holds an address, but the name of output section .el2.data does not start with .hyp, as hypervisor sections do; no section's does; set hyp_section_prefix (option --hyp-section-prefix) to the prefix of the script's sections"},
		{"another prefix beside the right one", `section .hyp.text PROGBITS AX align=8
  00000000
section .el2.data PROGBITS WA align=8
  0000000000000000
  +0x0 ABS64 f+0
symbol f GLOBAL FUNC UND
symbol __hyp_section_.el2.data GLOBAL NOTYPE .el2.data+0x0
`, "in.o: .el2.data+0x0: holds an address, but the name of output section .el2.data does not start with .hyp, as hypervisor sections do; the script defines __hyp_section_.el2.data; set"},
		{"machine", "machine x86-64\nsection .hyp.text PROGBITS AX align=1\n", "in.o: +0x12: the object is for x86-64, which has no hyp relocations; remove hyp_relocations (option --hyp-relocations)"},
	} {
		o, err := elftext.Parse("in.o", tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if err := Add(o, DefaultSectionPrefix); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

// TestIgnored checks that relocations that gen-hyprel.c ignores are ignored.
func TestIgnored(t *testing.T) {
	for _, name := range []string{
		"NONE", "PREL64", "PREL32", "PREL16", "PLT32", "LD_PREL_LO19", "ADR_PREL_LO21", "ADR_PREL_PG_HI21",
		"ADR_PREL_PG_HI21_NC", "ADD_ABS_LO12_NC", "LDST8_ABS_LO12_NC", "LDST16_ABS_LO12_NC", "LDST32_ABS_LO12_NC", "LDST64_ABS_LO12_NC",
		"LDST128_ABS_LO12_NC", "TSTBR14", "CONDBR19", "JUMP26", "CALL26", "MOVW_PREL_G0", "MOVW_PREL_G0_NC", "MOVW_PREL_G1",
		"MOVW_PREL_G1_NC", "MOVW_PREL_G2", "MOVW_PREL_G2_NC", "MOVW_PREL_G3",
	} {
		o, err := elftext.Parse("in.o", "section .hyp.text PROGBITS AX align=8\n  0000000000000000\n  +0x0 "+name+" f+0\nsymbol f GLOBAL FUNC UND\n")
		if err != nil {
			t.Fatal(err)
		}
		if err := Add(o, DefaultSectionPrefix); err != nil || o.Section(TableSection).Size != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A kCFI type number is an absolute symbol, not an address. Another object may
	// define it.
	for _, where := range []string{"ABS+0x1234", "UND"} {
		o, err := elftext.Parse("in.o", "section .hyp.text PROGBITS AX align=4\n  00000000\n  +0x0 ABS32 __kcfi_typeid_f+0\nsymbol __kcfi_typeid_f WEAK NOTYPE "+where+"\n")
		if err != nil {
			t.Fatal(err)
		}
		if err := Add(o, DefaultSectionPrefix); err != nil {
			t.Error(err)
		}
	}
}

// TestOrigins checks that an error in a linked object names the input section
// and the offset in it.
func TestOrigins(t *testing.T) {
	o, err := elftext.Parse("hyp.o", "section .hyp.text PROGBITS AX align=4\n  00000000 00000000 00000000 00000000\nsymbol f GLOBAL FUNC UND\n")
	if err != nil {
		t.Fatal(err)
	}
	got := func(off uint64) []byte {
		return elfobj.EncodeRelocs([]elfobj.Reloc{{Offset: off, Type: 311, Symbol: 1}}, false) // ADR_GOT_PAGE
	}
	part := func(object, section string, size uint64, relocs []byte) *elfobj.Section {
		s := &elfobj.Section{Name: section, Type: elf.SHT_PROGBITS, Size: size, Relocs: relocs}
		if object != "" {
			s.Object = &elfobj.Object{Name: object, Machine: o.Machine}
		}
		return s
	}
	s := o.Section(".hyp.text")
	s.Data = nil
	s.Chunks = []elfobj.Chunk{
		{Section: part("a.o", ".text", 4, nil)},
		{Offset: 4, Section: part("", "", 4, got(0))}, // the linker's own
		{Offset: 8, Section: part("lib.a(b.o)", ".text.b", 8, got(4))},
	}
	const want = `hyp.o: .hyp.text+0x4: relocation R_AARCH64_ADR_GOT_PAGE against f is wrong at hypervisor addresses; compile with -fno-pic, which needs no global offset table
lib.a(b.o): .text.b+0x4: relocation R_AARCH64_ADR_GOT_PAGE against f is wrong at hypervisor addresses; compile with -fno-pic, which needs no global offset table`
	if err := Add(o, DefaultSectionPrefix); err == nil || err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}
