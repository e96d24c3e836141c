// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"math"
)

// renderPart writes the bytes of an extent from offset `from` into b, which is
// zero. It may begin and end within a unit.
func (im *image) renderPart(e *extent, b []byte, from uint64) error {
	unit := e.kind.unit()
	var one [ehdrSize]byte
	if before := from % unit; before > 0 {
		if err := im.render(e, one[:unit], from-before); err != nil {
			return err
		}
		n := copy(b, one[before:unit])
		b, from = b[n:], from+uint64(n)
	}
	whole := uint64(len(b)) / unit * unit
	if whole > 0 {
		if err := im.render(e, b[:whole], from); err != nil {
			return err
		}
	}
	if whole < uint64(len(b)) {
		clear(one[:])
		if err := im.render(e, one[:unit], from+whole); err != nil {
			return err
		}
		copy(b[whole:], one[:])
	}
	return nil
}

// render writes the bytes of an extent from offset `from` into b, which is zero.
// Both ends are those of units.
func (im *image) render(e *extent, b []byte, from uint64) error {
	switch e.kind {
	case contents, relocs:
		_, err := im.renderChunks(e, b, from, e.cursor(from), math.MaxUint64)
		return err
	case literal:
		copy(b, im.literals[e.chunk][from:])
	case symbols:
		im.renderSymbols(b, from)
	case symbolStrings:
		im.renderStrings(b, from)
	case indices:
		im.renderExtended(b, from)
	case headers:
		im.renderHeaders(b, from)
	case fileHeader:
		im.renderEhdr(b)
	}
	return nil
}

// cursor is a position in an extent that is made of chunks.
type cursor struct {
	chunk int    // the next one
	at    uint64 // offset of its relocations in the extent, in bytes
}

// cursor returns the position of an offset.
func (e *extent) cursor(from uint64) cursor {
	if e.kind == contents {
		return cursor{chunk: e.section.chunkAt(from)}
	}
	return cursor{chunk: int(e.chunk)}
}

// renderChunks is render for an extent with contents or relocations. It starts at
// a cursor, stops at the first input that starts after a limit, and returns the
// new cursor.
func (im *image) renderChunks(e *extent, b []byte, from uint64, c cursor, limit uint64) (cursor, error) {
	s := e.section
	switch {
	case len(s.Chunks) == 0 && e.kind == contents:
		s.renderData(b, from)
		return c, nil
	case len(s.Chunks) == 0:
		return c, im.renderRun(s, im.obj.sectionRun(s), b, int(from/relaSize))
	case e.kind == contents:
		c.chunk = s.renderContents(b, from, c.chunk, limit)
		return c, nil
	}
	return im.renderRelocs(s, b, from, c, limit)
}

// render writes the section's bytes from offset `from` into b, which is zero.
func (s *Section) render(b []byte, from uint64) {
	if len(s.Chunks) == 0 {
		s.renderData(b, from)
		return
	}
	s.renderContents(b, from, s.chunkAt(from), math.MaxUint64)
}

// renderContents renders contents, starting at a chunk; see renderChunks.
func (s *Section) renderContents(b []byte, from uint64, chunk int, limit uint64) int {
	to := from + uint64(len(b))
	for ; chunk < len(s.Chunks) && s.Chunks[chunk].Offset < to; chunk++ {
		c := &s.Chunks[chunk]
		if limit != math.MaxUint64 && c.startsAfter(limit) {
			break
		}
		start, end := max(c.Offset, from), min(c.end(), to)
		c.Section.renderData(b[start-from:end-from], start-c.Offset)
	}
	return chunk
}

// renderData writes Data from offset `from` into b.
func (s *Section) renderData(b []byte, from uint64) {
	n := uint64(len(s.Data))
	switch {
	case n == s.Size:
		copy(b, s.Data[from:])
	case n > 0:
		for i := range b {
			b[i] = s.Data[(from+uint64(i))%n]
		}
	}
}

