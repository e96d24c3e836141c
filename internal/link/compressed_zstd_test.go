// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// unpacked links an object with a compressed section, and returns what the
// section becomes.
func unpacked(t *testing.T, typ elf.CompressionType, packed []byte, claim uint64) ([]byte, error) {
	t.Helper()
	data := append(chdr(typ, claim), packed...)
	out, err := Link([]*elfobj.Object{withDebug(t, "a.o", data, elf.SHF_COMPRESSED)}, Options{Name: "out.o"})
	if err != nil {
		return nil, err
	}
	return out.Section(".debug_info").Contents(), nil
}

// noise is so many bytes that no method makes fewer.
func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b[:n]
}

// streamed packs data as a stream: the frame's header says no size, but the
// whole window of the encoder.
func streamed(t *testing.T, data []byte, options ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, options...)
	if err != nil {
		t.Fatal(err)
	}
	// Flush keeps the encoder from packing all at once, and so from knowing the size.
	if _, err := z.Write(data); err != nil || z.Flush() != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// window returns the window that the header of a frame says.
func window(t *testing.T, frame []byte) uint64 {
	t.Helper()
	var h zstd.Header
	if err := h.Decode(frame); err != nil {
		t.Fatal(err)
	}
	return h.WindowSize
}

// TestZstdLevels unpacks what each level makes with several windows, as a frame
// that says its size and as one that does not.
func TestZstdLevels(t *testing.T) {
	var plain []byte
	for i := range 1 << 16 {
		plain = binary.LittleEndian.AppendUint32(plain, uint32(i*i)%70001)
	}
	last := zstd.EncoderLevel(0)
	for level := 1; level <= 22; level++ {
		// The encoder has a level of its own for several of zstd's.
		l := zstd.EncoderLevelFromZstd(level)
		if l == last {
			continue
		}
		last = l
		for _, size := range []int{zstd.MinWindowSize, 8 << 20, zstdWindow} {
			options := []zstd.EOption{zstd.WithEncoderLevel(l), zstd.WithWindowSize(size), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true)}
			z, err := zstd.NewWriter(nil, options...)
			if err != nil {
				t.Fatal(err)
			}
			stream := streamed(t, plain[:2000], options...)
			if got := window(t, stream); got != uint64(size) {
				t.Fatalf("the header of a stream says a window of %d, want %d", got, size)
			}
			for _, c := range []struct{ packed, want []byte }{{z.EncodeAll(plain, nil), plain}, {stream, plain[:2000]}} {
				got, err := unpacked(t, elf.COMPRESS_ZSTD, c.packed, uint64(len(c.want)))
				if err != nil || !bytes.Equal(got, c.want) {
					t.Errorf("level %d, window %d: %d bytes became %d, %v", level, size, len(c.want), len(got), err)
				}
			}
		}
	}
}

// TestZstdFarMatches unpacks what refers back by more than the 8 MiB that levels
// up to 19 do.
func TestZstdFarMatches(t *testing.T) {
	block := noise(20 << 20)
	plain := append(block, block...)
	packed := streamed(t, plain, zstd.WithWindowSize(64<<20))
	if len(packed) > len(plain)*3/4 {
		t.Fatalf("%d bytes became %d: the second half does not refer to the first", len(plain), len(packed))
	}
	got, err := unpacked(t, elf.COMPRESS_ZSTD, packed, uint64(len(plain)))
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%d bytes came out, want %d: %v", len(got), len(plain), err)
	}
}

// TestZstdFrames unpacks several frames, of which some are empty, hold no data or
// have other windows than those before.
func TestZstdFrames(t *testing.T) {
	skippable := append([]byte{0x52, 0x2a, 0x4d, 0x18, 5, 0, 0, 0}, "hello"...)
	var data, want []byte
	for i, size := range []int{zstd.MinWindowSize, 64 << 20, 1 << 20, 32 << 20} {
		part := append(noise(30_000*i), bytes.Repeat([]byte{byte(i)}, 300_000)...)
		data = append(data, streamed(t, part, zstd.WithWindowSize(size))...)
		data = append(data, skippable...)
		data = append(data, streamed(t, nil, zstd.WithWindowSize(size), zstd.WithZeroFrames(true))...)
		want = append(want, part...)
	}
	got, err := unpacked(t, elf.COMPRESS_ZSTD, data, uint64(len(want)))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes came out, want %d: %v", len(got), len(want), err)
	}
	// A decoder is used again for the next section, also after an error.
	a, b := withDebug(t, "a.o", append(chdr(elf.COMPRESS_ZSTD, uint64(len(want))), data[:len(data)/2]...), elf.SHF_COMPRESSED), withDebug(t, "b.o", append(chdr(elf.COMPRESS_ZSTD, 3), data...), elf.SHF_COMPRESSED)
	c := withDebug(t, "c.o", append(chdr(elf.COMPRESS_ZSTD, uint64(len(want))), data...), elf.SHF_COMPRESSED)
	_, err = Link([]*elfobj.Object{a, b, c, a}, Options{Name: "out.o"})
	if err == nil || strings.Count(err.Error(), "\n") != 2 || strings.Contains(err.Error(), "c.o") {
		t.Errorf("three damaged sections and one that is not gave: %v", err)
	}
	out, err := Link([]*elfobj.Object{c, c}, Options{Name: "out.o"})
	if err != nil || !bytes.Equal(contents(t, out), append(want, want...)) {
		t.Errorf("two sections are not what they were: %v", err)
	}
}

