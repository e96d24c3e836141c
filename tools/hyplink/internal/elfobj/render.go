package elfobj

import (
	"debug/elf"
	"encoding/binary"
)

// render writes the bytes of an extent from `from` on into b, which is zero.
func (im *image) render(e *extent, b []byte, from uint64) error {
	switch e.kind {
	case contents:
		e.section.render(b, from)
	case relocs:
		return im.renderRelocs(e.section, b, from)
	case literal:
		copy(b, e.data[from:])
	case symbols:
		im.renderSymbols(b, from)
	case indices:
		im.renderExtended(b, from)
	case headers:
		im.renderHeaders(b, from)
	case fileHeader:
		im.renderEhdr(b)
	}
	return nil
}

// render writes the section's bytes from `from` on into b, which is zero.
func (s *Section) render(b []byte, from uint64) {
	to := from + uint64(len(b))
	for i := s.chunkAt(from); i < len(s.Chunks) && s.Chunks[i].Offset < to; i++ {
		c := &s.Chunks[i]
		start, end := max(c.Offset, from), min(c.Offset+c.Size, to)
		c.render(b[start-from:end-from], start-c.Offset)
	}
}

// render writes the chunk's bytes from `from` on into b.
func (c *Chunk) render(b []byte, from uint64) {
	n := uint64(len(c.Data))
	switch {
	case n == c.Size:
		copy(b, c.Data[from:])
	case n > 0:
		for i := range b {
			b[i] = c.Data[(from+uint64(i))%n]
		}
	}
}

// chunkAt returns the index of the first chunk that ends after off.
func (s *Section) chunkAt(off uint64) int {
	lo, hi := 0, len(s.Chunks)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if c := &s.Chunks[mid]; c.Offset+c.Size <= off {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// renderRelocs writes relocations of s; from and len(b) are multiples of
// their size.
func (im *image) renderRelocs(s *Section, b []byte, from uint64) error {
	skip := int(from / relaSize)
	for i := range s.Relocs {
		run := &s.Relocs[i]
		n := run.Count()
		if skip >= n {
			skip -= n
			continue
		}
		size := run.size(s)
		for j := skip; j < n && len(b) > 0; j++ {
			rel, ok := run.At(j)
			if !ok || int(rel.Symbol) >= len(im.obj.Symbols) || !inside(rel.Offset-run.Delta, im.fields.of(rel.Type), size) || !im.fields.has(rel.Type) {
				return im.obj.badReloc(s, run, j, rel)
			}
			if im.perm != nil {
				if rel.Symbol = im.perm[rel.Symbol]; rel.Symbol == Gone {
					return im.obj.badReloc(s, run, j, rel)
				}
			}
			putRela(b, im.obj.BigEndian, rel)
			b = b[relaSize:]
		}
		skip = 0
	}
	return nil
}

// fileSection is the section number of a symbol as it stands in the file.
func (im *image) fileSection(s *Symbol) uint32 {
	if s.Section > 0 {
		return uint32(im.obj.Sections[s.Section].index)
	}
	if g, ok := s.groupIndex(); ok {
		return uint32(im.obj.Groups[g].index)
	}
	return 0
}

// renderSymbols writes symbol table entries.
func (im *image) renderSymbols(b []byte, from uint64) {
	ord := byteOrder(im.obj.BigEndian)
	first := int(from / symSize)
	for k := 0; k*symSize < len(b); k++ {
		i := first + k
		if i == 0 {
			continue
		}
		s, e := im.symbol(i), b[k*symSize:]
		shndx := uint16(0)
		switch {
		case s.Section == Absolute:
			shndx = uint16(elf.SHN_ABS)
		case s.Section == Common:
			shndx = uint16(elf.SHN_COMMON)
		case s.Section != Undefined:
			if n := im.fileSection(s); n < uint32(elf.SHN_LORESERVE) {
				shndx = uint16(n)
			} else {
				shndx = uint16(elf.SHN_XINDEX)
			}
		}
		if im.obj.BigEndian {
			putSymbol(e, ord, im.names[i], s, shndx)
		} else {
			putSymbol(e, binary.LittleEndian, im.names[i], s, shndx)
		}
	}
}

func putSymbol[O binary.ByteOrder](e []byte, ord O, name uint32, s *Symbol, shndx uint16) {
	ord.PutUint32(e, name)
	e[4], e[5] = s.Info, s.Other
	ord.PutUint16(e[6:], shndx)
	ord.PutUint64(e[8:], s.Value)
	ord.PutUint64(e[16:], s.Size)
}

// renderExtended writes the section numbers that do not fit into st_shndx.
func (im *image) renderExtended(b []byte, from uint64) {
	ord := byteOrder(im.obj.BigEndian)
	first := int(from / 4)
	for k := 0; k*4 < len(b); k++ {
		if first+k == 0 {
			continue
		}
		if n := im.fileSection(im.symbol(first + k)); n >= uint32(elf.SHN_LORESERVE) {
			ord.PutUint32(b[k*4:], n)
		}
	}
}

// renderHeaders writes section headers.
func (im *image) renderHeaders(b []byte, from uint64) {
	ord := byteOrder(im.obj.BigEndian)
	for k := 0; k*shdrSize < len(b); k++ {
		i := int(from/shdrSize) + k
		h, e := &im.hdrs[i], b[k*shdrSize:]
		if i == 0 {
			// Counts too large for the ELF header (gABI, e_shnum, e_shstrndx).
			if n := len(im.hdrs); n >= int(elf.SHN_LORESERVE) {
				ord.PutUint64(e[32:], uint64(n))
			}
			if n := len(im.hdrs) - 1; n >= int(elf.SHN_LORESERVE) {
				ord.PutUint32(e[40:], uint32(n))
			}
			continue
		}
		ord.PutUint32(e, h.nameOff)
		ord.PutUint32(e[4:], uint32(h.typ))
		ord.PutUint64(e[8:], uint64(h.flags))
		ord.PutUint64(e[24:], h.off)
		ord.PutUint64(e[32:], h.size)
		ord.PutUint32(e[40:], h.link)
		ord.PutUint32(e[44:], h.info)
		ord.PutUint64(e[48:], h.addralign)
		ord.PutUint64(e[56:], h.entsz)
	}
}

// renderEhdr writes the ELF header.
func (im *image) renderEhdr(b []byte) {
	o, ord := im.obj, byteOrder(im.obj.BigEndian)
	copy(b, elf.ELFMAG)
	b[elf.EI_CLASS], b[elf.EI_DATA], b[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	if o.BigEndian {
		b[elf.EI_DATA] = byte(elf.ELFDATA2MSB)
	}
	b[elf.EI_OSABI], b[elf.EI_ABIVERSION] = o.OSABI, o.ABIVersion
	ord.PutUint16(b[16:], uint16(elf.ET_REL))
	ord.PutUint16(b[18:], uint16(o.Machine.ELF))
	ord.PutUint32(b[20:], 1)
	ord.PutUint64(b[40:], im.shoff)
	ord.PutUint32(b[48:], o.Flags)
	ord.PutUint16(b[52:], ehdrSize)
	ord.PutUint16(b[58:], shdrSize)
	if n := len(im.hdrs); n < int(elf.SHN_LORESERVE) {
		ord.PutUint16(b[60:], uint16(n))
	}
	if n := len(im.hdrs) - 1; n < int(elf.SHN_LORESERVE) {
		ord.PutUint16(b[62:], uint16(n))
	} else {
		ord.PutUint16(b[62:], uint16(elf.SHN_XINDEX))
	}
}
