// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// TestPropertiesOfLeftOutNotes has the last property note of an input go with a
// group that is repeated: what the notes before it say counts still, for that
// input and no other.
func TestPropertiesOfLeftOutNotes(t *testing.T) {
	note := "section .note.gnu.property NOTE A align=8\n 04000000 10000000 05000000 474e5500 000000c0 04000000 0%000000 00000000\n"
	for _, tt := range []struct{ a, b, left, c, want string }{
		{"3", "1", "2", "3", "01000000"}, // not 3 of b, nor of c
		{"1", "1", "1", "1", "01000000"},
		{"3", "2", "1", "1", ""},
	} {
		var objects []*elfobj.Object
		for i, values := range [][]string{{tt.a}, {tt.b, tt.left}, {tt.c}} {
			text := "section .text.g PROGBITS AX align=4\n aaaaaaaa\nsymbol g WEAK FUNC .text.g+0\ngroup g COMDAT .text.g\n"
			for _, v := range values {
				text += strings.ReplaceAll(note, "%", v)
			}
			o, err := elftext.Parse(string(rune('a'+i))+".o", text)
			if err != nil {
				t.Fatal(err)
			}
			if len(values) == 2 { // the second note, section 3
				o.Groups[0].Members = append(o.Groups[0].Members, 3)
			}
			objects = append(objects, o)
		}
		out, err := Link(objects, Options{Name: "out.o"})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if s := out.Section(".note.gnu.property"); s != nil {
			_, line, _ := strings.Cut(elftext.Format(out), "474e5500 000000c0 04000000 ")
			got = line[:8]
		}
		if got != tt.want {
			t.Errorf("%+v: got %q", tt, got)
		}
	}
}

// TestManyProperties has a note of tens of thousands of types of properties, which
// once took quadratic time.
func TestManyProperties(t *testing.T) {
	var props []elfobj.Property
	for i := uint32(0); i < 0x8000; i++ { // GNU_PROPERTY_UINT32_AND and _OR
		value := binary.LittleEndian.AppendUint32(nil, 1+i)
		props = append(props, elfobj.Property{Type: 0xb0000000 + i, Value: value}, elfobj.Property{Type: 0xb0008000 + i, Value: value})
	}
	note := elfobj.EncodeProperties(props, false)
	in := &elfobj.Object{Name: "a.o", Machine: machine.For(elf.EM_AARCH64)}
	in.AddSection(&elfobj.Section{Name: elfobj.PropertySection, Type: elf.SHT_NOTE, Flags: elf.SHF_ALLOC, Size: uint64(len(note)), Data: note})
	in.AddSection(&elfobj.Section{Name: elfobj.PropertySection, Type: elf.SHT_NOTE, Flags: elf.SHF_ALLOC, Size: uint64(len(note)), Data: note})
	out, err := Link([]*elfobj.Object{in}, Options{Name: "out.o"})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.Section(elfobj.PropertySection).Size; got != uint64(len(note)) {
		t.Errorf("%d bytes, want %d", got, len(note))
	}
}
