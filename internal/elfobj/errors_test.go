// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"
)

// TestParseErrors damages a valid object in one place and checks the error.
func TestParseErrors(t *testing.T) {
	le := binary.LittleEndian
	shdrAt := func(b []byte, i int) []byte { return b[le.Uint64(b[40:])+uint64(i)*shdrSize:] }
	// Sections of sample: 1 .group, 2 .text, 3 .rela.text, 4 .data, 5 .rela.data, 6 .bss, 7 .symtab, 8 .strtab, 9 .shstrtab.
	symbols := func(b []byte) []byte { return b[le.Uint64(shdrAt(b, 7)[24:]):] }
	for _, tt := range []struct {
		name   string
		damage func(b []byte) []byte
		want   string
	}{
		{"empty", func(b []byte) []byte { return nil }, "bad.o: file is empty; the compile that made it failed or was interrupted"},
		{"short", func(b []byte) []byte { return b[:20] }, "bad.o: +0x14: file ends inside the ELF header; " + Damaged},
		{"text", func(b []byte) []byte { return []byte("#include <x>") }, "bad.o: +0x0: not an ELF file; use a relocatable object from a compiler or assembler"},
		{"bitcode", func(b []byte) []byte { return []byte("BC\xc0\xde....") }, "bad.o: LLVM bitcode, not machine code; compile it without -flto (the kernel: CONFIG_LTO_NONE=y)"},
		{"archive", func(b []byte) []byte { return []byte("!<arch>\n") }, "bad.o: an archive, not an object; use its members, or link it with 'hyplink link'"},
		{"32-bit", func(b []byte) []byte { b[elf.EI_CLASS] = 1; return b }, "bad.o: +0x4: ELF class is ELFCLASS32, want ELFCLASS64; compile it for a 64-bit target"},
		{"encoding", func(b []byte) []byte { b[elf.EI_DATA] = 3; return b }, "bad.o: +0x5: ELF data encoding is 3, want 1 or 2; " + Damaged},
		{"executable", func(b []byte) []byte { b[16] = 2; return b }, "bad.o: +0x10: file type is ET_EXEC, want ET_REL (a relocatable object); use the object that the compiler wrote with -c"},
		{"machine", func(b []byte) []byte { b[18] = 40; return b }, "bad.o: +0x12: unsupported machine EM_ARM; supported are AArch64, x86-64 and RISC-V"},
		{"big x86", func([]byte) []byte {
			b := encode(t, sample(true))
			b[19] = 62
			b[18] = 0
			return b
		}, "bad.o: +0x5: big-endian object for x86-64, which is little-endian; " + Damaged},
		{"headers outside", func(b []byte) []byte { le.PutUint64(b[40:], 1<<40); return b }, "bad.o: +0x28: section header table at 0x10000000000 is outside the file"},
		{"too many headers", func(b []byte) []byte { le.PutUint16(b[60:], 60000); return b }, "bad.o: +0x3c: 60000 section headers at"},
		{"truncated", func(b []byte) []byte { return b[:len(b)-1] }, "section headers at"},
		{"no names", func(b []byte) []byte { le.PutUint16(b[62:], 2); return b }, "bad.o: +0x3e: section 2, given as the section name table, is not a string table"},
		{"section outside", func(b []byte) []byte { le.PutUint64(shdrAt(b, 2)[32:], 1<<62); return b }, "section 2 of 4611686018427387904 bytes is outside the file"},
		{"name outside", func(b []byte) []byte { le.PutUint32(shdrAt(b, 2), 1<<30); return b }, "bad.o: name of section 2 is outside the section name table"},
		{"alignment", func(b []byte) []byte { le.PutUint64(shdrAt(b, 2)[48:], 12); return b }, "bad.o: .text: alignment is 0xc, want a power of two up to 0x40000000"},
		{"high flags", func(b []byte) []byte { le.PutUint64(shdrAt(b, 2)[8:], 1<<35); return b }, "bad.o: .text: unknown section flags 0x800000000"},
		{"SHT_REL", func(b []byte) []byte { le.PutUint32(shdrAt(b, 3)[4:], 9); return b }, "bad.o: .rela.text: relocations without addends (SHT_REL) are not supported on AArch64; use a compiler that writes SHT_RELA"},
		{"live patch of a live patch", func(b []byte) []byte {
			le.PutUint64(shdrAt(b, 3)[8:], uint64(shfRelaLivepatch))
			le.PutUint32(shdrAt(b, 3)[44:], 3)
			return b
		}, "bad.o: .rela.text: applies to section 3, which has no contents"},
		{"CREL", func(b []byte) []byte { le.PutUint32(shdrAt(b, 3)[4:], shtCREL); return b }, "bad.o: .rela.text: compact relocations (SHT_CREL) are not supported; compile without -Wa,--crel"},
		{"dynamic", func(b []byte) []byte { le.PutUint32(shdrAt(b, 4)[4:], 6); return b }, "bad.o: .data: section type SHT_DYNAMIC is for linked files only"},
		{"rela entsize", func(b []byte) []byte { le.PutUint64(shdrAt(b, 3)[56:], 8); return b }, "bad.o: .rela.text: size is 24 and entry size 8, want entries of 24 bytes"},
		{"rela target", func(b []byte) []byte { le.PutUint32(shdrAt(b, 3)[44:], 99); return b }, "bad.o: .rela.text: applies to section 99 of 10"},
		{"rela of symtab", func(b []byte) []byte { le.PutUint32(shdrAt(b, 3)[44:], 7); return b }, "bad.o: .rela.text: applies to section 7, which has no contents"},
		{"rela symtab", func(b []byte) []byte { le.PutUint32(shdrAt(b, 3)[40:], 2); return b }, "bad.o: .rela.text: its symbol table is section 2, want 7"},
		{"two symtabs", func(b []byte) []byte { le.PutUint32(shdrAt(b, 8)[4:], 2); return b }, "bad.o: .strtab: second symbol table"},
		{"symtab size", func(b []byte) []byte { le.PutUint64(shdrAt(b, 7)[32:], 25); return b }, "bad.o: .symtab: size is 25 and entry size 24, want entries of 24 bytes"},
		{"symtab strings", func(b []byte) []byte { le.PutUint32(shdrAt(b, 7)[40:], 2); return b }, "bad.o: .symtab: section 2, given as its string table, is not a string table"},
		{"local count", func(b []byte) []byte { le.PutUint32(shdrAt(b, 7)[44:], 1); return b }, `bad.o: .symtab+0x18: "$x" is STB_LOCAL, but local symbols end at 1`},
		{"locals beyond", func(b []byte) []byte { le.PutUint32(shdrAt(b, 7)[44:], 1000); return b }, "bad.o: .symtab: has 1000 local symbols, but 7 symbols"},
		{"symbol name", func(b []byte) []byte { le.PutUint32(symbols(b)[24:], 1<<20); return b }, "bad.o: .symtab+0x18: name is outside the string table"},
		{"symbol section", func(b []byte) []byte { le.PutUint16(symbols(b)[24+6:], 77); return b }, `bad.o: .symtab+0x18: "$x" is in section 77 of 10`},
		{"reserved section", func(b []byte) []byte { le.PutUint16(symbols(b)[24+6:], 0xff02); return b }, `bad.o: .symtab+0x18: "$x" is in reserved section 0xff02`},
		{"no extended table", func(b []byte) []byte { le.PutUint16(symbols(b)[24+6:], 0xffff); return b }, `bad.o: .symtab+0x18: "$x" has an extended section index, but there is no SHT_SYMTAB_SHNDX section`},
		{"common alignment", func(b []byte) []byte { le.PutUint64(symbols(b)[6*24+8:], 3); return b }, `bad.o: .symtab+0x90: alignment of common symbol "pool" is 3, want a power of two`},
		{"group member", func(b []byte) []byte { le.PutUint32(b[le.Uint64(shdrAt(b, 1)[24:])+4:], 500); return b }, "bad.o: .group+0x4: group member 500 is not a section"},
		{"group signature", func(b []byte) []byte { le.PutUint32(shdrAt(b, 1)[44:], 500); return b }, "bad.o: .group: its signature is symbol 500 of section 7, which does not exist"},
		{"link order", func(b []byte) []byte {
			h := shdrAt(b, 4)
			le.PutUint64(h[8:], uint64(elf.SHF_ALLOC|elf.SHF_LINK_ORDER))
			le.PutUint32(h[40:], 99)
			return b
		}, "bad.o: .data: SHF_LINK_ORDER refers to section 99 of 10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("bad.o", tt.damage(encode(t, sample(false))))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got:  %v\nwant: %s", err, tt.want)
			}
		})
	}
}

// TestRelocErrors damages relocations, which are checked when they are used.
func TestRelocErrors(t *testing.T) {
	le := binary.LittleEndian
	for _, tt := range []struct {
		name, want string
		damage     func(rela []byte)
	}{
		{"offset", "bad.o: .text+0x100: relocation R_AARCH64_CALL26 is outside its section", func(r []byte) { le.PutUint64(r, 0x100) }},
		{"symbol", "bad.o: .text+0x0: relocation R_AARCH64_CALL26 refers to symbol 99, which does not exist", func(r []byte) { le.PutUint32(r[12:], 99) }},
	} {
		b := encode(t, sample(false))
		rela := le.Uint64(b[le.Uint64(b[40:])+3*shdrSize+24:])
		tt.damage(b[rela:])
		o, err := Parse("bad.o", b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = o.Bytes(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
		found := false
		for _, err := range o.Relocations(o.Section(".text")) {
			found = found || err != nil && strings.Contains(err.Error(), tt.want)
		}
		if !found {
			t.Errorf("%s: Relocations does not report it", tt.name)
		}
	}
}
