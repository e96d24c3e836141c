// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"compress/zlib"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// chdr is an Elf64_Chdr that claims a size.
func chdr(typ elf.CompressionType, claim uint64) []byte {
	b := make([]byte, elfobj.ChdrSize)
	binary.LittleEndian.PutUint32(b, uint32(typ))
	binary.LittleEndian.PutUint64(b[8:], claim)
	binary.LittleEndian.PutUint64(b[16:], 4)
	return b
}

// packed makes a compressed section's contents: an Elf64_Chdr and the data.
func packed(t *testing.T, typ elf.CompressionType, data []byte, claim uint64) []byte {
	t.Helper()
	w := bytes.NewBuffer(chdr(typ, claim))
	switch typ {
	case elf.COMPRESS_ZLIB:
		z := zlib.NewWriter(w)
		if _, err := z.Write(data); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
	case elf.COMPRESS_ZSTD:
		z, err := zstd.NewWriter(w)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write(data); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
	}
	return w.Bytes()
}

// withDebug is an object whose .debug_info has the given contents and flags.
func withDebug(t *testing.T, name string, data []byte, flags elf.SectionFlag) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse(name, "section .text PROGBITS AX align=4\n  00000000\nsymbol [.text] LOCAL SECTION .text+0\n")
	if err != nil {
		t.Fatal(err)
	}
	o.AddSection(&elfobj.Section{
		Name: ".debug_info", Type: elf.SHT_PROGBITS, Flags: flags, Size: uint64(len(data)), Addralign: 4,
		Data: data,
	})
	s := o.Section(".debug_info")
	s.Relocs = elfobj.EncodeRelocs([]elfobj.Reloc{{Offset: 40, Type: 257, Symbol: 1, Addend: 2}}, false)
	return o
}

// TestLLVM66804CompressedDebugAddends links compressed sections with others:
// they are unpacked, and offsets and addends count in unpacked bytes.
func TestLLVM66804CompressedDebugAddends(t *testing.T) {
	plain := []byte(strings.Repeat("debug information ", 8))
	var want string
	for i, typ := range []elf.CompressionType{0, elf.COMPRESS_ZLIB, elf.COMPRESS_ZSTD} {
		data, flags := plain, elf.SectionFlag(0)
		if typ != 0 {
			data, flags = packed(t, typ, plain, uint64(len(plain))), elf.SHF_COMPRESSED
		}
		out, err := Link([]*elfobj.Object{withDebug(t, "a.o", plain, 0), withDebug(t, "b.o", data, flags)}, Options{Name: "out.o"})
		if err != nil {
			t.Fatal(typ, err)
		}
		got := elftext.Format(out)
		if i == 0 {
			want = got
			if !strings.Contains(got, "  +0xb8 R_AARCH64_ABS64 [.text]+6\n") {
				t.Errorf("the second relocation is not where it should be:\n%s", got)
			}
		} else if got != want {
			t.Errorf("%v: got:\n%s\nwant:\n%s", typ, got, want)
		}
	}
}

// zdebug makes the contents of a section compressed as zlib-gnu.
func zdebug(t *testing.T, data []byte, claim uint64) []byte {
	t.Helper()
	return append(binary.BigEndian.AppendUint64([]byte("ZLIB"), claim), packed(t, elf.COMPRESS_ZLIB, data, claim)[elfobj.ChdrSize:]...)
}

// TestZdebug links sections that are compressed as tools did before SHF_COMPRESSED:
// their streams were concatenated, and their relocations refused or misplaced. They are
// unpacked before patterns see their names, as in GNU ld.
func TestZdebug(t *testing.T) {
	plain := []byte(strings.Repeat("debug information ", 8))
	for _, tt := range []struct{ name, script string }{
		{"orphans", ""},
		{"plain name in a script", "SECTIONS { .text : { *(.text) } .debug : { *(.debug_info) } .no : { *(.zdebug_info) } }"},
	} {
		opts := Options{Name: "out.o"}
		if tt.script != "" {
			s, err := ldscript.Parse("a.lds", []byte(tt.script))
			if err != nil {
				t.Fatal(err)
			}
			opts.Script = s
		}
		var texts [2]string
		for i := range texts {
			objects := []*elfobj.Object{withDebug(t, "a.o", plain, 0), withDebug(t, "b.o", plain, 0)}
			if i == 1 {
				for _, o := range objects {
					s := o.Section(".debug_info")
					s.Name, s.Data = ".zdebug_info", zdebug(t, plain, uint64(len(plain)))
					s.Size = uint64(len(s.Data))
				}
				// Read from a file, where the relocations are checked against the contents.
				var err error
				if objects[1], err = throughBytes(objects[1]); err != nil {
					t.Fatal(err)
				}
			}
			out, err := Link(objects, opts)
			if err != nil {
				t.Fatal(tt.name, err)
			}
			texts[i] = elftext.Format(out)
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: got:\n%s\nwant:\n%s", tt.name, texts[1], texts[0])
		}
	}
}

