// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"
)

// groupSample returns an object with a group whose signature is a local symbol in
// the SHT_GROUP section, as GNU as defines it, and a section symbol of that
// section.
//
//	sections: .text (-> .bss), .data (in the group), .bss, .order (linked to .bss)
//	symbols:  sig and [.group] in the group's section, f in .text, d in .data, b in .bss
func groupSample(t testing.TB) (*Object, []byte) {
	o := &Object{Name: "group.o", Machine: aarch64}
	contents := func(name string, flags elf.SectionFlag) SectionIndex {
		return o.AddSection(&Section{Name: name, Type: elf.SHT_PROGBITS, Flags: flags, Size: 8, Addralign: 4, Data: make([]byte, 8)})
	}
	text := contents(".text", elf.SHF_ALLOC|elf.SHF_EXECINSTR)
	data := contents(".data", elf.SHF_ALLOC|elf.SHF_WRITE|elf.SHF_GROUP)
	bss := o.AddSection(&Section{Name: ".bss", Type: elf.SHT_NOBITS, Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Size: 8, Addralign: 4})
	order := contents(".order", elf.SHF_ALLOC|elf.SHF_LINK_ORDER)
	o.Sections[order].LinkOrder = bss
	sig := o.AddSymbol(Symbol{Name: "sig", Section: groupSection(0), Info: SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE)})
	o.AddSymbol(Symbol{Section: groupSection(0), Info: SymInfo(elf.STB_LOCAL, elf.STT_SECTION)})
	o.AddSymbol(Symbol{Section: data, Info: SymInfo(elf.STB_LOCAL, elf.STT_SECTION)})
	o.AddSymbol(Symbol{Name: "f", Section: text, Info: SymInfo(elf.STB_GLOBAL, elf.STT_FUNC)})
	o.AddSymbol(Symbol{Name: "d", Section: data, Info: SymInfo(elf.STB_GLOBAL, elf.STT_OBJECT)})
	b := o.AddSymbol(Symbol{Name: "b", Section: bss, Info: SymInfo(elf.STB_GLOBAL, elf.STT_OBJECT)})
	o.Sections[text].Relocs = EncodeRelocs([]Reloc{{Offset: 4, Type: 283, Symbol: b}}, false)
	o.Groups = []Group{{Name: ".group", Signature: int(sig), Flags: GroupComdat, Members: []SectionIndex{data}}}
	return o, encode(t, o)
}

// TestGroupSymbols checks that symbols in a SHT_GROUP section stay there.
func TestGroupSymbols(t *testing.T) {
	_, b := groupSample(t)
	le := binary.LittleEndian
	symtab := func() []byte {
		for i := range int(le.Uint16(b[60:])) {
			if h := b[le.Uint64(b[40:])+uint64(i)*shdrSize:]; elf.SectionType(le.Uint32(h[4:])) == elf.SHT_SYMTAB {
				return b[le.Uint64(h[24:]):]
			}
		}
		t.Fatal("no symbol table")
		return nil
	}()
	for i := 1; i <= 2; i++ {
		if n := le.Uint16(symtab[i*symSize+6:]); n != 1 {
			t.Errorf("symbol %d is in section %d of the file, want the group, 1", i, n)
		}
	}
	o, err := Parse("group.o", b)
	if err != nil {
		t.Fatal(err)
	}
	if s := &o.Symbols[1]; s.Name != "sig" || !s.IsDropped() || o.Groups[0].Signature != 1 {
		t.Errorf("read signature %d, symbol %+v", o.Groups[0].Signature, s)
	}
	if again := encode(t, o); !bytes.Equal(b, again) {
		t.Error("the round trip changes the bytes")
	}
}

// names writes an object and returns the names of its sections, symbols and
// groups.
func names(t *testing.T, o *Object) string {
	t.Helper()
	got, err := Parse("out.o", encode(t, o))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range got.Sections[1:] {
		b.WriteString(s.Name + " ")
	}
	b.WriteString("|")
	for i := range got.Symbols[1:] {
		b.WriteString(" " + got.SymbolName(uint32(i+1)))
	}
	for _, g := range got.Groups {
		b.WriteString(" | " + got.SymbolName(uint32(g.Signature)) + ":")
		for _, m := range g.Members {
			b.WriteString(" " + got.Sections[m].Name)
		}
	}
	return b.String()
}

func TestRemoveSections(t *testing.T) {
	for _, tt := range []struct {
		remove string // names
		want   string
	}{
		{"", ".text .data .bss .order | sig symbol 2 .data f d b | sig: .data"},
		// The group has no members left and is removed with its symbols.
		{".data", ".text .bss .order | f b"},
		{".text .order .bss", ".data | sig symbol 2 .data d | sig: .data"},
		{".bss", "group.o: .text+0x4: relocation R_AARCH64_CALL26 refers to b in section .bss, which is to be removed; keep that section, or remove this one as well\n" +
			"group.o: .order: SHF_LINK_ORDER refers to section .bss, which is to be removed; keep that section, or remove this one as well"},
		{".bss .order", "group.o: .text+0x4: relocation R_AARCH64_CALL26 refers to b in section .bss, which is to be removed; keep that section, or remove this one as well"},
	} {
		o, _ := groupSample(t)
		remove := make([]bool, len(o.Sections))
		for i, s := range o.Sections {
			remove[i] = s != nil && strings.Contains(" "+tt.remove+" ", " "+s.Name+" ")
		}
		err := o.RemoveSections(remove)
		got := ""
		if err != nil {
			got = err.Error()
			if left := names(t, o); !strings.HasPrefix(left, ".text .data .bss") {
				t.Errorf("remove %s: after the error there are %s", tt.remove, left)
			}
		} else {
			got = names(t, o)
		}
		if got != tt.want {
			t.Errorf("remove %s:\ngot  %s\nwant %s", tt.remove, got, tt.want)
		}
	}
}

// TestRemoveSignature removes the section that defines a group's signature.
func TestRemoveSignature(t *testing.T) {
	o, _ := groupSample(t)
	o.Groups[0].Signature = 4 // f, in .text
	remove := make([]bool, len(o.Sections))
	remove[1] = true
	err := o.RemoveSections(remove)
	want := "group.o: .group: the group's signature is f in section .text, which is to be removed; remove the group's other sections as well, or keep that one"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestRemoveGroups(t *testing.T) {
	o, _ := groupSample(t)
	// The group after it gets another index, as do its symbols.
	sig := o.AddSymbol(Symbol{Name: "sig2", Section: groupSection(1), Info: SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE)})
	o.Groups = append(o.Groups, Group{Name: ".group", Signature: int(sig), Members: []SectionIndex{1}})
	o.RemoveGroups([]bool{true, false})
	if o.Section(".data").Flags&elf.SHF_GROUP != 0 {
		t.Error(".data still has SHF_GROUP")
	}
	if got, want := names(t, o), ".text .data .bss .order | .data sig2 f d b | sig2: .text"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestIsMapping(t *testing.T) {
	for name, want := range map[string]bool{"$x": true, "$d": true, "$d.7": true, "$xrv64i2p1": true, "$drv64": false, "$y": false, "$": false, "x$x": false, "$xyz": false} {
		s := Symbol{Name: name, Section: 1}
		if s.IsMapping() != want {
			t.Errorf("%s: IsMapping is %v", name, !want)
		}
		s.Info = SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)
		if s.IsMapping() {
			t.Errorf("%s: a global symbol is not a mapping symbol", name)
		}
	}
}
