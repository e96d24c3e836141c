// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"
)

// TestLongNames has names that are tails of one long string.
func TestLongNames(t *testing.T) {
	const n, length = 2000, 100000
	text := bytes.Repeat([]byte{'a'}, length)
	text[0], text[length-1] = 0, 0
	var symbols []byte
	for i := range uint32(n) {
		symbols = binary.LittleEndian.AppendUint32(symbols, i)
		symbols = append(symbols, make([]byte, symSize-4)...)
	}
	clear(symbols[:symSize])
	rows := []header{
		{typ: uint32(elf.SHT_STRTAB), off: ehdrSize, size: length},
		{typ: uint32(elf.SHT_SYMTAB), link: 2, info: n, off: ehdrSize + length, size: uint64(len(symbols)), entsize: symSize},
	}
	_, err := Parse("long.o", buildFile(append(bytes.Clone(text), symbols...), rows))
	if err == nil || !strings.Contains(err.Error(), "names have at least") {
		t.Errorf("symbols: error %v", err)
	}
	for i := range n {
		rows = append(rows, header{name: uint32(i), typ: uint32(elf.SHT_PROGBITS)})
	}
	b := buildFile(text, rows[2:])
	binary.LittleEndian.PutUint64(b[len(b)-(n+1)*shdrSize+32:], length) // the section names
	if _, err := Parse("long.o", b); err == nil || !strings.Contains(err.Error(), "the names of") {
		t.Errorf("sections: error %v", err)
	}
}

// header is a section header.
type header struct {
	name, typ, link, info     uint32
	flags, off, size, entsize uint64
}

// buildFile returns a file with bytes and section headers. The section names are
// in section 1.
func buildFile(body []byte, headers []header) []byte {
	le := binary.LittleEndian
	b := make([]byte, ehdrSize, ehdrSize+len(body)+shdrSize*(len(headers)+2))
	copy(b, elf.ELFMAG+"\x02\x01\x01")
	le.PutUint16(b[16:], uint16(elf.ET_REL))
	le.PutUint16(b[18:], uint16(elf.EM_AARCH64))
	le.PutUint64(b[40:], uint64(ehdrSize+len(body)))
	le.PutUint16(b[58:], shdrSize)
	le.PutUint16(b[62:], 1)
	b = append(b, body...)
	b = append(b, make([]byte, shdrSize)...)
	le.PutUint64(b[len(b)-shdrSize+32:], uint64(len(headers)+2)) // e_shnum is 0
	for _, h := range append([]header{{typ: uint32(elf.SHT_STRTAB), off: ehdrSize, size: 1}}, headers...) {
		e := make([]byte, shdrSize)
		le.PutUint32(e, h.name)
		le.PutUint32(e[4:], h.typ)
		le.PutUint64(e[8:], h.flags)
		le.PutUint64(e[24:], h.off)
		le.PutUint64(e[32:], h.size)
		le.PutUint32(e[40:], h.link)
		le.PutUint32(e[44:], h.info)
		le.PutUint64(e[56:], h.entsize)
		b = append(b, e...)
	}
	return b
}

