// SPDX-License-Identifier: Apache-2.0

package lineinfo

import (
	"bytes"
	"compress/zlib"
	"debug/elf"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
)

// The objects are of this source, without its first line, compiled by gcc with -gdwarf-4 and -gdwarf-5. Both functions are at 0.
//
//	extern long host_call(long);
//	long __attribute__((section(".idmap.text"))) enter(long x)
//	{
//		return x + 1;
//	}
func object(t testing.TB, name string, edits ...string) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse("switch.hyp.o", golden.Edit(t, string(golden.Read(t, name)), edits...))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func section(t testing.TB, o *elfobj.Object, name string) elfobj.SectionIndex {
	t.Helper()
	for i, s := range o.Sections {
		if s != nil && s.Name == name {
			return elfobj.SectionIndex(i)
		}
	}
	t.Fatalf("no section %s", name)
	return 0
}

func checkLines(t *testing.T, o *elfobj.Object) {
	t.Helper()
	l := New(o)
	for _, c := range []struct {
		section string
		off     uint64
		want    string
	}{
		{".text", 0, "switch.c:9"},
		{".text", 8, "switch.c:10"},
		{".text", 0xc, "switch.c:13"},
		{".text", 0x14, "switch.c:13"},
		{".text", 0x18, ""},
		{".idmap.text", 0, "switch.c:6"},
		{".idmap.text", 8, ""},
		{".data", 0, ""},
	} {
		if got := l.At(section(t, o, c.section), c.off); got != c.want {
			t.Errorf("%s+%#x: got %q, want %q", c.section, c.off, got, c.want)
		}
	}
	if got := l.At(0, 0) + l.At(-1, 0) + l.At(section(t, o, ".text"), 1<<40); got != "" {
		t.Errorf("places that are none: got %q", got)
	}
}

func TestLines(t *testing.T) {
	for _, name := range []string{"dwarf4.txt", "dwarf5.txt"} {
		t.Run(name, func(t *testing.T) { checkLines(t, object(t, name)) })
	}
}

// compressDebug compresses all debug sections.
func compressDebug(t testing.TB, o *elfobj.Object, kind elf.CompressionType, writer func(io.Writer) io.WriteCloser) {
	for _, s := range o.Sections {
		if s == nil || !strings.HasPrefix(s.Name, ".debug_") || len(s.Data) == 0 {
			continue
		}
		var b bytes.Buffer
		for _, v := range []any{uint32(kind), uint32(0), uint64(len(s.Data)), uint64(1)} {
			binary.Write(&b, binary.LittleEndian, v)
		}
		w := writer(&b)
		w.Write(s.Data)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		s.Data, s.Size, s.Flags = b.Bytes(), uint64(b.Len()), s.Flags|elf.SHF_COMPRESSED
	}
}

func TestCompressed(t *testing.T) {
	o := object(t, "dwarf5.txt")
	compressDebug(t, o, elf.COMPRESS_ZLIB, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	checkLines(t, o)
	o = object(t, "dwarf5.txt")
	compressDebug(t, o, elf.COMPRESS_ZSTD, func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w)
		if err != nil {
			t.Fatal(err)
		}
		return z
	})
	checkLines(t, o)
	o = object(t, "dwarf5.txt")
	for _, s := range o.Sections {
		if s != nil && strings.HasPrefix(s.Name, ".debug_") && len(s.Data) > 0 {
			b := bytes.NewBuffer(binary.BigEndian.AppendUint64([]byte("ZLIB"), uint64(len(s.Data))))
			z := zlib.NewWriter(b)
			z.Write(s.Data)
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			s.Name, s.Data, s.Size = ".z"+s.Name[1:], b.Bytes(), uint64(b.Len())
		}
	}
	checkLines(t, o)
	binary.BigEndian.PutUint64(o.Sections[section(t, o, ".zdebug_info")].Data[4:], 1<<62)
	New(o)
	o = object(t, "dwarf5.txt")
	compressDebug(t, o, elf.COMPRESS_ZLIB, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	// A claim of more bytes than there are allocates nothing.
	binary.LittleEndian.PutUint64(o.Sections[section(t, o, ".debug_info")].Data[8:], 1<<62)
	New(o)
}

// What cannot be read has no lines; it never has wrong ones.
// A type unit in a COMDAT group has a .debug_info of its own, which comes first; the
// place of a thread's variable is a relocation that says nothing about lines.
func TestTypeUnitsAndThreads(t *testing.T) {
	for _, name := range []string{"dwarf4.txt", "dwarf5.txt"} {
		o := object(t, name)
		unit := &elfobj.Section{Name: ".debug_info", Object: o, Type: elf.SHT_PROGBITS, Flags: elf.SHF_GROUP, Size: 4, Data: []byte{1, 2, 3, 4}}
		o.Sections = slices.Insert(o.Sections, len(o.Sections), unit)
		info := o.Sections[section(t, o, ".debug_info")]
		info.Relocs = append(slices.Clone(info.Relocs), elfobj.EncodeRelocs([]elfobj.Reloc{{Offset: 0x10, Type: 551, Symbol: 1}}, o.BigEndian)...) // TLSLE_ADD_TPREL_LO12_NC
		checkLines(t, o)
		// And before the unit of the source.
		at := section(t, o, ".debug_info")
		o.Sections[at], o.Sections[len(o.Sections)-1] = o.Sections[len(o.Sections)-1], o.Sections[at]
		checkLines(t, o)
	}
}

func TestUnreadable(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"relocation of another kind", "+0x26 R_AARCH64_ABS32 [.debug_line]", "+0x26 R_AARCH64_PREL32 [.debug_line]", "relocation 5 is a R_AARCH64_PREL32"},
		{"relocation outside", "+0x26 R_AARCH64_ABS32 [.debug_line]", "+0xcd R_AARCH64_ABS64 [.debug_line]", "outside"},
		{"damaged unit", "cf000000 05000108", "cf000000 ff000108", ""},
	} {
		o := object(t, "dwarf5.txt", c.old, c.new)
		_, err := load(o)
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if got := New(o).At(section(t, o, ".text"), 8); got != "" {
			t.Errorf("%s: got %q, want nothing", c.name, got)
		}
	}
	o := object(t, "dwarf5.txt")
	o.Sections[section(t, o, ".debug_info")].Name = ".other"
	if got := New(o).At(section(t, o, ".text"), 8); got != "" {
		t.Errorf("without debug information: got %q", got)
	}
}

func FuzzLines(f *testing.F) {
	f.Add(golden.Encode(f, object(f, "dwarf4.txt")))
	f.Add(golden.Encode(f, object(f, "dwarf5.txt")))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := elfobj.Parse("a.o", data)
		if err != nil {
			return
		}
		l := New(o)
		for i, s := range o.Sections {
			if s != nil && s.IsAlloc() {
				first, again := l.At(elfobj.SectionIndex(i), s.Size/2), l.At(elfobj.SectionIndex(i), s.Size/2)
				if first != again {
					t.Errorf("got %q, then %q", first, again)
				}
			}
		}
	})
}
