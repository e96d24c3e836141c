// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// encode returns the bytes of an object's file.
func encode(t testing.TB, o *Object) []byte {
	t.Helper()
	b, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sample returns an object with a little of everything.
func sample(big bool) *Object {
	o := &Object{Name: "sample.o", Machine: aarch64, BigEndian: big}
	text := o.AddSection(&Section{
		Name: ".text", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR, Size: 12, Addralign: 8,
		Chunks: []Chunk{{Section: &Section{Size: 4, Data: []byte{1, 2, 3, 4}}}, {Offset: 8, Section: &Section{Size: 4, Data: []byte{5}}}},
	})
	data := o.AddSection(&Section{
		Name: ".data", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Size: 8, Addralign: 8,
		Data: make([]byte, 8),
	})
	bss := o.AddSection(&Section{Name: ".bss", Type: elf.SHT_NOBITS, Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Size: 1 << 40, Addralign: 16})
	global := o.AddSymbol(Symbol{Name: "start", Section: text, Value: 4, Size: 4, Info: SymInfo(elf.STB_GLOBAL, elf.STT_FUNC)})
	o.AddSymbol(Symbol{Name: "$x", Section: text, Info: SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE)})
	section := o.AddSymbol(Symbol{Section: bss, Info: SymInfo(elf.STB_LOCAL, elf.STT_SECTION)})
	o.AddSymbol(Symbol{Name: "weak", Section: Undefined, Info: SymInfo(elf.STB_WEAK, elf.STT_NOTYPE), Other: uint8(elf.STV_HIDDEN)})
	o.AddSymbol(Symbol{Name: "pool", Section: Common, Value: 16, Size: 64, Info: SymInfo(elf.STB_GLOBAL, elf.STT_OBJECT)})
	o.AddSymbol(Symbol{Name: "sample.c", Section: Absolute, Info: SymInfo(elf.STB_LOCAL, elf.STT_FILE)})
	o.Sections[text].Chunks[0].Section.Relocs = EncodeRelocs([]Reloc{{Offset: 0, Type: 283, Symbol: global, Addend: -4}}, big)
	o.Sections[data].Relocs = EncodeRelocs([]Reloc{{Offset: 0, Type: 257, Symbol: section, Addend: 8}}, big)
	o.Groups = []Group{{Name: ".group", Signature: int(global), Flags: GroupComdat, Members: []SectionIndex{data}}}
	o.Sections[data].Flags |= elf.SHF_GROUP
	return o
}