// TestManyTables parses files of a few hundred kilobytes that once took memory
// and time quadratic in their size.
func TestManyTables(t *testing.T) {
	const n, large = 4000, 120000
	text := header{typ: uint32(elf.SHT_PROGBITS), off: ehdrSize, size: 16}
	symtab := header{typ: uint32(elf.SHT_SYMTAB), link: 1, info: 1, off: ehdrSize, size: symSize, entsize: symSize}
	body := make([]byte, large)
	for _, tt := range []struct {
		name   string
		table  func(i uint64) header
		want   string
		relocs int
	}{
		{"overlapping relocation sections", func(uint64) header {
			return header{typ: uint32(elf.SHT_RELA), off: ehdrSize, size: large, entsize: relaSize, link: 3, info: 2}
		}, "sections overlap: they have at least 840041 bytes, in a file of", 0},
		{"overlapping groups", func(uint64) header {
			return header{typ: uint32(elf.SHT_GROUP), off: ehdrSize, size: large, link: 3}
		}, "sections overlap: they have at least", 0},
		{"overlapping contents", func(uint64) header {
			return header{typ: uint32(elf.SHT_PROGBITS), off: ehdrSize, size: large}
		}, "sections overlap: they have at least", 0},
		{"many relocation sections for one section", func(i uint64) header {
			return header{typ: uint32(elf.SHT_RELA), off: ehdrSize + i*relaSize, size: relaSize, entsize: relaSize, link: 3, info: 2}
		}, "", n},
	} {
		headers := []header{text, symtab}
		for i := range uint64(n) {
			headers = append(headers, tt.table(i))
		}
		data := buildFile(body, headers)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		o, err := Parse("many.o", data)
		runtime.ReadMemStats(&after)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > uint64(len(data))*16 {
			t.Errorf("%s: %d bytes of memory for a file of %d bytes", tt.name, used, len(data))
		}
		if err == nil && o.Sections[1].RelocCount() != tt.relocs {
			t.Errorf("%s: %d relocations, want %d", tt.name, o.Sections[1].RelocCount(), tt.relocs)
		}
	}
}

// TestZerosAreBounded has SHT_NOBITS sections in output sections with contents,
// where they become zeros in the file.
func TestZerosAreBounded(t *testing.T) {
	in := &Object{Name: "in.o", Machine: aarch64}
	in.AddSection(&Section{Name: ".word", Type: elf.SHT_PROGBITS, Size: 4, Data: []byte{1, 2, 3, 4}})
	for _, size := range []uint64{1 << 31, 1 << 40, 1 << 63, 1<<64 - 16} {
		bss := &Section{Name: ".bss.f", Type: elf.SHT_NOBITS, Size: size, Object: in}
		for _, o := range []*Object{
			{Name: "out.o", Machine: aarch64, Sections: []*Section{
				nil,
				{Name: ".data", Type: elf.SHT_PROGBITS, Size: size + 8, Chunks: []Chunk{{Section: in.Sections[1]}, {Offset: 8, Section: bss}}},
				{Name: ".data", Type: elf.SHT_PROGBITS, Size: size + 8, Chunks: []Chunk{{Section: in.Sections[1]}, {Offset: 8, Section: bss}}},
			}},
			{Name: "out.o", Machine: aarch64, Sections: []*Section{nil, {Name: ".fill", Type: elf.SHT_PROGBITS, Size: size, Data: []byte{1}}}},
		} {
			for _, s := range o.Sections[1:] {
				s.Object = o
			}
			want := "in.o: .bss.f: section .data would have "
			if len(o.Sections) == 2 {
				want = "out.o: .fill: section .fill would have "
			}
			if _, err := o.Bytes(); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%#x bytes: %v, want %q", size, err, want)
			}
		}
	}
}

// TestSignatureInTable has a group whose signature is defined in a string table,
// so that it cannot be written.
func TestSignatureInTable(t *testing.T) {
	body := make([]byte, 2*symSize+8)
	body[symSize+6] = 1 // its section
	body[2*symSize], body[2*symSize+4] = GroupComdat, 2
	_, err := Parse("x.o", buildFile(body, []header{
		{typ: uint32(elf.SHT_PROGBITS), flags: uint64(elf.SHF_GROUP), off: ehdrSize},
		{typ: uint32(elf.SHT_SYMTAB), link: 1, info: 2, off: ehdrSize, size: 2 * symSize, entsize: symSize},
		{typ: uint32(elf.SHT_GROUP), link: 3, info: 1, off: ehdrSize + 2*symSize, size: 8},
	}))
	if err == nil || !strings.Contains(err.Error(), "its signature is symbol 1, which is defined in a table") {
		t.Errorf("error is %v", err)
	}
}
