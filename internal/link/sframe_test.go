// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// frameTable is an object with a stack trace section, of version 2.
func frameTable(t *testing.T, name string, contents []byte, relocs ...elfobj.Reloc) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse(name, "machine AArch64\n")
	if err != nil {
		t.Fatal(err)
	}
	o.AddSection(&elfobj.Section{
		Name: sframeSection, Type: elfobj.TypeSFrame, Flags: 2, Size: uint64(len(contents)), Addralign: 8,
		Data: contents, Relocs: elfobj.EncodeRelocs(relocs, false),
	})
	return o
}

// frameHeader makes the start of a section of a version with FDEs and bytes of FREs.
func frameHeader(version byte, fdes, rows uint32) []byte {
	b := make([]byte, sframeHeaderSize)
	binary.LittleEndian.PutUint16(b, sframeMagic)
	b[sframeVersion], b[sframeABI] = version, 2
	binary.LittleEndian.PutUint32(b[sframeFDEs:], fdes)
	binary.LittleEndian.PutUint32(b[sframeFRELength:], rows)
	binary.LittleEndian.PutUint32(b[sframeFREOffset:], fdes*uint32(sframeEntries[min(version, 3)].size))
	return b
}

func TestFrameTableErrors(t *testing.T) {
	fde := func(rows uint32) []byte {
		b := make([]byte, 20)
		binary.LittleEndian.PutUint32(b[8:], rows)
		return b
	}
	good := append(append(frameHeader(2, 1, 2), fde(0)...), 1, 2)
	for name, c := range map[string]struct {
		contents []byte
		relocs   []elfobj.Reloc
		want     string
	}{
		"no header":         {good[:27], nil, ".sframe+0x0: no SFrame header"},
		"magic":             {append([]byte{0xff}, good[1:]...), nil, "no SFrame header"},
		"FDEs":              {append(frameHeader(2, 1<<31, 0), fde(0)...), nil, ".sframe+0x8: 2147483648 FDEs and 0 bytes of FREs do not fit into 48 bytes"},
		"FREs":              {append(frameHeader(2, 1, 5), fde(0)...), nil, "1 FDEs and 5 bytes of FREs do not fit"},
		"rows":              {append(append(frameHeader(2, 1, 2), fde(3)...), 1, 2), nil, ".sframe+0x1c: FREs of an FDE start at 0x3 of 2 bytes"},
		"relocation":        {good, []elfobj.Reloc{{Offset: 29, Type: 261}}, ".sframe+0x1d: a relocation that is not for the start of a function"},
		"relocation before": {good, []elfobj.Reloc{{Offset: 8, Type: 261}}, ".sframe+0x8: a relocation that is not"},
	} {
		_, err := Link([]*elfobj.Object{frameTable(t, "a.o", c.contents, c.relocs...), frameTable(t, "b.o", good)}, Options{Name: "out.o"})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %s", name, err, c.want)
		}
	}
}

// A section of a version that is not known is carried through, but not together
// with another one.
func TestFrameTableOfUnknownVersion(t *testing.T) {
	contents := append(frameHeader(4, 0, 0), 1, 2, 3)
	for n := 1; n <= 2; n++ {
		var objects []*elfobj.Object
		for range n {
			objects = append(objects, frameTable(t, "a.o", contents))
		}
		var warnings []string
		out, err := Link(objects, Options{Name: "out.o", Warn: func(s string) { warnings = append(warnings, s) }})
		if err != nil {
			t.Fatal(err)
		}
		s := out.Section(sframeSection)
		switch {
		case n == 1 && (s == nil || !bytes.Equal(s.Contents(), contents) || warnings != nil):
			t.Errorf("one: %v, warnings %q", s, warnings)
		case n == 2 && (s != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "a.o: .sframe: is of version 4, which is not known; all sections .sframe are left out")):
			t.Errorf("two: %v, warnings %q", s, warnings)
		}
	}
}

// FDEs that all have the same rows do not multiply them.
func TestFrameTableSharedRows(t *testing.T) {
	const n = 5000
	contents := frameHeader(2, n, 1<<16)
	contents = append(contents, make([]byte, n*20+1<<16)...)
	out, err := Link([]*elfobj.Object{frameTable(t, "a.o", contents), frameTable(t, "b.o", contents)}, Options{Name: "out.o"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := out.Section(sframeSection).Size, uint64(sframeHeaderSize+2*(n*20+1<<16)); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}

// All functions have to keep the frame pointer for the output to say so, and
// functions that two sections have in order are not in order together.
func TestFrameTableFlags(t *testing.T) {
	for _, c := range []struct{ a, b, want byte }{
		{sframeSorted, sframeSorted, 0},
		{sframeSorted | sframeFramePointer, sframeFramePointer, sframeFramePointer},
		{sframeFramePointer, 0, 0},
		{4 | sframeFramePointer, 4, 4},
	} {
		a, b := frameHeader(2, 0, 0), frameHeader(2, 0, 0)
		a[sframeFlags], b[sframeFlags] = c.a, c.b
		out, err := Link([]*elfobj.Object{frameTable(t, "a.o", a), frameTable(t, "b.o", b)}, Options{Name: "out.o"})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.Section(sframeSection).Contents()[sframeFlags]; got != c.want {
			t.Errorf("flags %#x and %#x are %#x together, want %#x", c.a, c.b, got, c.want)
		}
	}
}
