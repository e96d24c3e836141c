// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// aarch64 is the machine of most objects in these tests.
var aarch64 = machine.For(elf.EM_AARCH64)

// oneReloc returns an object with one relocation in a section of 32 bytes.
func oneReloc(m *machine.Machine, typ uint32, off uint64) *Object {
	o := &Object{Name: "one.o", Machine: m}
	sym := o.AddSymbol(Symbol{Name: "f", Info: SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)})
	o.AddSection(&Section{
		Name: ".data", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC, Size: 32, Addralign: 1,
		Relocs: EncodeRelocs([]Reloc{{Offset: off, Type: typ, Symbol: sym}}, false),
	})
	return o
}

// relocError returns the error about an object's relocation, which must be the
// same when reading relocations and when writing the object.
func relocError(t *testing.T, o *Object) string {
	t.Helper()
	msg := ""
	for _, err := range o.Relocations(o.Section(".data")) {
		if err != nil {
			msg = err.Error()
		}
	}
	_, err := o.Bytes()
	if written := ""; err != nil || msg != "" {
		if err != nil {
			written = err.Error()
		}
		if written != msg {
			t.Errorf("reading gives error %q, writing %q", msg, written)
		}
	}
	return msg
}

// TestFieldAtEnd puts the field of each relocation of each machine at the end of
// the section, and a byte further.
func TestFieldAtEnd(t *testing.T) {
	for _, m := range machine.All() {
		for typ := range uint32(len(m.Fields())) {
			if !m.Fields().Of(typ).Known() {
				continue
			}
			field := m.RelocField(typ)
			if msg := relocError(t, oneReloc(m, typ, 32-field)); msg != "" {
				t.Errorf("%s at the end: %s", m.RelocName(typ), msg)
			}
			off, want := 33-field, fmt.Sprintf(" of %d bytes extends past the end of its section of 32 bytes; the file is damaged, or a .reloc directive is wrong: build it again", field)
			if field == 0 {
				want = " is outside its section of 32 bytes; the file is damaged or truncated: build it again"
			}
			want = fmt.Sprintf("one.o: .data+%#x: relocation %s%s", off, m.RelocName(typ), want)
			if msg := relocError(t, oneReloc(m, typ, off)); msg != want {
				t.Errorf("%s past the end:\ngot  %s\nwant %s", m.RelocName(typ), msg, want)
			}
			for _, off := range []uint64{33, 1 << 63, ^uint64(0)} {
				if relocError(t, oneReloc(m, typ, off)) == "" {
					t.Errorf("%s at %#x is accepted", m.RelocName(typ), off)
				}
			}
		}
	}
}

// TestLinkedRelocErrors checks that a relocation of a linked object is checked
// against its input section, and that the message has that section and the offset
// in it, not those of the output.
func TestLinkedRelocErrors(t *testing.T) {
	for _, tt := range []struct {
		name        string
		off, size   uint64
		typ, symbol uint32
		want        string
	}{
		{"fits", 8, 16, 257, 1, ""},
		{"R_AARCH64_NONE at the end", 16, 16, 0, 1, ""},
		{"R_AARCH64_NONE in an empty section", 0, 0, 0, 1, ""},
		{"into the next section", 12, 16, 257, 1, "in.o: .data.x+0xc: relocation R_AARCH64_ABS64 of 8 bytes extends past the end of its section of 16 bytes; the file is damaged, or a .reloc directive is wrong: build it again"},
		{"past the end", 17, 16, 0, 1, "in.o: .data.x+0x11: relocation R_AARCH64_NONE is outside its section of 16 bytes; the file is damaged or truncated: build it again"},
		{"in an empty section", 0, 0, 258, 1, "in.o: .data.x+0x0: relocation R_AARCH64_ABS32 of 4 bytes extends past the end of its section of 0 bytes; the file is damaged, or a .reloc directive is wrong: build it again"},
		{"before the start", ^uint64(7), 16, 257, 1, "in.o: .data.x: relocation R_AARCH64_ABS64 is outside its section of 16 bytes; the file is damaged or truncated: build it again"},
		{"no symbol", 8, 16, 257, 5, "in.o: .data.x+0x8: relocation R_AARCH64_ABS64 refers to symbol 5, which does not exist; the file is damaged or truncated: build it again"},
	} {
		o := oneReloc(aarch64, tt.typ, tt.off)
		s := o.Section(".data")
		in := &Object{Name: "in.o", Machine: aarch64, Linked: &SymbolMap{Index: []uint32{0, 1}}}
		s.Relocs = nil
		s.Chunks = []Chunk{{Offset: 8, Section: &Section{
			Name: ".data.x", Object: in, Type: elf.SHT_PROGBITS, Size: tt.size,
			Relocs: EncodeRelocs([]Reloc{{Offset: tt.off, Type: tt.typ, Symbol: tt.symbol}}, false),
		}}}
		if msg := relocError(t, o); msg != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, msg, tt.want)
		}
	}
}