// contents are the bytes of .debug_info in what was linked.
func contents(t *testing.T, o *elfobj.Object) []byte {
	t.Helper()
	o, err := throughBytes(o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Section(".debug_info").Contents()
}

// TestZstdWindowTooLarge refuses what may refer back by more than zstdWindow.
func TestZstdWindowTooLarge(t *testing.T) {
	empty := []byte{1, 0, 0} // the last block, raw, of no bytes
	for name, frame := range map[string][]byte{
		"encoder's":      streamed(t, []byte("some bytes"), zstd.WithWindowSize(2*zstdWindow)),
		"128 MiB, 1/8":   append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, 17<<3 | 1}, empty...),
		"largest":        append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, 0xff}, empty...),
		"single segment": append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0}, empty...),
		"no size":        append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 255, 255, 255, 255, 255, 255, 255, 255}, empty...),
	} {
		_, err := unpacked(t, elf.COMPRESS_ZSTD, frame, 10)
		if err == nil || !strings.HasSuffix(err.Error(), "; pack it with a window of at most 128 MiB, as all levels of zstd do") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	got, err := unpacked(t, elf.COMPRESS_ZSTD, append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3}, empty...), 0)
	if err != nil || len(got) != 0 {
		t.Errorf("a window of 128 MiB gave %d bytes, %v", len(got), err)
	}
}

// TestUnpackingMemory unpacks what claims to become gigabytes. Memory is for what
// is there.
func TestUnpackingMemory(t *testing.T) {
	garbage := noise(1 << 20)
	for _, c := range []struct {
		name   string
		typ    elf.CompressionType
		packed []byte
		window uint64
	}{
		{"zlib garbage", elf.COMPRESS_ZLIB, garbage, 0},
		{"zlib, stored", elf.COMPRESS_ZLIB, append([]byte{0x78, 1, 0, 0xff, 0xff, 0, 0}, garbage...), 0},
		{"zstd garbage", elf.COMPRESS_ZSTD, garbage, 0},
		{"zstd that says the size, too", elf.COMPRESS_ZSTD, append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xc0, 17 << 3, 0, 0, 0, 64, 0, 0, 0, 0}, garbage...), zstdWindow},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := unpacked(t, c.typ, c.packed, 1<<30)
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		if most := c.window + 64<<20; err == nil || used > most {
			t.Errorf("%s: allocated %d bytes, at most %d; %v", c.name, used, most, err)
		}
	}
}

// slowReader gives a few bytes at a time, and the end alone or with the last.
type slowReader struct {
	data []byte
	step int
	end  error
	last bool // the end comes with the last bytes
}

func (r *slowReader) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), r.step)], r.data)
	r.data = r.data[n:]
	if len(r.data) == 0 && (r.last || n == 0) {
		return n, r.end
	}
	return n, nil
}

func TestReadUnpacked(t *testing.T) {
	plain := noise(5000)
	errEnd := errors.New("checksum")
	for _, packed := range []int{0, 1, 200, 625, 5000} {
		for _, step := range []int{1, 7, 1000, 1 << 20} {
			for _, last := range []bool{false, true} {
				name := fmt.Sprintf("%d packed bytes, %d at a time, end with the last: %v", packed, step, last)
				read := func(size int, end error) ([]byte, error) {
					return readUnpacked(&slowReader{plain, step, end, last}, uint64(size), packed)
				}
				if got, err := read(len(plain), io.EOF); err != nil || !bytes.Equal(got, plain) {
					t.Errorf("%s: got %d bytes, %v", name, len(got), err)
				}
				if _, err := read(len(plain), errEnd); err != errEnd {
					t.Errorf("%s: an error at the end became %v", name, err)
				}
				for _, size := range []int{0, 1, len(plain) - 1, len(plain) + 1, 10 * len(plain)} {
					if _, err := read(size, io.EOF); err != errSize {
						t.Errorf("%s: a size of %d instead of %d gave %v", name, size, len(plain), err)
					}
				}
			}
		}
	}
	if got, err := readUnpacked(&slowReader{nil, 1, io.EOF, false}, 0, 0); err != nil || len(got) != 0 {
		t.Errorf("nothing became %d bytes, %v", len(got), err)
	}
}