func TestZdebugErrors(t *testing.T) {
	plain := []byte(strings.Repeat("debug information ", 8))
	n := uint64(len(plain))
	good := zdebug(t, plain, n)
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"too small", zdebug(t, plain, n+1), "a.o: .zdebug_info+0xc: cannot be unpacked to the 145 bytes that its header says: it has another size"},
		{"too large", zdebug(t, plain, n-1), "cannot be unpacked to the 143 bytes that its header says: it has another size"},
		{"bomb", zdebug(t, plain, 1<<60), "cannot be unpacked to the 1152921504606846976 bytes that its header says: it has another size"},
		{"cut off", good[:len(good)-5], "unexpected EOF; the file is damaged or truncated: build it again"},
		{"no stream", good[:elfobj.ZdebugHeaderSize], "it has another size; the file is damaged or truncated: build it again"},
	} {
		o := withDebug(t, "a.o", tt.data, 0)
		o.Section(".debug_info").Name = ".zdebug_info"
		if _, err := Link([]*elfobj.Object{o}, Options{Name: "out.o"}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

func TestCompressedErrors(t *testing.T) {
	plain := []byte(strings.Repeat("debug information ", 8))
	n := uint64(len(plain))
	zlibPlain := packed(t, elf.COMPRESS_ZLIB, plain, n)
	zstdPlain := packed(t, elf.COMPRESS_ZSTD, plain, n)
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"header", []byte{1, 0, 0}, "a.o: .debug_info+0x0: compressed section ends inside its header"},
		{"method", packed(t, 77, nil, 0), "a.o: .debug_info+0x0: compressed with an unknown method, number 77; compile with -gz=zlib, -gz=zstd or -gz=none"},
		{"zlib too small", packed(t, elf.COMPRESS_ZLIB, plain, n+1), "cannot be unpacked to the 145 bytes that its header says: it has another size"},
		{"zlib too large", packed(t, elf.COMPRESS_ZLIB, plain, n-1), "cannot be unpacked to the 143 bytes that its header says: it has another size"},
		{"zlib bomb", packed(t, elf.COMPRESS_ZLIB, plain, 1<<60), "cannot be unpacked to the 1152921504606846976 bytes that its header says: it has another size"},
		{"zstd too small", packed(t, elf.COMPRESS_ZSTD, plain, n+1), "cannot be unpacked to the 145 bytes that its header says: it has another size"},
		{"zstd too large", packed(t, elf.COMPRESS_ZSTD, plain, n-1), "cannot be unpacked to the 143 bytes that its header says: it has another size"},
		{"zstd bomb", packed(t, elf.COMPRESS_ZSTD, plain, 1<<60), "cannot be unpacked to the 1152921504606846976 bytes that its header says: that is out of all proportion to what it is packed in; the file is damaged or truncated: build it again"},
		{"zstd cut off", zstdPlain[:len(zstdPlain)-5], "cannot be unpacked to the 144 bytes that its header says: unexpected EOF; the file is damaged or truncated: build it again"},
		{"zstd with another checksum", append(zstdPlain[:len(zstdPlain)-1:len(zstdPlain)-1], zstdPlain[len(zstdPlain)-1]^1), "cannot be unpacked to the 144 bytes that its header says: CRC check failed; the file is damaged or truncated: build it again"},
		{"zstd with trailing bytes", append(zstdPlain[:len(zstdPlain):len(zstdPlain)], "garbage"...), "cannot be unpacked to the 144 bytes that its header says: invalid input: magic number mismatch; the file is damaged or truncated: build it again"},
		{"zstd with a trailing byte", append(zstdPlain[:len(zstdPlain):len(zstdPlain)], 0x28), "cannot be unpacked to the 144 bytes that its header says: unexpected EOF"},
		{"zlib cut off", zlibPlain[:len(zlibPlain)-5], "cannot be unpacked to the 144 bytes that its header says: unexpected EOF; the file is damaged or truncated: build it again"},
		{"zlib with another checksum", append(zlibPlain[:len(zlibPlain)-1:len(zlibPlain)-1], zlibPlain[len(zlibPlain)-1]^1), "cannot be unpacked to the 144 bytes that its header says: zlib: invalid checksum; the file is damaged or truncated: build it again"},
		{"zlib garbage", append(packed(t, 77, nil, n)[:0:0], append([]byte{1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, "garbage!"...)...), "cannot be unpacked"},
	} {
		_, err := Link([]*elfobj.Object{withDebug(t, "a.o", tt.data, elf.SHF_COMPRESSED)}, Options{Name: "out.o"})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v\nwant %s", tt.name, err, tt.want)
		}
	}
}