// TestCompressedRelocations writes a compressed section, whose relocations apply
// to the uncompressed bytes.
func TestCompressedRelocations(t *testing.T) {
	for _, big := range []bool{false, true} {
		for _, tt := range []struct {
			off, unpacked uint64
			ok            bool
		}{{992, 1000, true}, {993, 1000, false}, {24, 30, false}} {
			o := oneReloc(aarch64, 257, tt.off)
			o.BigEndian = big
			s := o.Section(".data")
			s.Flags = elf.SHF_COMPRESSED
			header := make([]byte, 32)
			ord := byteOrder(big)
			ord.PutUint32(header, uint32(elf.COMPRESS_ZLIB))
			ord.PutUint64(header[8:], tt.unpacked)
			s.Data = header
			s.Relocs = EncodeRelocs([]Reloc{{Offset: tt.off, Type: 257, Symbol: 1}}, big)
			if msg := relocError(t, o); (msg == "") != tt.ok {
				t.Errorf("at %d of %d bytes: %q", tt.off, tt.unpacked, msg)
			}
		}
	}
	// Without a complete compression header, the limit is the section's size.
	o := oneReloc(aarch64, 257, 4)
	s := o.Section(".data")
	s.Flags, s.Size, s.Data = elf.SHF_COMPRESSED, 8, binary.LittleEndian.AppendUint64(nil, 1<<40)
	if relocError(t, o) == "" {
		t.Error("a field past the end of a section without a compression header is accepted")
	}
}

// TestRetypeRelocs gives relocations another type, in a section and in the input
// sections of a linked one, which are not changed themselves.
func TestRetypeRelocs(t *testing.T) {
	const from, to, other = 257, 260, 261 // R_AARCH64_ABS64, PREL64, PREL32
	for _, big := range []bool{false, true} {
		relocs := EncodeRelocs([]Reloc{{Offset: 0, Type: from, Symbol: 1, Addend: -5}, {Offset: 8, Type: other, Symbol: 1}}, big)
		data := make([]byte, 16)
		input := &Section{Name: ".in", Type: elf.SHT_PROGBITS, Size: 16, Data: data, Relocs: relocs}
		for name, s := range map[string]*Section{
			"plain":  {Name: ".s", Type: elf.SHT_PROGBITS, Size: 16, Data: data, Relocs: relocs},
			"linked": {Name: ".s", Type: elf.SHT_PROGBITS, Size: 16, Chunks: []Chunk{{Section: input}}},
		} {
			o := &Object{Name: "o", Machine: aarch64, BigEndian: big}
			o.AddSection(s)
			o.AddSymbol(Symbol{Name: "f", Info: SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)})
			s.RetypeRelocs(from, to, big)
			var got []Reloc
			for rel, err := range o.Relocations(s) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, rel)
			}
			if want := []Reloc{{Offset: 0, Type: to, Symbol: 1, Addend: -5}, {Offset: 8, Type: other, Symbol: 1}}; !slices.Equal(got, want) {
				t.Errorf("%s, big-endian %v: got %v, want %v", name, big, got, want)
			}
		}
		if !bytes.Equal(input.Relocs, relocs) {
			t.Errorf("big-endian %v: the input section has changed", big)
		}
	}
}
