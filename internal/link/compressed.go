package link

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

// zstdRoom is how many bytes the sections of a link may be unpacked to that zstd
// packed better than deflate can: it makes gigabytes of zeros of a few bytes.
const zstdRoom = 1 << 30

// decompress unpacks compressed sections. They cannot be concatenated while
// compressed, and their relocations apply to the unpacked bytes.
func (l *linker) decompress() error {
	var errs []error
	room := uint64(zstdRoom)
	for _, isec := range l.special.compressed {
		if isec.discard != kept {
			continue
		}
		if err := isec.decompress(l.out.BigEndian, &room); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (isec *inputSection) decompress(big bool, room *uint64) error {
	order := binary.ByteOrder(binary.LittleEndian)
	if big {
		order = binary.BigEndian
	}
	const damaged = "the file is damaged: build it again"
	if len(isec.data()) < chdrSize {
		return isec.errorAt(0, damaged, "compressed section ends inside its header")
	}
	typ, size, align := elf.CompressionType(order.Uint32(isec.data())), order.Uint64(isec.data()[8:]), order.Uint64(isec.data()[16:])
	if align&(align-1) != 0 || align > maxAlign {
		return isec.errorAt(16, damaged, "alignment is %#x, want a power of two", align)
	}
	packed := isec.data()[chdrSize:]
	var data []byte
	var err error
	switch typ {
	case elf.COMPRESS_ZLIB:
		data, err = inflate(packed, size)
	case elf.COMPRESS_ZSTD:
		if *room += uint64(len(packed)) * maxInflation; size > *room {
			err = errProportion
			break
		}
		*room -= size
		data, err = unpackZstd(packed, size)
	default:
		return isec.errorAt(0, "compile with -gz=zlib, -gz=zstd or -gz=none", "compressed with an unknown method, number %d", typ)
	}
	if err != nil {
		advice := damaged
		if typ == elf.COMPRESS_ZSTD && err != errProportion {
			advice = "the file is damaged, or packed above zstd's level 19: build it again, at a lower level"
		}
		return isec.errorAt(chdrSize, advice, "cannot be unpacked to the %d bytes that its header says: %v", size, err)
	}
	isec.replace(data, isec.sec.Relocs)
	isec.sec.Flags &^= elf.SHF_COMPRESSED
	isec.sec.Addralign = max(align, 1)
	return nil
}

var (
	errSize       = errors.New("it has another size")
	errProportion = errors.New("that is out of all proportion to what it is packed in")
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
	data := make([]byte, size)
	if _, err := io.ReadFull(z, data); err != nil {
		return nil, err
	}
	// The end brings the checksum's verdict, too.
	n, err := z.Read(make([]byte, 1))
	if n != 0 {
		return nil, errSize
	}
	if err != io.EOF {
		return nil, err
	}
	return data, nil
}

// unpackZstd unpacks zstd data of a known size. The data may claim any size,
// so memory grows with what comes out.
//
// The standard library's decoder can be reached by way of debug/elf alone, so
// the data becomes a section of an ELF file in memory. A decoder of another
// module would cost each start of hyplink 0.2 ms and a quarter of a megabyte.
// It keeps the last 8 MiB to refer back to (RFC 8878, 3.1.1.1.2), which is all
// that levels up to 19 use; compilers and assemblers take 3 or 5.
func unpackZstd(packed []byte, size uint64) ([]byte, error) {
	file, err := zstdFile(packed, size)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(file.Sections[0].Open(), int64(min(size, 1<<40))+1))
	if err != nil {
		return nil, err
	}
	if uint64(n) != size {
		return nil, errSize
	}
	return b.Bytes(), nil
}

// zstdFile returns an ELF file of one section, number 0, which is packed.
func zstdFile(packed []byte, size uint64) (*elf.File, error) {
	header := elf.Header64{
		Ident:     [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Version:   uint32(elf.EV_CURRENT),
		Shnum:     1,
		Shentsize: uint16(binary.Size(elf.Section64{})),
		Shoff:     uint64(binary.Size(elf.Header64{})),
	}
	section := elf.Section64{
		Flags: uint64(elf.SHF_COMPRESSED),
		Off:   header.Shoff + uint64(header.Shentsize),
		Size:  chdrSize + uint64(len(packed)),
	}
	var b bytes.Buffer
	for _, part := range []any{header, section, elf.Chdr64{Type: uint32(elf.COMPRESS_ZSTD), Size: size}, packed} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			return nil, err
		}
	}
	return elf.NewFile(bytes.NewReader(b.Bytes()))
}
