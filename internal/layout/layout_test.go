// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"debug/elf"
	"reflect"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/machine"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

func parse(t testing.TB, text string) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse("hyp.o", text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func object(t testing.TB) *elfobj.Object { return parse(t, string(golden.Read(t, "hyp.txt"))) }

func linkMap(t testing.TB) *Layout {
	t.Helper()
	m, err := Read("hyp.json", golden.Read(t, "hyp.json"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The same object, with and without its link map, as text and as JSON.
func TestGolden(t *testing.T) {
	for name, opts := range map[string]Options{"file": {}, "map": {Map: linkMap(t)}} {
		l, err := Of(object(t), opts)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		l.WriteText(textline.NewWriter(&b))
		golden.Same(t, name+".txt", b.Bytes())
		b.Reset()
		if err := l.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		golden.Same(t, name+".json", b.Bytes())
		again, err := Read(name, b.Bytes())
		if err != nil || !reflect.DeepEqual(again, l) {
			t.Errorf("%s: round trip through JSON changes the layout (%v)", name, err)
		}
	}
}

// linkedObject returns an object as the linker builds it in memory, with chunks
// that refer to their input sections.
func linkedObject() *elfobj.Object {
	in := func(file string, size uint64) *elfobj.Section {
		return &elfobj.Section{Name: ".text", Object: &elfobj.Object{Name: file}, Size: size, Data: make([]byte, size)}
	}
	o := &elfobj.Object{Name: "out.o", Machine: machine.For(elf.EM_AARCH64)}
	i := o.AddSection(&elfobj.Section{
		Name: ".hyp.text", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR, Size: 16, Addralign: 4,
		Chunks: []elfobj.Chunk{
			{Offset: 0, Section: in("a.o", 4)},
			{Offset: 4, Section: &elfobj.Section{Size: 4, Data: make([]byte, 4)}},
			{Offset: 8, Section: in("b.o", 8)},
		},
	})
	for _, s := range []elfobj.Symbol{
		{Name: "start", Section: i, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)},
		{Name: "f", Section: i, Size: 4, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_FUNC)},
		{Name: "g", Section: i, Value: 8, Size: 8, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_FUNC)},
		{Name: "pad", Section: i, Value: 6, Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE)},
		{Name: "end", Section: i, Value: 16, Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE)},
		{Name: "outside", Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)},
	} {
		o.AddSymbol(s)
	}
	return o
}

