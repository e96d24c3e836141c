// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"compress/zlib"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// maxInflation is the most that deflate can make of a byte.
const maxInflation = 1032

// zstdRoom is how many bytes the sections of a link may be unpacked to that zstd
// packed better than deflate can: it makes gigabytes of zeros of a few bytes.
const zstdRoom = 1 << 30

// zstdWindow is how many bytes a zstd frame may refer back by. It is the largest
// window of the levels 1 to 22 and of --long, and what the zstd program takes
// unless it is told otherwise. A decoder asks for as much memory as a frame's
// header says that its window is, whatever comes after the header, but uses no
// more of it than is unpacked.
const zstdWindow = 128 << 20

// decompress unpacks compressed sections. They cannot be concatenated while
// compressed, and their relocations apply to the unpacked bytes.
func (l *linker) decompress() error {
	var errs []error
	u := unpacker{order: binary.LittleEndian, room: zstdRoom}
	if l.out.BigEndian {
		u.order = binary.BigEndian
	}
	for _, isec := range l.special.compressed {
		if isec.discard != kept {
			continue
		}
		if err := u.decompress(isec); err != nil {
			errs = append(errs, err)
		}
	}
	u.close()
	return errors.Join(errs...)
}

// unpacker unpacks the sections of a link.
type unpacker struct {
	order binary.ByteOrder
	room  uint64        // what is left of zstdRoom
	zstd  *zstd.Decoder // made when a section needs it
}

func (u *unpacker) close() {
	if u.zstd != nil {
		u.zstd.Close()
	}
}

func (u *unpacker) decompress(isec *inputSection) error {
	if size, ok := isec.sec.Zdebug(); ok {
		return isec.decompressZdebug(size)
	}
	if len(isec.data()) < elfobj.ChdrSize {
		return isec.errorAt(errcode.DamagedCompression, 0, elfobj.Damaged, "compressed section ends inside its header")
	}
	typ, size, align := elf.CompressionType(u.order.Uint32(isec.data())), u.order.Uint64(isec.data()[8:]), u.order.Uint64(isec.data()[16:])
	if align&(align-1) != 0 || align > elfobj.MaxAlign {
		return isec.errorAt(errcode.DamagedCompression, 16, elfobj.Damaged, "alignment is %#x, want a power of two", align)
	}
	packed := isec.data()[elfobj.ChdrSize:]
	var data []byte
	var err error
	switch typ {
	case elf.COMPRESS_ZLIB:
		data, err = inflate(packed, size)
	case elf.COMPRESS_ZSTD:
		data, err = u.unpackZstd(packed, size)
	default:
		return isec.errorAt(errcode.DamagedCompression, 0, "compile with -gz=zlib, -gz=zstd or -gz=none", "compressed with an unknown method, number %d", typ)
	}
	if err != nil {
		advice := elfobj.Damaged
		if errors.Is(err, errWindow) {
			advice = "pack it with a window of at most 128 MiB, as all levels of zstd do"
		}
		return isec.errorAt(errcode.DamagedCompression, elfobj.ChdrSize, advice, "cannot be unpacked to the %d bytes that its header says: %v", size, err)
	}
	isec.replace(data, isec.sec.Relocs)
	isec.sec.Flags &^= elf.SHF_COMPRESSED
	isec.sec.Addralign = max(align, 1)
	return nil
}

// decompressZdebug unpacks a section that is compressed as zlib-gnu. It gets the
// name that it would have without: the script's patterns and the readers of the
// output know it by that, as with GNU ld.
func (isec *inputSection) decompressZdebug(size uint64) error {
	data, err := inflate(isec.data()[elfobj.ZdebugHeaderSize:], size)
	if err != nil {
		return isec.errorAt(errcode.DamagedCompression, elfobj.ZdebugHeaderSize, elfobj.Damaged, "cannot be unpacked to the %d bytes that its header says: %v", size, err)
	}
	plain := *isec.sec
	plain.Unpack(data)
	isec.sec = &plain
	return nil
}

var (
	errSize       = errors.New("it has another size")
	errProportion = errors.New("that is out of all proportion to what it is packed in")
	errWindow     = errors.New("its window is too large")
)

// inflate unpacks zlib data of a known size.
func inflate(packed []byte, size uint64) ([]byte, error) {
	if size > uint64(len(packed))*maxInflation {
		return nil, errSize
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return readUnpacked(z, size, len(packed))
}

// unpackZstd unpacks zstd data of a known size.
func (u *unpacker) unpackZstd(packed []byte, size uint64) ([]byte, error) {
	if u.room += uint64(len(packed)) * maxInflation; size > u.room {
		return nil, errProportion
	}
	u.room -= size
	// Unlike a bytes.Buffer, a bytes.Reader is not unpacked as a whole before the
	// first byte is read.
	r := bytes.NewReader(packed)
	var err error
	if u.zstd == nil {
		// With one decoder at a time, it has no goroutines.
		u.zstd, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
	} else {
		err = u.zstd.Reset(r)
	}
	if err != nil {
		return nil, err
	}
	data, err := readUnpacked(u.zstd, size, len(packed))
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = fmt.Errorf("%w (%w)", errWindow, err)
	}
	return data, err
}

// usualInflation is the factor by which packed sections grow at most, as a rule:
// debug information grows by 2 to 5.
const usualInflation = 8

// readUnpacked reads what packed bytes are unpacked to, which must be as many as
// their header says. It may say anything, so memory is for what so many packed
// bytes usually become, and then for twice what has come out.
func readUnpacked(r io.Reader, size uint64, packed int) ([]byte, error) {
	data := make([]byte, min(size, uint64(packed)*usualInflation))
	n := 0
	for {
		if n == len(data) && uint64(n) < size {
			grown := make([]byte, min(size, max(2*uint64(n), 1<<10)))
			copy(grown, data)
			data = grown
		}
		into := data[n:]
		if len(into) == 0 {
			// There is to be nothing more; the end brings the checksum's verdict.
			into = make([]byte, 1)
		}
		k, err := r.Read(into)
		if n += k; uint64(n) > size {
			return nil, errSize
		}
		switch {
		case err == io.EOF && uint64(n) == size:
			return data, nil
		case err == io.EOF:
			return nil, errSize
		case err != nil:
			return nil, err
		}
	}
}
