package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// aarch64 is the machine that most objects of these tests are for.
var aarch64 = machine.For(elf.EM_AARCH64)

// oneReloc is an object with a relocation in a section of 32 bytes.
func oneReloc(m *machine.Machine, typ uint32, off uint64) *Object {
	o := &Object{Name: "one.o", Machine: m}
	sym := o.AddSymbol(Symbol{Name: "f", Info: SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)})
	o.AddSection(&Section{Name: ".data", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC, Size: 32, Addralign: 1,
		Relocs: EncodeRelocs([]Reloc{{Offset: off, Type: typ, Symbol: sym}}, false)})
	return o
}

// relocError is what both ways to the relocations of an object say of them.
func relocError(t *testing.T, o *Object) string {
	t.Helper()
	said := ""
	for _, err := range o.Relocations(o.Section(".data")) {
		if err != nil {
			said = err.Error()
		}
	}
	_, err := o.Bytes()
	if written := ""; err != nil || said != "" {
		if err != nil {
			written = err.Error()
		}
		if written != said {
			t.Errorf("reading says %q, writing %q", said, written)
		}
	}
	return said
}

// TestFieldAtEnd puts each relocation of each machine where its field ends with
// the section, and a byte further.
func TestFieldAtEnd(t *testing.T) {
	for _, m := range machine.All() {
		for typ := range uint32(len(m.Fields())) {
			if !m.Fields().Has(typ) {
				continue
			}
			field := m.RelocField(typ)
			if said := relocError(t, oneReloc(m, typ, 32-field)); said != "" {
				t.Errorf("%s at the end: %s", m.RelocName(typ), said)
			}
			off, want := 33-field, fmt.Sprintf(" changes %d bytes, but its section of 32 ends before that; the file is Damaged, or a .reloc directive is wrong: build it again", field)
			if field == 0 {
				want = " lies outside its section of 32 bytes; the file is damaged or truncated: build it again"
			}
			want = fmt.Sprintf("one.o: .data+%#x: relocation %s%s", off, m.RelocName(typ), want)
			if said := relocError(t, oneReloc(m, typ, off)); said != want {
				t.Errorf("%s behind the end:\ngot  %s\nwant %s", m.RelocName(typ), said, want)
			}
			for _, off := range []uint64{33, 1 << 63, ^uint64(0)} {
				if relocError(t, oneReloc(m, typ, off)) == "" {
					t.Errorf("%s at %#x is taken", m.RelocName(typ), off)
				}
			}
		}
	}
}

// TestLinkedRelocErrors expects a relocation of a linked object to be held to
// the input section that it stood in, and a message to name that section and
// the offset in it, not those of the output.
func TestLinkedRelocErrors(t *testing.T) {
	for _, tt := range []struct {
		name        string
		off, size   uint64
		typ, symbol uint32
		want        string
	}{
		{"fits", 8, 16, 257, 1, ""},
		{"mark at the end", 16, 16, 0, 1, ""},
		{"mark in a section of no bytes", 0, 0, 0, 1, ""},
		{"into the neighbour", 12, 16, 257, 1, "in.o: .data.x+0xc: relocation R_AARCH64_ABS64 changes 8 bytes, but its section of 16 ends before that; the file is Damaged, or a .reloc directive is wrong: build it again"},
		{"behind the end", 17, 16, 0, 1, "in.o: .data.x+0x11: relocation R_AARCH64_NONE lies outside its section of 16 bytes; the file is damaged or truncated: build it again"},
		{"in a section of no bytes", 0, 0, 258, 1, "in.o: .data.x+0x0: relocation R_AARCH64_ABS32 changes 4 bytes, but its section of 0 ends before that; the file is Damaged, or a .reloc directive is wrong: build it again"},
		{"before the start", ^uint64(7), 16, 257, 1, "in.o: .data.x: relocation R_AARCH64_ABS64 lies outside its section of 16 bytes; the file is damaged or truncated: build it again"},
		{"no symbol", 8, 16, 257, 5, "in.o: .data.x+0x8: relocation R_AARCH64_ABS64 refers to symbol 5, which is not there; the file is damaged or truncated: build it again"},
	} {
		o := oneReloc(aarch64, tt.typ, tt.off)
		s := o.Section(".data")
		in := &Object{Name: "in.o", Machine: aarch64, Linked: &SymbolMap{Index: []uint32{0, 1}}}
		s.Relocs = nil
		s.Chunks = []Chunk{{Offset: 8, Section: &Section{Name: ".data.x", Object: in, Type: elf.SHT_PROGBITS, Size: tt.size,
			Relocs: EncodeRelocs([]Reloc{{Offset: tt.off, Type: tt.typ, Symbol: tt.symbol}}, false)}}}
		if said := relocError(t, o); said != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, said, tt.want)
		}
	}
}

// TestCompressedRelocations writes a compressed section again: its relocations
// apply to the bytes that it unpacks to.
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
			if said := relocError(t, o); (said == "") != tt.ok {
				t.Errorf("at %d of %d bytes: %q", tt.off, tt.unpacked, said)
			}
		}
	}
	// A section that is too short for the header is held to its own size.
	o := oneReloc(aarch64, 257, 4)
	s := o.Section(".data")
	s.Flags, s.Size, s.Data = elf.SHF_COMPRESSED, 8, binary.LittleEndian.AppendUint64(nil, 1<<40)
	if relocError(t, o) == "" {
		t.Error("a field beyond a section without a compression header is taken")
	}
}