func TestLinkInMemory(t *testing.T) {
	script, err := ldscript.Parse("lds", []byte("SECTIONS { .hyp.text : { start = .; *(.text) } }"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := Of(linkedObject(), Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	if l.Origin != FromLink || len(l.Sections) != 1 {
		t.Fatalf("%+v", l)
	}
	want := []Input{{0, 4, "a.o", ".text"}, {8, 8, "b.o", ".text"}}
	if got := l.Sections[0].Inputs; !reflect.DeepEqual(got, want) {
		t.Errorf("inputs %+v, want %+v", got, want)
	}
	files := map[string]string{}
	for _, s := range l.Sections[0].Symbols {
		files[s.Name] = s.File
		if s.Script != (s.Name == "start") {
			t.Errorf("%s: script is %v", s.Name, s.Script)
		}
	}
	if want := map[string]string{"start": "", "f": "a.o", "g": "b.o", "pad": "", "end": "b.o"}; !reflect.DeepEqual(files, want) {
		t.Errorf("files %v, want %v", files, want)
	}
	if len(l.Symbols) != 1 || l.Symbols[0].Section != "*UND*" {
		t.Errorf("symbols %+v", l.Symbols)
	}
}

// A byte belongs to the source of the local symbol at or before it; of two at
// the same offset, the last one counts.
func TestFileSymbols(t *testing.T) {
	o := parse(t, `
section .text PROGBITS AX align=4
  00000000 00000000 00000000 00000000
section .data PROGBITS WA align=4
  00000000
symbol a.c LOCAL FILE ABS
symbol $x LOCAL NOTYPE .text+0x4
symbol a_end LOCAL NOTYPE .text+0x8
symbol b.c LOCAL FILE ABS
symbol $x LOCAL NOTYPE .text+0x8
symbol f GLOBAL FUNC .text+0xc size=4
symbol d GLOBAL OBJECT .data+0x0 size=4
`)
	g, err := NewOrigins(o, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for off, want := range map[uint64]string{0: "", 3: "", 4: "a.c", 7: "a.c", 8: "b.c", 15: "b.c", 16: "b.c", 17: ""} {
		if got := g.At(1, off); got != want {
			t.Errorf("At(%d) = %q, want %q", off, got, want)
		}
	}
	for i, want := range map[uint32]string{3: "a.c", 6: "b.c", 7: ""} {
		if got, _ := g.Symbol(i); got != want {
			t.Errorf("Symbol(%d) = %q, want %q", i, got, want)
		}
	}
	if next, ok := g.Next(1, 0); !ok || next != 4 {
		t.Errorf("Next(0) = %d, %v", next, ok)
	}
	if next, ok := g.Next(1, 5); !ok || next != 8 {
		t.Errorf("Next(5) = %d, %v", next, ok)
	}
	if _, ok := g.Next(2, 0); ok {
		t.Error("a section without local symbols has inputs")
	}
}

func TestPrefix(t *testing.T) {
	for text, want := range map[string]string{
		"symbol $x LOCAL NOTYPE ABS\n":                                         "",
		"symbol __p_$x LOCAL NOTYPE ABS\nsymbol __p_$d.1 LOCAL NOTYPE ABS\n":   "__p_",
		"symbol __p_$x LOCAL NOTYPE ABS\nsymbol __q_$d LOCAL NOTYPE ABS\n":     "",
		"symbol __p_$x GLOBAL NOTYPE ABS\nsymbol a$b LOCAL NOTYPE ABS\n":       "",
		"symbol __p_$x LOCAL NOTYPE ABS\nsymbol money$make LOCAL NOTYPE ABS\n": "__p_",
	} {
		if got := Prefix(parse(t, text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	o := parse(t, `
section .text PROGBITS AX align=4
  00000000 00000000 00000000 00000000
symbol outer GLOBAL FUNC .text+0x0 size=12
symbol alias LOCAL FUNC .text+0x0 size=12
symbol inner LOCAL NOTYPE .text+0x4 size=4
symbol label LOCAL NOTYPE .text+0x8
symbol .L1 LOCAL NOTYPE .text+0xc
symbol $x LOCAL NOTYPE .text+0xd
`)
	p := NewPlaces(o)
	for off, want := range map[uint64]string{0: "outer", 3: "outer", 4: "inner", 8: "outer", 11: "outer", 12: "label", 100: "label"} {
		i, ok := p.At(1, off)
		if !ok || o.Symbols[i].Name != want {
			t.Errorf("At(%d) = %q, want %q", off, o.Symbols[i].Name, want)
		}
	}
	if _, ok := p.At(0, 0); ok {
		t.Error("found a symbol in section 0")
	}
}

func TestBadMaps(t *testing.T) {
	for text, want := range map[string]string{
		"":                "m:1:1: not a map: unexpected end of JSON input",
		"{\n \"schema\"":  "m:2:9: not a map",
		`{"schema": 2}`:   "m:1:1: not a map: schema is 2, want 1",
		`{"schema": "1"}`: "schema is a string",
		`{"schema":1,"sections":[{"name":".x","size":8,"inputs":[{"offset":4,"size":8}]}]}`:                       "m: .x+0x4: input section of 8 bytes overlaps another or leaves its section of 8 bytes",
		`{"schema":1,"sections":[{"name":".x","size":8,"inputs":[{"offset":0,"size":8},{"offset":4,"size":1}]}]}`: "m: .x+0x4",
		`{"schema":1,"sections":[{"name":".x","size":8,"inputs":[{"offset":18446744073709551615,"size":2}]}]}`:    "m: .x+",
	} {
		_, err := Read("m", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "hyplink link --map") {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	m := linkMap(t)
	m.Sections[1].Size--
	if _, err := Of(object(t), Options{Map: m}); err == nil || !strings.Contains(err.Error(), "hyp.o: .hyp.text: has 152 bytes, but 151 in the map") {
		t.Errorf("a map of another link: %v", err)
	}
}

// FuzzRead reads maps. A map that can be read can be written and read again, and
// Origins accept any offset.
func FuzzRead(f *testing.F) {
	f.Add(golden.Read(f, "hyp.json"), uint64(8))
	f.Add([]byte(`{"schema":1,"sections":[{"name":".hyp.text","size":152,"inputs":[{"offset":4,"size":0}]}]}`), uint64(4))
	f.Fuzz(func(t *testing.T, data []byte, off uint64) {
		m, err := Read("m", data)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := m.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := Read("again", b.Bytes()); err != nil {
			t.Error(err)
		}
		if g, err := NewOrigins(object(t), Options{Map: m}); err == nil {
			g.At(1, off)
			g.Next(1, off)
		}
	})
}
