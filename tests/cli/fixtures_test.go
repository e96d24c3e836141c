// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"debug/elf"
	"fmt"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfbuild"
)

const plainScript = `SECTIONS {
	.hyp.text : { __hyp_section_.hyp.text = .; *(.text .text.*) }
	.hyp.data : { __hyp_section_.hyp.data = .; *(.data .data.*) }
}
`

// small returns a valid object with a little of everything.
func small() *elfbuild.File {
	return &elfbuild.File{
		Sections: []elfbuild.Section{
			{Name: ".text", Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR, Align: 4, Data: make([]byte, 32), Relocs: []elfbuild.Reloc{
				{Offset: 4, Type: uint32(elf.R_AARCH64_CALL26), Symbol: 3},
				{Offset: 8, Type: uint32(elf.R_AARCH64_ADR_PREL_PG_HI21), Symbol: 1, Addend: 8},
			}},
			{Name: ".data", Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Align: 8, Data: make([]byte, 16), Relocs: []elfbuild.Reloc{
				{Offset: 8, Type: uint32(elf.R_AARCH64_ABS64), Symbol: 2},
			}},
			{Name: ".bss", Type: elf.SHT_NOBITS, Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Align: 8, Size: 64},
			{Name: ".text.inline", Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR | elf.SHF_GROUP, Align: 4, Data: make([]byte, 8)},
			{Name: ".rodata.str1.1", Flags: elf.SHF_ALLOC | elf.SHF_MERGE | elf.SHF_STRINGS, Entsize: 1, Align: 1, Data: []byte("one\x00two\x00")},
		},
		Symbols: []elfbuild.Symbol{
			{Section: 2, Type: elf.STT_SECTION},
			{Name: "entry", Section: 1, Size: 32, Bind: elf.STB_GLOBAL, Type: elf.STT_FUNC},
			{Name: "outside", Bind: elf.STB_GLOBAL},
			{Name: "inlined", Section: 4, Size: 8, Bind: elf.STB_WEAK, Type: elf.STT_FUNC},
			{Name: "shared", Section: elfbuild.Common, Value: 8, Size: 8, Bind: elf.STB_GLOBAL, Type: elf.STT_OBJECT},
		},
		Groups: []elfbuild.Group{{Signature: 4, Flags: 1, Members: []int{4}}},
	}
}

// changed returns the small object with a change.
func changed(edit func(f *elfbuild.File)) []byte {
	f := small()
	edit(f)
	return f.Bytes()
}

// fixtures writes the inputs of the cases to a directory.
func fixtures(t *testing.T, dir string) {
	t.Helper()
	for name, data := range map[string][]byte{
		"good.o":   small().Bytes(),
		"good.lds": []byte(plainScript),
		"empty.o":  {},
		"text.o":   []byte("this is not an object but a line of text that is longer than an ELF header\n"),
		"x86.o": changed(func(f *elfbuild.File) {
			f.Machine, f.Sections = elf.EM_X86_64, f.Sections[2:3]
			f.Symbols, f.Groups = nil, nil
		}),
		"sparc.o":   changed(func(f *elfbuild.File) { f.Machine = elf.EM_SPARCV9 }),
		"arm32.o":   changed(func(f *elfbuild.File) { f.Class, f.Machine = elf.ELFCLASS32, elf.EM_ARM }),
		"big.o":     changed(func(f *elfbuild.File) { f.Order = elf.ELFDATA2MSB }),
		"exec.o":    changed(func(f *elfbuild.File) { f.Type = elf.ET_EXEC }),
		"rel.o":     changed(func(f *elfbuild.File) { f.Sections[0].Rel = true }),
		"unknown.o": changed(func(f *elfbuild.File) { f.Sections[0].Relocs[1].Type = 999 }),
		"got.o":     changed(func(f *elfbuild.File) { f.Sections[0].Relocs[1].Type = uint32(elf.R_AARCH64_ADR_GOT_PAGE) }),
		"got-linked.o": changed(func(f *elfbuild.File) {
			f.Sections[0].Name, f.Sections[0].Relocs[1].Type = ".hyp.text", uint32(elf.R_AARCH64_ADR_GOT_PAGE)
		}),
		"words.o":      (&elfbuild.File{Sections: []elfbuild.Section{{Name: ".data", Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Align: 8, Data: make([]byte, 32)}}}).Bytes(),
		"outside.o":    changed(func(f *elfbuild.File) { f.Sections[1].Relocs[0].Offset = 20 }),
		"reaching.o":   changed(func(f *elfbuild.File) { f.Sections[1].Relocs[0].Offset = 12 }),
		"empty.a":      []byte("!<arch>\n"),
		"lib.a":        append(fmt.Appendf(nil, "!<arch>\n%-16s%-12d%-6d%-6d%-8s%-10d`\n", "good.o/", 0, 0, 0, "644", len(small().Bytes())), small().Bytes()...),
		"symbols.lds":  []byte("start = 0x1000;\n"),
		"garbage.a":    []byte("!<arch>\nthis is not a member header but a line of text that is longer than one\n"),
		"zero.a":       append([]byte("!<arch>\n"), make([]byte, 60)...),
		"truncated.a":  []byte("!<arch>\nmember.o/       0           0     0     644     4096      `\nshort"),
		"twice.o":      changed(func(f *elfbuild.File) { f.Groups, f.Sections[3].Flags = nil, 0; f.Symbols[3].Bind = elf.STB_GLOBAL }),
		"prelink.o":    changed(func(f *elfbuild.File) { f.Sections[1].Name = ".hyp.reloc" }),
		"nosymbol.o":   changed(func(f *elfbuild.File) { f.Sections[1].Name = ".hyp.data" }),
		"command.lds":  []byte("SECTIONS {\n\t.hyp.text : { *(.text) }\n}\nMEMORY { ram : ORIGIN = 0 }\n"),
		"inside.lds":   []byte("# 1 \"source.lds.S\"\nSECTIONS {\n# 40 \"source.lds.S\"\n\t.hyp.text : { CREATE_OBJECT_SYMBOLS *(.text) }\n}\n"),
		"symbol.lds":   []byte("SECTIONS {\n\t.hyp.text : { *(.text) }\n\tend = missing_symbol + 4;\n}\n"),
		"assert.lds":   []byte("SECTIONS {\n\t.hyp.text : { *(.text .text.*) }\n\tASSERT(SIZEOF(.hyp.text) < 16, \"text is too large\")\n}\n"),
		"open.lds":     []byte("SECTIONS {\n\t.hyp.text : { *(.text)\n"),
		"comment.lds":  []byte("SECTIONS { /* never closed\n"),
		"nosymbol.lds": []byte("SECTIONS {\n\t.hyp.text : { *(.text .text.*) }\n\t.hyp.data : { *(.data) }\n}\n"),
		"discard.lds":  []byte("SECTIONS {\n\t.hyp.text : { *(.text .text.*) }\n\t/DISCARD/ : { *(.data) }\n}\n"),
	} {
		write(t, dir+"/"+name, data)
	}
	write(t, dir+"/real.c", []byte("int shared_counter; int bump(int by) { return shared_counter += by; }\n"))
	compile(t, dir, "GCC", "-O2", "-ffreestanding", "-c", "real.c", "-o", "real.o")
	compile(t, dir, "GCC", "-O2", "-ffreestanding", "-flto", "-frandom-seed=1", "-c", "real.c", "-o", "gcc-lto.o")
	compile(t, dir, "CLANG", "-O2", "-ffreestanding", "-flto", "-c", "real.c", "-o", "bitcode.o")
}