// chunkAt returns the index of the first chunk that ends after off.
func (s *Section) chunkAt(off uint64) int {
	lo, hi := 0, len(s.Chunks)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if s.Chunks[mid].end() <= off {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// renderRelocs renders relocations; see renderChunks. from and len(b) are
// multiples of their size.
func (im *image) renderRelocs(s *Section, b []byte, from uint64, c cursor, limit uint64) (cursor, error) {
	to := from + uint64(len(b))
	for ; c.at < to; c.chunk++ {
		k := &s.Chunks[c.chunk]
		size := uint64(len(k.Section.Relocs))
		if size > 0 && limit != math.MaxUint64 && k.startsAfter(limit) {
			break
		}
		start, end := max(c.at, from), min(c.at+size, to)
		if start < end {
			if err := im.renderRun(s, im.obj.chunkRun(k), b[start-from:end-from], int((start-c.at)/relaSize)); err != nil {
				return c, err
			}
		}
		c.at += size
	}
	return c, nil
}

// renderRun fills b with relocations of a run, starting with number first.
func (im *image) renderRun(s *Section, r relocRun, b []byte, first int) error {
	for i := first; len(b) > 0; i++ {
		if !r.big {
			n := im.renderLittle(&r, b, r.section.Relocs[i*relaSize:])
			i, b = i+n, b[n*relaSize:]
			if len(b) == 0 {
				break
			}
		}
		rel, ok := r.at(i)
		if !ok || int(rel.Symbol) >= len(im.obj.Symbols) || !im.fields.Of(rel.Type).Known() {
			if err := im.obj.badReloc(s, &r, i); err != nil {
				return err
			}
		}
		if im.perm != nil {
			if rel.Symbol = im.perm[rel.Symbol]; rel.Symbol == Discarded {
				return im.obj.missingSymbol(s, &r, i)
			}
		}
		putRela(b, im.obj.BigEndian, rel)
		b = b[relaSize:]
	}
	return nil
}

// renderLittle is the loop of renderRun for little-endian relocations with which
// nothing is wrong: it stops at the first that at or renderRun must look at, and
// returns the number of relocations before it. Most of the time that it takes to
// write debug information is spent here.
func (im *image) renderLittle(r *relocRun, b, in []byte) int {
	var index []uint32
	var bias []int64
	if r.symbols != nil {
		index, bias = r.symbols.Index, r.symbols.Bias
	}
	symbols, perm, fields := uint64(len(im.obj.Symbols)), im.perm, r.fields
	n := 0
	for len(b) >= relaSize && len(in) >= relaSize {
		off, info, addend := binary.LittleEndian.Uint64(in), binary.LittleEndian.Uint64(in[8:]), binary.LittleEndian.Uint64(in[16:])
		typ, symbol := uint32(info), info>>32
		if uint64(typ) >= uint64(len(fields)) {
			break
		}
		field, threads := fields[typ], false
		if !field.Known() || !inside(off, field.Size(), r.size) {
			break
		}
		if r.symbols != nil {
			if symbol >= uint64(len(index)) {
				break
			}
			to := index[symbol]
			if to == Discarded {
				break
			}
			if symbol < uint64(len(bias)) {
				addend += uint64(bias[symbol])
			}
			symbol, threads = uint64(to&^ThreadLocal), to&ThreadLocal != 0
			if threads != field.ForThreads() {
				break
			}
		}
		if symbol >= symbols {
			break
		}
		if perm != nil {
			if symbol = uint64(perm[symbol]); symbol == uint64(Discarded) {
				break
			}
		}
		binary.LittleEndian.PutUint64(b, off+r.delta)
		binary.LittleEndian.PutUint64(b[8:], symbol<<32|uint64(typ))
		binary.LittleEndian.PutUint64(b[16:], addend)
		n, b, in = n+1, b[relaSize:], in[relaSize:]
	}
	return n
}

// fileSection returns the section number of a symbol in the file.
func (im *image) fileSection(s *Symbol) uint32 {
	if s.Section > 0 {
		return im.obj.Sections[s.Section].index
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
		case s.Section == Livepatch:
			shndx = uint16(shnLivepatch)
		case s.Section != Undefined:
			if n := im.fileSection(s); n < uint32(elf.SHN_LORESERVE) {
				shndx = uint16(n)
			} else {
				shndx = uint16(elf.SHN_XINDEX)
			}
		}
		if im.obj.BigEndian {
			putSymbol(e, ord, im.names.at[i], s, shndx)
		} else {
			putSymbol(e, binary.LittleEndian, im.names.at[i], s, shndx)
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
		typ, flags, info, addralign, entsz := im.headerFields(h)
		ord.PutUint32(e, h.nameOff)
		ord.PutUint32(e[4:], uint32(typ))
		ord.PutUint64(e[8:], uint64(flags))
		ord.PutUint64(e[24:], h.off)
		ord.PutUint64(e[32:], h.size)
		ord.PutUint32(e[40:], h.link)
		ord.PutUint32(e[44:], info)
		ord.PutUint64(e[48:], addralign)
		ord.PutUint64(e[56:], entsz)
	}
}

// entrySize returns the entry size that a section has in a file. Arrays of functions
// have addresses as entries, whether or not the assembler said so (clang's does not); GNU ld
// and objcopy write it as well.
func entrySize(s *Section) uint64 {
	switch s.Type {
	case elf.SHT_INIT_ARRAY, elf.SHT_FINI_ARRAY, elf.SHT_PREINIT_ARRAY:
		return 8
	}
	return s.Entsize
}

// headerFields returns the fields of a section header that outShdr does not have.
func (im *image) headerFields(h *outShdr) (typ elf.SectionType, flags elf.SectionFlag, info uint32, addralign, entsz uint64) {
	switch h.kind {
	case sectionHdr:
		s := im.obj.Sections[h.index]
		if s.IsLivepatch() && s.LinkOrder > 0 {
			return s.Type, s.Flags | elf.SHF_INFO_LINK, im.obj.Sections[s.LinkOrder].index, s.Addralign, s.Entsize
		}
		return s.Type, s.Flags, 0, s.Addralign, entrySize(s)
	case relocHdr:
		s := im.obj.Sections[h.index]
		return elf.SHT_RELA, elf.SHF_INFO_LINK | s.Flags&elf.SHF_GROUP, s.index, 8, relaSize
	case groupHdr:
		return elf.SHT_GROUP, 0, im.number(uint32(im.obj.Groups[h.index].Signature)), 4, 4
	}
	t := &im.tables[h.index]
	return t.typ, 0, t.info, t.addralign, t.entsz
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
