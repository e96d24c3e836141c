// SPDX-License-Identifier: Apache-2.0

package vmlinuz

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestOpen(t *testing.T) {
	bare, efi := bareImage(5000), efiImage(5000, 0)
	signed := efiImage(5000, 1472)
	unsigned := signed[:5000]
	pack := func(method string) []byte { return compressed(t, method, efi) }
	files := map[string][]byte{"./boot/vmlinuz-6.1": signed, "./boot/System.map-6.1": []byte("stub"), "./usr/lib/modules/7.2/vmlinuz": efi}
	for _, test := range []struct {
		name      string
		data      []byte
		want      []byte
		signature int
		from      []string
	}{
		{"Image", bare, bare, 0, []string{"Image"}},
		{"EFI Image", efi, efi, 0, []string{"Image"}},
		{"signed", signed, unsigned, 1472, []string{"signed Image"}},
		{"gzip", pack("gzip"), efi, 0, []string{"compressed with gzip", "Image"}},
		{"zstd", pack("zstd"), efi, 0, []string{"compressed with zstd", "Image"}},
		{"xz", pack("xz"), efi, 0, []string{"compressed with xz", "Image"}},
		{"lzma", pack("lzma"), efi, 0, []string{"compressed with lzma", "Image"}},
		{"zboot gzip", zboot("gzip", pack("gzip")), efi, 0, []string{"EFI zboot image compressed with gzip", "Image"}},
		{"zboot zstd", zboot("zstd22", pack("zstd")), efi, 0, []string{"EFI zboot image compressed with zstd", "Image"}},
		{"zboot lzma", zboot("lzma", pack("lzma")), efi, 0, []string{"EFI zboot image compressed with lzma", "Image"}},
		{
			"deb xz", deb(t, "xz", files, "./boot/System.map-6.1", "./boot/vmlinuz-6.1"), unsigned, 1472,
			[]string{"Debian package", "boot/vmlinuz-6.1", "signed Image"},
		},
		{"deb zstd", deb(t, "zstd", files, "./usr/lib/modules/7.2/vmlinuz"), efi, 0, []string{"Debian package", "usr/lib/modules/7.2/vmlinuz", "Image"}},
		{
			"rpm zstd", rpm(t, "zstd", files, "./boot/System.map-6.1", "./usr/lib/modules/7.2/vmlinuz"), efi, 0,
			[]string{"RPM package", "usr/lib/modules/7.2/vmlinuz", "Image"},
		},
		{"rpm xz", rpm(t, "xz", files, "./boot/vmlinuz-6.1"), unsigned, 1472, []string{"RPM package", "boot/vmlinuz-6.1", "signed Image"}},
		{"deb, not compressed", deb(t, "", files, "./boot/vmlinuz-6.1"), unsigned, 1472, []string{"Debian package", "boot/vmlinuz-6.1", "signed Image"}},
	} {
		k, err := Open("file", test.data)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if !bytes.Equal(k.Image, test.want) || k.Size != 5000+0x1000 || k.Signature != test.signature || !slices.Equal(k.From, test.from) {
			t.Errorf("%s: %d bytes, size %d, signature of %d, from %q; want %d bytes, %d, %q", test.name, len(k.Image), k.Size, k.Signature, k.From,
				len(test.want), test.signature, test.from)
		}
	}
}

func TestELF(t *testing.T) {
	const base = 0xffff800080000000
	k, err := Open("vmlinux", vmlinux(base))
	if err != nil {
		t.Fatal(err)
	}
	want := "texttext\x00\x00\x00\x00\x00\x00\x00\x00data"
	if string(k.Image) != want || !k.Linked || k.Machine != 183 || k.Base != base || !slices.Equal(k.Symbols, []Symbol{{"_text", base}}) {
		t.Errorf("%q at %#x with %v, want %q at %#x with _text", k.Image, k.Base, k.Symbols, want, uint64(base))
	}
}

// change returns data with a change.
func change(data []byte, f func([]byte)) []byte {
	data = bytes.Clone(data)
	f(data)
	return data
}

func half(data []byte) []byte { return data[:len(data)/2] }

