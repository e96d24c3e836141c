// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"strings"
)

// ZdebugHeaderSize is the size in bytes of what comes before the zlib stream of a
// section compressed as zlib-gnu: "ZLIB" and the uncompressed size, which is
// big-endian on all machines.
const ZdebugHeaderSize = 12

const (
	zdebugPrefix = ".zdebug_"
	zdebugMagic  = "ZLIB"
)

// Zdebug returns the uncompressed size of a section that is compressed as tools did
// before SHF_COMPRESSED (-gz=zlib-gnu): nothing but the name .zdebug_ and the
// header tell. As with SHF_COMPRESSED, relocations apply to the uncompressed bytes.
// A section of such a name without the header is not compressed; one that was
// renamed after it was read still is.
func (s *Section) Zdebug() (size uint64, ok bool) {
	if s.Flags&(elf.SHF_ALLOC|elf.SHF_COMPRESSED) != 0 || !s.HasContents() || len(s.Chunks) > 0 || len(s.Data) < ZdebugHeaderSize ||
		uint64(len(s.Data)) != s.Size || !s.zdebug && !strings.HasPrefix(s.Name, zdebugPrefix) || string(s.Data[:4]) != zdebugMagic {
		return 0, false
	}
	return binary.BigEndian.Uint64(s.Data[4:]), true
}

// PlainName returns the name that the section has once it is uncompressed.
func (s *Section) PlainName() string {
	if _, ok := s.Zdebug(); ok && strings.HasPrefix(s.Name, zdebugPrefix) {
		return ".debug_" + s.Name[len(zdebugPrefix):]
	}
	return s.Name
}

// Unpack replaces the contents of a section that is compressed as Zdebug says by
// the uncompressed ones.
func (s *Section) Unpack(data []byte) {
	s.Name = s.PlainName()
	s.zdebug, s.Size, s.Data = false, uint64(len(data)), data
}

// PlainSize returns the size in bytes that the section has once it is uncompressed,
// as its header says, which need not be true.
func (s *Section) PlainSize() uint64 {
	if size, ok := s.Zdebug(); ok {
		return size
	}
	if s.Flags&elf.SHF_COMPRESSED != 0 && len(s.Data) >= ChdrSize && s.Object != nil {
		return byteOrder(s.Object.BigEndian).Uint64(s.Data[8:])
	}
	return s.Size
}