// describe formats an object with names instead of indices.
func describe(o *Object) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s big=%v osabi=%d flags=%#x\n", o.Machine.Name, o.BigEndian, o.OSABI, o.Flags)
	for _, s := range o.Sections {
		if s == nil {
			continue
		}
		fmt.Fprintf(&b, "section %s %v %v size=%d align=%d entsize=%d [% x]\n", s.Name, s.Type, s.Flags, s.Size, s.Addralign, s.Entsize, s.Contents())
		for r, err := range o.Relocations(s) {
			fmt.Fprintf(&b, "  +%#x %s %s%+d %v\n", r.Offset, o.Machine.RelocName(r.Type), o.SymbolName(r.Symbol), r.Addend, err)
		}
	}
	for i := range o.Symbols {
		if s := &o.Symbols[i]; i > 0 && !s.IsDropped() {
			where := fmt.Sprint(s.Section)
			if sec := o.SectionOf(s); sec != nil {
				where = sec.Name
			}
			fmt.Fprintf(&b, "symbol %q %v %v %v %s+%#x size=%d\n", s.Name, s.Binding(), s.Type(), s.Visibility(), where, s.Value, s.Size)
		}
	}
	for _, g := range o.Groups {
		fmt.Fprintf(&b, "group %s %d:", o.SymbolName(uint32(g.Signature)), g.Flags)
		for _, m := range g.Members {
			fmt.Fprintf(&b, " %s", o.Sections[m].Name)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestRoundTrip(t *testing.T) {
	for _, big := range []bool{false, true} {
		first := encode(t, sample(big))
		o, err := Parse("sample.o", first)
		if err != nil {
			t.Fatal(err)
		}
		want := `AArch64 big=` + fmt.Sprint(big) + ` osabi=0 flags=0x0
section .text SHT_PROGBITS SHF_ALLOC+SHF_EXECINSTR size=12 align=8 entsize=0 [01 02 03 04 00 00 00 00 05 05 05 05]
  +0x0 R_AARCH64_CALL26 start-4 <nil>
section .data SHT_PROGBITS SHF_WRITE+SHF_ALLOC+SHF_GROUP size=8 align=8 entsize=0 [00 00 00 00 00 00 00 00]
  +0x0 R_AARCH64_ABS64 .bss+8 <nil>
section .bss SHT_NOBITS SHF_WRITE+SHF_ALLOC size=1099511627776 align=16 entsize=0 []
symbol "$x" STB_LOCAL STT_NOTYPE STV_DEFAULT .text+0x0 size=0
symbol "" STB_LOCAL STT_SECTION STV_DEFAULT .bss+0x0 size=0
symbol "sample.c" STB_LOCAL STT_FILE STV_DEFAULT -1+0x0 size=0
symbol "start" STB_GLOBAL STT_FUNC STV_DEFAULT .text+0x4 size=4
symbol "weak" STB_WEAK STT_NOTYPE STV_HIDDEN 0+0x0 size=0
symbol "pool" STB_GLOBAL STT_OBJECT STV_DEFAULT -2+0x10 size=64
group start 1: .data
`
		if got := describe(o); got != want {
			t.Errorf("got:\n%swant:\n%s", got, want)
		}
		if second := encode(t, o); !bytes.Equal(first, second) {
			t.Error("the round trip changes the bytes")
		}
		if !big {
			checkStandardReader(t, first)
		}
	}
}

// checkStandardReader reads the object with debug/elf.
func checkStandardReader(t *testing.T, b []byte) {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(syms); n != 6 || syms[3].Name != "start" || syms[3].Section != elf.SectionIndex(2) {
		t.Errorf("debug/elf reads %d symbols: %+v", n, syms)
	}
	if s := f.Section(".rela.data"); s == nil || s.Info != 4 || s.Flags&elf.SHF_GROUP == 0 {
		t.Errorf("debug/elf reads .rela.data as %+v", s)
	}
}

// TestManySections has section numbers and counts around the limits of their
// 16-bit fields (SHN_XINDEX).
func TestManySections(t *testing.T) {
	for _, n := range []int{0xfef0, 0xfefb, 0xfefc, 0xfefd, 0xff00, 0x10010} {
		o := &Object{Name: "many.o", Machine: aarch64}
		for i := range n {
			s := o.AddSection(&Section{Name: ".s", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC, Size: 1, Addralign: 1, Data: []byte{byte(i)}})
			o.AddSymbol(Symbol{Name: fmt.Sprintf("s%d", i), Section: s, Info: SymInfo(elf.STB_GLOBAL, elf.STT_OBJECT)})
		}
		b := encode(t, o)
		got, err := Parse("many.o", b)
		if err != nil {
			t.Fatalf("%#x sections: %v", n, err)
		}
		if len(got.Sections) != n+1 || len(got.Symbols) != n+1 {
			t.Fatalf("%#x sections: read %d sections, %d symbols", n, len(got.Sections)-1, len(got.Symbols)-1)
		}
		for i := 1; i <= n; i++ {
			if s := &got.Symbols[i]; s.Section != SectionIndex(i) || got.Sections[i].Contents()[0] != byte(i-1) {
				t.Fatalf("%#x sections: symbol %s is in section %d", n, s.Name, s.Section)
			}
		}
		if n > 0xff00 && binary.LittleEndian.Uint16(b[60:]) != 0 {
			t.Errorf("%#x sections: e_shnum is %d, want 0", n, binary.LittleEndian.Uint16(b[60:]))
		}
	}
}

// TestLLVM156354RelocationsBeforeTarget has a relocation section before its
// target.
func TestLLVM156354RelocationsBeforeTarget(t *testing.T) {
	b := encode(t, sample(false))
	shoff := binary.LittleEndian.Uint64(b[40:])
	hdr := func(i int) []byte { return b[shoff+uint64(i)*shdrSize:][:shdrSize] }
	// Sections: 1 group, 2 .text, 3 .rela.text, 4 .data, 5 .rela.data. Swap 4 and 5.
	tmp := bytes.Clone(hdr(4))
	copy(hdr(4), hdr(5))
	copy(hdr(5), tmp)
	binary.LittleEndian.PutUint32(hdr(4)[44:], 5)
	o, err := Parse("swapped.o", b)
	if err != nil {
		t.Fatal(err)
	}
	if s := o.Section(".data"); s.RelocCount() != 1 {
		t.Errorf(".data has %d relocations, want 1", s.RelocCount())
	}
}

// A relocation section applies to the section in sh_info, whatever its name is.
// In the output it is named after that section.
func TestRelocationSectionsByNumber(t *testing.T) {
	b := encode(t, sample(false))
	le := binary.LittleEndian
	shoff := le.Uint64(b[40:])
	name := func(i int) []byte { return b[shoff+uint64(i)*shdrSize:][:4] }
	// 3 is .rela.text, 5 .rela.data: each gets the other's name.
	text, data := le.Uint32(name(3)), le.Uint32(name(5))
	le.PutUint32(name(3), data)
	le.PutUint32(name(5), text)
	o, err := Parse("exchanged.o", b)
	if err != nil {
		t.Fatal(err)
	}
	for section, want := range map[string]uint32{".text": 283, ".data": 257} {
		n := 0
		for rel, err := range o.Relocations(o.Section(section)) {
			if n++; err != nil || rel.Type != want {
				t.Errorf("%s: relocation type %d, want %d (%v)", section, rel.Type, want, err)
			}
		}
		if n != 1 {
			t.Errorf("%s has %d relocations, want 1", section, n)
		}
	}
	f, err := elf.NewFile(bytes.NewReader(encode(t, o)))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f.Sections {
		if s.Type == elf.SHT_RELA && s.Name != RelocPrefix+f.Sections[s.Info].Name {
			t.Errorf("the relocations of %s are in %s", f.Sections[s.Info].Name, s.Name)
		}
	}
}

func TestLargeWrite(t *testing.T) {
	// Several windows, a gap larger than a window, and relocations in two windows.
	o := &Object{Name: "large.o", Machine: aarch64}
	data := make([]byte, 3*windows.window+12345)
	for i := range data {
		data[i] = byte(i * 7)
	}
	i := o.AddSection(&Section{Name: ".a", Type: elf.SHT_PROGBITS, Size: uint64(len(data)), Addralign: 1, Data: data})
	j := o.AddSection(&Section{Name: ".b", Type: elf.SHT_PROGBITS, Size: 8, Addralign: 16 * windows.window, Data: []byte("abcdefgh")})
	sym := o.AddSymbol(Symbol{Name: "x", Section: j, Info: SymInfo(elf.STB_GLOBAL, elf.STT_OBJECT)})
	var rs []Reloc
	for k := range 200000 {
		rs = append(rs, Reloc{Offset: uint64(k), Type: 257, Symbol: sym, Addend: int64(k)})
	}
	o.Sections[i].Relocs = EncodeRelocs(rs, false)
	got, err := Parse("large.o", encode(t, o))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Sections[1].Contents(), data) || string(got.Sections[2].Contents()) != "abcdefgh" {
		t.Error("contents differ")
	}
	k := 0
	for r, err := range got.Relocations(got.Sections[1]) {
		if err != nil || r != rs[k] {
			t.Fatalf("relocation %d is %+v, %v", k, r, err)
		}
		k++
	}
	if k != len(rs) {
		t.Errorf("%d relocations, want %d", k, len(rs))
	}
}

func TestPaddingIsBounded(t *testing.T) {
	o := &Object{Name: "pad.o", Machine: aarch64}
	for range 3 {
		o.AddSection(&Section{Name: ".s", Type: elf.SHT_PROGBITS, Size: 1, Addralign: MaxAlign, Data: []byte{1}})
	}
	_, err := o.Bytes()
	if err == nil || !strings.Contains(err.Error(), "pad.o: alignment adds ") {
		t.Errorf("error is %v", err)
	}
}

// TestKernelProfile reads an object that clang compiled with a profile: its call
// graph has relocations without addends, and is left out. It has another section
// type before LLVM 13, and no relocations.
func TestKernelProfile(t *testing.T) {
	for _, types := range [][2]uint32{{shtLLVMCallGraph, uint32(elf.SHT_REL)}, {shtLLVMCallGraph, uint32(elf.SHT_RELA)}, {shtLLVMCallGraphOld, uint32(elf.SHT_RELA)}} {
		b := encode(t, sample(false))
		le := binary.LittleEndian
		shoff := le.Uint64(b[40:])
		le.PutUint32(b[shoff+4*shdrSize+4:], types[0])
		le.PutUint32(b[shoff+5*shdrSize+4:], types[1])
		o, err := Parse("profiled.o", b)
		if err != nil {
			t.Fatal(err)
		}
		if w := o.Warning(); w == nil || !strings.HasPrefix(w.Error(), "profiled.o: .data: the call graph profile is left out") || o.Section(".data") != nil {
			t.Errorf("types %#x: warning %v, section %v", types, w, o.Section(".data"))
		}
		if _, err := o.Bytes(); err != nil {
			t.Error(err)
		}
	}
}
