// SPDX-License-Identifier: Apache-2.0

package vmlinuz

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// maxWindow is how many bytes compressed data may refer back by. Decoders ask for
// so much memory at once if a header says so.
const maxWindow = 128 << 20

// maxChunk is how many bytes of unpacked data are allocated at once.
const maxChunk = 32 << 20

// method is a compression method.
type method struct {
	name  string
	magic string
	open  func(io.Reader) (io.Reader, error)
}

var methods = []method{
	{"gzip", "\x1f\x8b\x08", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"zstd", "\x28\xb5\x2f\xfd", openZstd},
	{"xz", "\xfd7zXZ\x00", openXZ},
	{"bzip2", "BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	// The properties that all kernels and packages have; the format has no magic.
	{"lzma", "\x5d\x00\x00", openLZMA},
}

// methodOf returns the method that data starts with, or nil.
func methodOf(data []byte) *method {
	for i := range methods {
		if bytes.HasPrefix(data, []byte(methods[i].magic)) {
			return &methods[i]
		}
	}
	return nil
}

func openZstd(r io.Reader) (io.Reader, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

func openXZ(r io.Reader) (io.Reader, error) { return xz.NewReader(&windowGuard{r: bufio.NewReader(r)}) }

// openLZMA reads the format of the xz program's --format=lzma.
func openLZMA(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	h, err := b.Peek(lzma.HeaderLen)
	if err != nil {
		return nil, err
	}
	if window := binary.LittleEndian.Uint32(h[1:]); window > maxWindow {
		return nil, errcode.KernelCompression.Errorf("its window of %d bytes is larger than %d", window, maxWindow)
	}
	return lzma.NewReader(b)
}

// unpack unpacks data as a whole.
func (m *method) unpack(data []byte) ([]byte, error) {
	r, err := m.open(bytes.NewReader(data))
	if err != nil {
		return nil, m.broken(err)
	}
	out, err := readKernel(r, len(data), maxKernel)
	if err != nil {
		return nil, m.broken(err)
	}
	return out, nil
}

func (m *method) broken(err error) error {
	return cmp.Or(errcode.Of(err), errcode.KernelDamaged).Errorf("cannot be unpacked as %s: %s; check that the file is complete", m.name, strings.TrimPrefix(err.Error(), m.name+": "))
}

var errEnds = errcode.KernelDamaged.Errorf("it ends too early")

// readKernel reads a kernel or what one is in, of at most limit bytes. hint is
// about how many there are.
func readKernel(r io.Reader, hint int, limit int64) ([]byte, error) {
	// In chunks: a buffer that grows leaves all its smaller ones as garbage. One byte more than the limit tells that there is more.
	var chunks [][]byte
	var total int64
	for total <= limit {
		chunk := make([]byte, min(max(int64(hint), total, bytes.MinRead), maxChunk, limit+1-total))
		n, err := fill(r, chunk)
		chunks = append(chunks, chunk[:n])
		total += int64(n)
		switch {
		case err == io.EOF && total <= limit:
			return join(chunks, total), nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, errEnds
		case err != nil && err != io.EOF:
			return nil, err
		}
	}
	return nil, errcode.KernelTooLarge.Errorf("it is unpacked to more than the %d bytes of the largest supported kernel", limit)
}

// join returns total bytes of chunks. It is not nil, which would mean that there is no further layer.
func join(chunks [][]byte, total int64) []byte {
	if len(chunks) == 1 {
		return chunks[0]
	}
	out := make([]byte, 0, total)
	for _, chunk := range chunks {
		out = append(out, chunk...)
	}
	return out
}

// fill reads until b is full. Unlike io.ReadFull, it tells the end of a reader from one that ends too early.
func fill(r io.Reader, b []byte) (int, error) {
	for done := 0; done < len(b); {
		n, err := r.Read(b[done:])
		done += n
		if err != nil {
			return done, err
		}
	}
	return len(b), nil
}

// zbootHeader is the size of the header of a zboot image.
const zbootHeader = 64

// openZboot unpacks the payload of an EFI zboot image.
func (k *Kernel) openZboot(data []byte) ([]byte, error) {
	start, size := uint64(binary.LittleEndian.Uint32(data[8:])), uint64(binary.LittleEndian.Uint32(data[12:]))
	name := string(bytes.TrimRight(data[24:56], "\x00"))
	if start < zbootHeader || start+size > uint64(len(data)) {
		return nil, errcode.KernelDamaged.Errorf("+0x8: the payload of %#x bytes at %#x is not in the file of %#x bytes; check that the file is complete", size, start, len(data))
	}
	payload := data[start : start+size]
	m := methodOf(payload)
	if m == nil || m.name == "bzip2" {
		return nil, errcode.KernelCompression.Errorf("is an EFI zboot image compressed with %q, which is not supported; unpack it", name)
	}
	k.From = append(k.From, "EFI zboot image compressed with "+m.name)
	return m.unpack(payload)
}
