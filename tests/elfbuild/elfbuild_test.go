// SPDX-License-Identifier: Apache-2.0

package elfbuild

import (
	"bytes"
	"debug/elf"
	"fmt"
	"testing"
)

func sample() *File {
	return &File{
		Sections: []Section{
			{
				Name: ".text", Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR, Data: make([]byte, 16), Align: 4,
				Relocs: []Reloc{{Offset: 4, Type: uint32(elf.R_AARCH64_CALL26), Symbol: 3}, {Offset: 8, Type: uint32(elf.R_AARCH64_PREL32), Symbol: 1, Addend: -4}},
			},
			{Name: ".bss", Type: elf.SHT_NOBITS, Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Size: 24, Align: 8},
			{Name: ".text.inline", Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR | elf.SHF_GROUP, Data: []byte{1, 2, 3, 4}, Align: 4},
		},
		Symbols: []Symbol{
			{Section: 1, Type: elf.STT_SECTION},
			{Name: "function", Section: 1, Size: 16, Bind: elf.STB_GLOBAL, Type: elf.STT_FUNC},
			{Name: "outside", Bind: elf.STB_GLOBAL},
			{Name: "zeroed", Section: 2, Value: 8, Size: 4, Type: elf.STT_OBJECT},
			{Name: "inlined", Section: 3, Bind: elf.STB_WEAK, Vis: elf.STV_HIDDEN},
		},
		Groups: []Group{{Signature: 5, Flags: 1, Members: []int{3}}},
	}
}

func TestReadByDebugELF(t *testing.T) {
	for _, variant := range []File{{}, {Order: elf.ELFDATA2MSB}, {Class: elf.ELFCLASS32, Machine: elf.EM_ARM}} {
		f := sample()
		f.Class, f.Order, f.Machine = variant.Class, variant.Order, variant.Machine
		t.Run(fmt.Sprint(f.Class, f.Order), func(t *testing.T) {
			got, err := elf.NewFile(bytes.NewReader(f.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			syms, err := got.Symbols()
			if err != nil {
				t.Fatal(err)
			}
			var text string
			for _, s := range syms {
				text += fmt.Sprintf("%s %d %d %d %v %v\n", s.Name, s.Section, s.Value, s.Size, elf.ST_BIND(s.Info), elf.ST_VISIBILITY(s.Other))
			}
			// Section 1 is the group, 2 .text, 3 its relocations, 4 .bss, 5 .text.inline.
			want := " 2 0 0 STB_LOCAL STV_DEFAULT\nzeroed 4 8 4 STB_LOCAL STV_DEFAULT\nfunction 2 0 16 STB_GLOBAL STV_DEFAULT\n" +
				"outside 0 0 0 STB_GLOBAL STV_DEFAULT\ninlined 5 0 0 STB_WEAK STV_HIDDEN\n"
			if text != want {
				t.Errorf("symbols:\n%swant\n%s", text, want)
			}
			if s := got.Section(".bss"); s == nil || s.Size != 24 || s.Type != elf.SHT_NOBITS {
				t.Errorf(".bss is %+v", s)
			}
			rela := got.Section(".rela.text")
			data, err := rela.Data()
			if err != nil || rela.Info != 2 || rela.Link != 6 || len(data) != 2*int(rela.Entsize) {
				t.Errorf("relocations are %+v, %v", rela.SectionHeader, err)
			}
			if f.Class != elf.ELFCLASS32 && got.ByteOrder.Uint64(data[8:])>>32 != 4 {
				t.Errorf("the first relocation is % x, want one against symbol 4", data[:24])
			}
			group, err := got.Section(".group").Data()
			if err != nil || got.ByteOrder.Uint32(group[4:]) != 5 {
				t.Errorf("the group holds % x, %v", group, err)
			}
		})
	}
}

func TestManySections(t *testing.T) {
	const n = 66000
	f := &File{}
	for i := range n {
		f.Sections = append(f.Sections, Section{Name: ".data", Flags: elf.SHF_ALLOC, Data: []byte{byte(i)}, Align: 1})
	}
	f.Symbols = []Symbol{{Name: "last", Section: n, Bind: elf.STB_GLOBAL}}
	got, err := elf.NewFile(bytes.NewReader(f.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	// The null section, .symtab, .symtab_shndx, .strtab and .shstrtab.
	if len(got.Sections) != n+5 {
		t.Fatalf("%d sections", len(got.Sections))
	}
	shndx, err := got.Section(".symtab_shndx").Data()
	if err != nil || got.ByteOrder.Uint32(shndx[4:]) != n {
		t.Errorf("the symbol is in section % x, %v", shndx, err)
	}
}
