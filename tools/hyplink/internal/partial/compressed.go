package partial

import (
	"bytes"
	"compress/zlib"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
)

// chdrSize is the size of an Elf64_Chdr in bytes (gABI, "Section Compression").
const chdrSize = 24

// maxInflation is the most that deflate can make of a byte.
const maxInflation = 1032

// decompress unpacks compressed sections. They cannot be put together while
// packed, and their relocations apply to the unpacked bytes.
func (l *linker) decompress() error {
	var errs []error
	for _, in := range l.inputs {
		for i := range in.pieces {
			p := &in.pieces[i]
			if p.sec == nil || p.sec.Flags&elf.SHF_COMPRESSED == 0 || p.discard != kept {
				continue
			}
			if err := p.decompress(l.out.BigEndian); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

func (p *piece) decompress(big bool) error {
	order := binary.ByteOrder(binary.LittleEndian)
	if big {
		order = binary.BigEndian
	}
	const damaged = "the file is damaged: build it again"
	if len(p.data) < chdrSize {
		return p.errorAt(0, damaged, "compressed section ends inside its header")
	}
	typ, size, align := elf.CompressionType(order.Uint32(p.data)), order.Uint64(p.data[8:]), order.Uint64(p.data[16:])
	if typ != elf.COMPRESS_ZLIB {
		return p.errorAt(0, "compile with -gz=zlib or -gz=none", "compressed with %s, which is not supported", typ)
	}
	if align&(align-1) != 0 || align > maxAlign {
		return p.errorAt(16, damaged, "alignment is %#x, want a power of two", align)
	}
	packed := p.data[chdrSize:]
	if size > uint64(len(packed))*maxInflation {
		return p.errorAt(8, damaged, "%d bytes cannot unpack to %d", len(packed), size)
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return p.errorAt(chdrSize, damaged, "cannot be unpacked: %v", err)
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(z, data); err != nil {
		return p.errorAt(chdrSize, damaged, "cannot be unpacked to %d bytes: %v", size, err)
	}
	if n, _ := z.Read(make([]byte, 1)); n != 0 {
		return p.errorAt(chdrSize, damaged, "unpacks to more than the %d bytes that its header says", size)
	}
	p.data, p.size, p.align = data, size, max(align, 1)
	return nil
}
