// SPDX-License-Identifier: Apache-2.0

package vmlinuz

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// bareImage makes an Image of n bytes without an EFI stub.
func bareImage(n int) []byte {
	img := make([]byte, n)
	for i := imageHeader; i < n; i++ {
		img[i] = byte(i * 7)
	}
	binary.LittleEndian.PutUint64(img[16:], uint64(n)+0x1000)
	copy(img[0x38:], "ARM\x64")
	return img
}

const peAt = 0x40

// efiImage makes an Image with an EFI stub, which is a PE file, signed by so many
// bytes.
func efiImage(n, signature int) []byte {
	img := bareImage(n)
	copy(img, "MZ")
	le := binary.LittleEndian
	le.PutUint32(img[0x3c:], peAt)
	copy(img[peAt:], "PE\x00\x00")
	optional := img[peAt+24:]
	le.PutUint16(optional, 0x20b)
	le.PutUint32(optional[108:], 6)
	clear(optional[112:160])
	if signature > 0 {
		le.PutUint32(optional[112+4*8:], uint32(n))
		le.PutUint32(optional[112+4*8+4:], uint32(signature))
	}
	return append(img, bytes.Repeat([]byte{0x55}, signature)...)
}

// compressed compresses data by a method of the table.
func compressed(t testing.TB, method string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	write := func(w interface {
		Write([]byte) (int, error)
		Close() error
	}, err error,
	) {
		if err == nil {
			_, err = w.Write(data)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	switch method {
	case "gzip":
		write(gzip.NewWriter(&b), nil)
	case "zstd":
		write(zstd.NewWriter(&b))
	case "xz":
		write(xz.NewWriter(&b))
	case "lzma":
		write(lzma.NewWriter(&b))
	default:
		t.Fatalf("method %s", method)
	}
	return b.Bytes()
}

// zboot makes an EFI zboot image of a payload.
func zboot(method string, payload []byte) []byte {
	h := make([]byte, zbootHeader)
	copy(h, "MZ\x00\x00zimg")
	binary.LittleEndian.PutUint32(h[8:], zbootHeader)
	binary.LittleEndian.PutUint32(h[12:], uint32(len(payload)))
	copy(h[24:], method)
	return append(append(h, payload...), "PE and code"...)
}

// deb makes a Debian package of files.
func deb(t testing.TB, method string, files map[string][]byte, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data, suffix := b.Bytes(), ""
	if method != "" {
		data, suffix = compressed(t, method, data), "."+method
	}
	out := []byte(arMagic)
	for _, m := range []struct {
		name string
		data []byte
	}{{"debian-binary", []byte("2.0\n")}, {"control.tar.xz", []byte("odd")}, {"data.tar" + suffix, data}} {
		out = fmt.Appendf(out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", m.name, 0, 0, 0, "100644", len(m.data))
		out = append(out, m.data...)
		if len(m.data)%2 != 0 {
			out = append(out, '\n')
		}
	}
	return out
}

// rpm makes an RPM package of files.
func rpm(t testing.TB, method string, files map[string][]byte, names ...string) []byte {
	t.Helper()
	var cpio []byte
	pad := func() {
		for len(cpio)%4 != 0 {
			cpio = append(cpio, 0)
		}
	}
	for _, name := range append(names, cpioEnd) {
		cpio = fmt.Appendf(cpio, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, 0o100644, 0, 0, 1, 0, len(files[name]), 0, 0, 0, 0, len(name)+1, 0)
		cpio = append(append(cpio, name...), 0)
		pad()
		cpio = append(cpio, files[name]...)
		pad()
	}
	out := make([]byte, rpmLead)
	copy(out, rpmMagic)
	header := func(entries, size uint32) {
		out = append(out, rpmHeaderMagic+"\x00\x00\x00\x00"...)
		out = binary.BigEndian.AppendUint32(out, entries)
		out = binary.BigEndian.AppendUint32(out, size)
		out = append(out, make([]byte, entries*rpmEntry+size)...)
	}
	header(2, 13)
	for len(out)%8 != 0 {
		out = append(out, 0)
	}
	header(3, 7)
	return append(out, compressed(t, method, cpio)...)
}

// vmlinux makes a linked kernel with two sections, .bss and symbols.
func vmlinux(base uint64) []byte {
	le := binary.LittleEndian
	const shoff = 0x400
	f := make([]byte, shoff+7*shdrSize)
	copy(f, "\x7fELF\x02\x01\x01")
	le.PutUint16(f[16:], 3) // ET_DYN
	le.PutUint16(f[18:], 183)
	le.PutUint64(f[40:], shoff)
	le.PutUint16(f[58:], shdrSize)
	le.PutUint16(f[60:], 7)
	copy(f[0x100:], "texttext")
	copy(f[0x120:], "data")
	copy(f[0x140:], "\x00_text\x00$x\x00number\x00")
	symbol := func(at int, name uint32, info byte, section uint16, value uint64) {
		le.PutUint32(f[at:], name)
		f[at+4] = info
		le.PutUint16(f[at+6:], section)
		le.PutUint64(f[at+8:], value)
	}
	symbol(0x200+24, 1, 0x12, 1, base)
	symbol(0x200+48, 7, 0, 1, base)
	symbol(0x200+72, 10, 0x12, 0, 5)
	header := func(i int, typ uint32, flags, addr, off, size uint64, link uint32) {
		h := f[shoff+i*shdrSize:]
		le.PutUint32(h[4:], typ)
		le.PutUint64(h[8:], flags)
		le.PutUint64(h[16:], addr)
		le.PutUint64(h[24:], off)
		le.PutUint64(h[32:], size)
		le.PutUint32(h[40:], link)
	}
	header(1, 1, 6, base, 0x100, 8, 0)
	header(2, 1, 3, base+16, 0x120, 4, 0)
	header(3, 8, 3, base+32, 0x124, 1<<40, 0)
	header(4, 2, 0, 0, 0x200, 96, 5)
	header(5, 3, 0, 0, 0x140, 17, 0)
	header(6, 1, 0, 0, 0x100, 8, 0) // debug information
	return f
}

// A package with two kernels is refused: dpkg and rpm unpack the last of one name, and which of two names is booted is not known. A vmlinux beside is none that boots.
func TestSeveralKernels(t *testing.T) {
	image := func(n byte) []byte {
		b := make([]byte, 4096)
		copy(b[56:], "ARM\x64")
		b[100] = n
		return b
	}
	files := map[string][]byte{"./boot/vmlinuz-6": image(1), "./boot/vmlinuz-7": image(2), "./boot/vmlinuz-8": image(1), "./boot/vmlinux-6": image(3), "./boot/vmlinux.h": []byte("no kernel")}
	for _, c := range []struct {
		names []string
		want  string // a part of the error, or the kernel's file
	}{
		{[]string{"./boot/vmlinuz-6", "./boot/vmlinuz-7"}, "two kernels in it, boot/vmlinuz-6 and boot/vmlinuz-7"},
		{[]string{"./boot/vmlinuz-6", "./boot/vmlinuz-8"}, "boot/vmlinuz-6"},
		{[]string{"./boot/vmlinux.h", "./boot/vmlinux-6", "./boot/vmlinuz-7"}, "boot/vmlinuz-7"},
		{[]string{"./boot/vmlinuz-7", "./boot/vmlinux-6"}, "boot/vmlinuz-7"},
	} {
		for kind, pack := range map[string]func(testing.TB, string, map[string][]byte, ...string) []byte{"deb": deb, "rpm": rpm} {
			k, err := Open("kernel."+kind, pack(t, "xz", files, c.names...))
			switch {
			case err != nil && !strings.Contains(err.Error(), c.want), err == nil && !slices.Contains(k.From, c.want):
				t.Errorf("%s, %v: got %v, %v, want %s", kind, c.names, k, err, c.want)
			}
		}
	}
}