func TestErrors(t *testing.T) {
	le := binary.LittleEndian
	efi := efiImage(5000, 100)
	nested := bareImage(100)
	for range maxLayers {
		nested = compressed(t, "gzip", nested)
	}
	x86 := make([]byte, 0x1000)
	copy(x86, "MZ")
	copy(x86[0x202:], "HdrS")
	for _, test := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "file: is empty"},
		{"zeros", make([]byte, 1<<16), "starts with zeros"},
		{"text", []byte("Moved to linux-image-dbg, which has it"), "in no known format"},
		{"x86", x86, "is a kernel for x86"},
		{"rpm lead", []byte("\xed\xab\xee\xdb\x03\x00"), "no signature of an RPM package"},
		{"rpm with a large signature", change(rpm(t, "gzip", nil), func(b []byte) { b[rpmLead+8] = 0xff }), "the signature is not in the file"},
		{"rpm of documents", rpm(t, "gzip", nil, "./usr/share/doc/README"), "no kernel in it"},
		{"rpm, cut", rpm(t, "gzip", map[string][]byte{"vmlinuz": efi}, "vmlinuz")[:250], "check that the file is complete"},
		{"rpm of another archive", append(rpm(t, "gzip", nil)[:rpmLead+64+71], compressed(t, "gzip", bytes.Repeat([]byte("07070X"), 50))...), "format that is not supported"},
		{"lz4", []byte("\x02\x21\x4c\x18...."), "compressed with lz4, which is not supported"},
		{"half a gzip", half(compressed(t, "gzip", efi)), "cannot be unpacked as gzip: it ends too early"},
		{"half an xz", half(compressed(t, "xz", efi)), "cannot be unpacked as xz: "},
		{"gzip of nothing", compressed(t, "gzip", nil), "is empty"},
		{"too many layers", nested, "packed more than 6 times"},
		{"big-endian", change(efi, func(b []byte) { b[24] = 1 }), "is a big-endian kernel"},
		{"larger than it says", change(efi, func(b []byte) { le.PutUint64(b[16:], 4000) }), "has 5000 bytes, but its header says 4000"},
		{"no PE header", change(efi, func(b []byte) { le.PutUint32(b[0x3c:], 0x10000000) }), "no PE header where the Image says"},
		{"appended to", append(bytes.Clone(efi), 0), "but is not at the end"},
		{"signature within", change(efi, func(b []byte) { le.PutUint32(b[peAt+24+112+32:], 8) }), "but is not at the end"},
		{"zboot, cut", zboot("gzip", make([]byte, 500))[:300], "is not in the file"},
		{"zboot, lz4", zboot("lz4", []byte("\x02\x21\x4c\x18....")), `EFI zboot image compressed with "lz4"`},
		{"zboot at 4 GiB", change(zboot("gzip", nil), func(b []byte) { le.PutUint32(b[8:], 0xffffffff); le.PutUint32(b[12:], 0xffffffff) }), "is not in the file"},
		{"package of no kernel", deb(t, "xz", nil, "./usr/share/doc/vmlinuz/", "./boot/vmlinuz.old.o"), "no kernel in it"},
		{"package of documents", []byte(arMagic), "no member data.tar"},
		{"package, cut", deb(t, "xz", map[string][]byte{"vmlinuz": efi}, "vmlinuz")[:300], "check that the file is complete"},
		{"package with an odd size", []byte(arMagic + strings.Repeat("x", arHeader)), "is no number"},
		{"ELF header", []byte("\x7fELF"), "ends in its header"},
		{"ELF of 32 bits", change(vmlinux(0), func(b []byte) { b[4] = 1 }), "no little-endian one of 64 bits"},
		{"object", change(vmlinux(0), func(b []byte) { b[16] = 1 }), "of type ET_REL, not a linked kernel"},
		{"stripped of headers", change(vmlinux(0), func(b []byte) { clear(b[60:62]) }), "no section headers"},
		{"section outside", change(vmlinux(0), func(b []byte) { le.PutUint64(b[0x400+shdrSize+24:], 1<<60) }), "is not in the file"},
		{"sections far apart", change(vmlinux(0), func(b []byte) { le.PutUint64(b[0x400+shdrSize+16:], 1<<60) }), "more than the"},
		{"section that wraps", change(vmlinux(0), func(b []byte) { le.PutUint64(b[0x400+shdrSize+16:], 1<<64-4) }), "the file is damaged"},
		{"no string table", change(vmlinux(0), func(b []byte) { b[0x400+4*shdrSize+40] = 99 }), "no string table"},
		{"name outside", change(vmlinux(0), func(b []byte) { b[0x200+24] = 200 }), "outside the string table"},
		{"name without end", change(vmlinux(0), func(b []byte) { b[0x400+5*shdrSize+32] = 4 }), "has no end"},
		{"debug information only", change(vmlinux(0), func(b []byte) { b[0x404+shdrSize], b[0x404+2*shdrSize] = 8, 8 }), "has no contents to load"},
	} {
		k, err := Open("file", test.data)
		if err == nil {
			t.Errorf("%s: is accepted as %q", test.name, k.From)
		} else if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q, want %q", test.name, err, test.want)
		}
	}
}

// TestWindow has headers that ask for more memory than a decoder may take.
func TestWindow(t *testing.T) {
	lzma := compressed(t, "lzma", bareImage(100))
	binary.LittleEndian.PutUint32(lzma[1:], 0xf0000000)
	xz := compressed(t, "xz", bareImage(100))
	if i := bytes.IndexByte(xz[12:], filterLZMA2); i < 0 {
		t.Fatal("no filter in the block's header")
	} else {
		xz[12+i+2] = 40
	}
	zstd := []byte("\x28\xb5\x2f\xfd\x00\xf8\x01\x00\x00") // a window of 2 TiB
	for name, data := range map[string][]byte{"lzma": lzma, "xz": xz, "zstd": zstd} {
		if _, err := Open("file", data); err == nil || !strings.Contains(err.Error(), "window") {
			t.Errorf("%s: error %v, want one about its window", name, err)
		}
	}
}

func TestLimit(t *testing.T) {
	if _, err := readKernel(bytes.NewReader(make([]byte, 101)), 1<<40, 100); err == nil || !strings.Contains(err.Error(), "more than the 100 bytes") {
		t.Errorf("error %v, want one about the limit", err)
	}
	if b, err := readKernel(bytes.NewReader(make([]byte, 100)), 0, 100); err != nil || len(b) != 100 {
		t.Errorf("%d bytes, error %v; want 100", len(b), err)
	}
}

// TestLimitOfMemory has what is unpacked to more than the limit: not more than that is allocated.
func TestLimitOfMemory(t *testing.T) {
	const limit = 48<<20 + 5
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := readKernel(zeros{}, 0, limit); err == nil || !strings.Contains(err.Error(), "more than the") {
		t.Errorf("error %v, want one about the limit", err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > limit+limit/8 {
		t.Errorf("%d bytes are allocated, want %d at most", n, limit+limit/8)
	}
}

// TestChunks has what is read in several chunks, and what ends too early at the start of one or within it.
func TestChunks(t *testing.T) {
	const size = 3*maxChunk + 7
	want := make([]byte, size)
	for i := range want {
		want[i] = byte(i * 2654435761 >> 24)
	}
	for _, hint := range []int{0, 5, size, 1 << 40} {
		got, err := readKernel(iotest.DataErrReader(bytes.NewReader(want)), hint, size)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("hint %d: %d bytes, %v; want all %d", hint, len(got), err, size)
		}
	}
	for _, n := range []int{0, 7, maxChunk, maxChunk + 1} {
		early := io.MultiReader(bytes.NewReader(want[:n]), iotest.ErrReader(io.ErrUnexpectedEOF))
		if got, err := readKernel(early, maxChunk, size); err != errEnds {
			t.Errorf("%d bytes and an early end: %d bytes, %v", n, len(got), err)
		}
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestSystemMap(t *testing.T) {
	got, err := ParseSystemMap("System.map", []byte("0000000001668d90 A offset\nffff800008000000 T _text\nffff800008010000 t a b\n"))
	if err != nil || !slices.Equal(got, []Symbol{{"_text", 0xffff800008000000}, {"a b", 0xffff800008010000}}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\nx", "xyz T a\n", "0 T\n", "0  T a\n"} {
		if got, err := ParseSystemMap("System.map", []byte(bad)); err == nil {
			t.Errorf("%q: accepted as %v", bad, got)
		}
	}
}

func FuzzOpen(f *testing.F) {
	efi := efiImage(400, 8)
	f.Add(efi)
	f.Add(vmlinux(0))
	f.Add(zboot("zstd22", compressed(f, "zstd", efi)))
	f.Add(compressed(f, "gzip", efi))
	f.Add(compressed(f, "lzma", efi))
	f.Add(deb(f, "xz", map[string][]byte{"vmlinuz": efi}, "vmlinuz"))
	f.Add(rpm(f, "gzip", map[string][]byte{"vmlinuz": efi}, "vmlinuz"))
	f.Add(deb(f, "", map[string][]byte{"vmlinuz": efi}, "vmlinuz"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := Open("file", data); err == nil && k.Image == nil {
			t.Error("no error and no kernel")
		}
	})
}

func FuzzSystemMap(f *testing.F) {
	f.Add([]byte("ffff800008000000 T _text\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := ParseSystemMap("System.map", data); err == nil && len(s) == 0 {
			t.Error("no error and no symbols")
		}
	})
}
