package elfobj

import (
	"debug/elf"
	"fmt"
	"math"

	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// extent is a range of bytes in the output file.
type extent struct {
	off, size uint64
	unit      uint32 // it may be split at multiples of this many bytes
	kind      extentKind
	section   *Section // of contents and relocs
	chunk     int      // of relocs: the first chunk
	chunks    int      // of relocs: the number of chunks
	data      []byte   // of literal
}

// extentKind says how an extent is rendered.
type extentKind uint8

const (
	contents      extentKind = iota // a section's bytes
	relocs                          // a section's relocations
	literal                         // bytes in memory
	symbols                         // the symbol table
	symbolStrings                   // its string table
	indices                         // SHT_SYMTAB_SHNDX
	headers                         // the section header table
	fileHeader
)

// outShdr is a section header of the output, with the extent of its contents.
type outShdr struct {
	name string
	shdr
	nameOff uint32
}

// image is an object laid out as a file.
type image struct {
	obj     *Object
	hdrs    []outShdr
	extents []extent
	size    uint64
	padding uint64 // bytes of size that are alignment
	shoff   uint64
	perm    []uint32 // index in obj.Symbols -> number in the file; nil if equal
	order   []uint32 // number in the file -> index in obj.Symbols; nil if equal
	nsyms   int
	nlocal  int
	symtab  int // section number of the symbol table
	names   symbolNames
	fields  machine.Fields // of the machine's relocation types
}

// maxPadding limits the bytes that alignment may add to a file, and those that
// SHT_NOBITS input sections may add in output sections with contents, so that no
// small input makes a huge output.
const maxPadding = 1 << 30

// layout lays out the ELF header, the sections in order, and their relocations.
// placeTables continues with the symbol table and its strings, the section names
// and the section headers.
func (o *Object) layout() (*image, error) {
	im := &image{obj: o, fields: o.Machine.Fields()}
	before := uint64(0)
	for _, m := range o.Mapped {
		m.Base = before
		before += uint64(len(m.Data))
	}
	if err := o.checkSize(before); err != nil {
		return nil, err
	}
	im.orderSymbols()
	im.sectionNumbers()
	if im.padding > maxPadding {
		return nil, &Error{File: o.Name, Offset: -1, What: fmt.Sprintf("alignment adds %d bytes to the file", im.padding),
			Advice: "check the sections' alignments with readelf -S"}
	}
	if uint64(len(im.hdrs)) > math.MaxUint32 || uint64(im.nsyms) > math.MaxUint32 {
		return nil, &Error{File: o.Name, Offset: -1, What: "more sections or symbols than ELF can number"}
	}
	return im, nil
}

// checkSize checks that the file does not consist of zeros for the most part: in
// an output section with contents, SHT_NOBITS input sections become zeros.
func (o *Object) checkSize(inputs uint64) error {
	const most = math.MaxUint64
	total := uint64(0)
	for _, s := range o.Sections {
		if s != nil && s.HasContents() {
			total += min(s.Size, most-total)
		}
	}
	if total <= inputs+maxPadding {
		return nil // no need to look at millions of chunks
	}
	zeros := uint64(0)
	for _, s := range o.Sections {
		if s == nil || !s.HasContents() {
			continue
		}
		n, largest := s.zeros()
		if zeros += min(n, most-zeros); zeros > maxPadding {
			return &Error{File: largest.Object.Name, Section: largest.Name, Offset: -1,
				What:   fmt.Sprintf("section %s would have %d bytes of zeros in the file", s.Name, n),
				Advice: "check sizes and alignments with readelf -S, and put NOBITS sections into an output section of their own"}
		}
	}
	return nil
}

// zeros returns the number of bytes of a section that are not in memory, and
// which of its chunks, or the section itself, has the most of them.
func (s *Section) zeros() (n uint64, largest *Section) {
	n, largest = s.Size-min(s.Size, uint64(len(s.Data))), s
	most := uint64(0)
	for i := range s.Chunks {
		c := s.Chunks[i].Section
		data := min(c.Size, uint64(len(c.Data)))
		n -= data
		if c.Size-data > most && c.Object != nil {
			most, largest = c.Size-data, c
		}
	}
	return n, largest
}

// orderSymbols puts local symbols first (gABI, "Symbol Table": sh_info is one
// more than the last local symbol) and omits dropped ones.
func (im *image) orderSymbols() {
	syms := im.obj.Symbols
	sorted, dropped, seenGlobal := true, false, false
	nlocal := 1
	for i := 1; i < len(syms); i++ {
		switch s := &syms[i]; {
		case s.Section == droppedSection:
			dropped = true
		case s.IsLocal():
			nlocal++
			sorted = sorted && !seenGlobal
		default:
			seenGlobal = true
		}
	}
	im.nlocal, im.nsyms = nlocal, max(len(syms), 1)
	if sorted && !dropped {
		return
	}
	im.perm = make([]uint32, len(syms))
	im.order = make([]uint32, 1, len(syms))
	for _, local := range []bool{true, false} {
		for i := 1; i < len(syms); i++ {
			s := &syms[i]
			if s.Section == droppedSection {
				im.perm[i] = Discarded
			} else if s.IsLocal() == local {
				im.perm[i] = uint32(len(im.order))
				im.order = append(im.order, uint32(i))
			}
		}
	}
	im.nsyms = len(im.order)
}

// symbol returns the symbol with a number in the file.
func (im *image) symbol(n int) *Symbol {
	if im.order != nil {
		n = int(im.order[n])
	}
	return &im.obj.Symbols[n]
}

// number returns the number in the file of a symbol.
func (im *image) number(i uint32) uint32 {
	if im.perm != nil {
		return im.perm[i]
	}
	return i
}

// place appends an extent to the file and returns its offset.
func (im *image) place(align uint64, e extent) uint64 {
	e.off = (im.size + align - 1) &^ (align - 1)
	im.padding += e.off - im.size
	im.size = e.off
	if e.size > 0 {
		im.extents = append(im.extents, e)
		im.size += e.size
	}
	return e.off
}

// placeBytes places bytes in memory.
func (im *image) placeBytes(align uint64, b []byte) uint64 {
	return im.place(align, extent{size: uint64(len(b)), unit: 1, kind: literal, data: b})
}

// sectionNumbers numbers the sections and places their contents. A group's
// section comes before its members (gABI, "Section Groups").
func (im *image) sectionNumbers() {
	o := im.obj
	count := 1 + len(o.Groups)
	for _, s := range o.Sections {
		if s != nil {
			count += 2
		}
	}
	im.hdrs = make([]outShdr, 1, count+4)
	im.extents = make([]extent, 0, count+6)
	im.place(1, extent{size: ehdrSize, unit: ehdrSize, kind: fileHeader})

	for i := range o.Groups {
		o.Groups[i].index = len(im.hdrs)
		im.hdrs = append(im.hdrs, outShdr{name: o.Groups[i].Name})
	}
	relas := make([]int, len(o.Sections))
	for i, s := range o.Sections {
		if s == nil {
			continue
		}
		s.index = uint32(len(im.hdrs))
		im.hdrs = append(im.hdrs, outShdr{name: s.Name, shdr: shdr{
			typ: s.Type, flags: s.Flags, size: s.Size, addralign: s.Addralign, entsz: s.Entsize,
		}})
		if n := s.RelocCount(); s.IsLivepatch() {
			relas[i] = int(s.index)
		} else if n > 0 {
			relas[i] = len(im.hdrs)
			im.hdrs = append(im.hdrs, outShdr{name: RelocPrefix + s.Name, shdr: shdr{
				typ: elf.SHT_RELA, flags: elf.SHF_INFO_LINK | s.Flags&elf.SHF_GROUP,
				size: uint64(n) * relaSize, info: s.index, addralign: 8, entsz: relaSize,
			}})
		}
	}
	im.symtab = len(im.hdrs)
	for _, s := range o.Sections {
		if s == nil {
			continue
		}
		h := &im.hdrs[s.index]
		switch {
		case s.LinkOrder <= 0:
		case s.IsLivepatch():
			h.info, h.flags = o.Sections[s.LinkOrder].index, h.flags|elf.SHF_INFO_LINK
		default:
			h.link = o.Sections[s.LinkOrder].index
		}
		if s.HasContents() {
			h.off = im.place(max(s.Addralign, 1), extent{size: s.Size, unit: 1, kind: contents, section: s})
		} else {
			h.off = im.place(max(s.Addralign, 1), extent{})
		}
	}
	im.placeGroups(relas)
	for i, s := range o.Sections {
		if relas[i] != 0 {
			h := &im.hdrs[relas[i]]
			h.link = uint32(im.symtab)
			h.off = im.placeRelocs(s, h.size)
		}
	}
}

// placeRelocs places the relocations of a section. It divides them at chunks into
// extents from inputs that are near each other, so that they can be rendered
// without going through all chunks of the section.
func (im *image) placeRelocs(s *Section, size uint64) uint64 {
	e := extent{unit: relaSize, kind: relocs, section: s}
	if len(s.Chunks) == 0 {
		e.size = size
		return im.place(8, e)
	}
	start := im.place(8, extent{})
	first := uint64(0) // the input of the extent's first chunk
	for i := range s.Chunks {
		c := &s.Chunks[i]
		if len(c.Section.Relocs) == 0 {
			continue
		}
		if in := c.input(); e.size >= windows.window || e.size >= windows.small && in != math.MaxUint64 && in > first+windows.reach {
			im.place(8, e)
			e.size = 0
		}
		if e.size == 0 {
			e.chunk, first = i, c.input()
		}
		e.chunks = i + 1 - e.chunk
		e.size += uint64(len(c.Section.Relocs))
	}
	im.place(8, e)
	return start
}

// placeGroups places the member lists of section groups. The relocation section
// of a member is also a member.
func (im *image) placeGroups(relas []int) {
	for i := range im.obj.Groups {
		g := &im.obj.Groups[i]
		words := []uint32{g.Flags}
		for _, m := range g.Members {
			words = append(words, im.obj.Sections[m].index)
			if relas[m] != 0 && relas[m] != int(im.obj.Sections[m].index) {
				words = append(words, uint32(relas[m]))
			}
		}
		h := &im.hdrs[g.index]
		h.shdr = shdr{typ: elf.SHT_GROUP, size: uint64(len(words)) * 4, link: uint32(im.symtab),
			info: im.number(uint32(g.Signature)), addralign: 4, entsz: 4}
		list := make([]byte, 4*len(words))
		for j, w := range words {
			byteOrder(im.obj.BigEndian).PutUint32(list[4*j:], w)
		}
		h.off = im.placeBytes(4, list)
	}
}

// placeTables places the tables of the file, after nameSymbols.
func (im *image) placeTables() error {
	im.placeSymbols()
	return im.placeHeaders()
}

// placeSymbols places the symbol table, its string table and, if section numbers
// do not fit into st_shndx, the table of extended indices.
func (im *image) placeSymbols() {
	symtab := im.symtab
	size := uint64(im.nsyms) * symSize
	im.hdrs = append(im.hdrs,
		outShdr{name: ".symtab", shdr: shdr{typ: elf.SHT_SYMTAB, size: size, link: uint32(symtab + 1),
			info: uint32(im.nlocal), addralign: 8, entsz: symSize}},
		outShdr{name: ".strtab", shdr: shdr{typ: elf.SHT_STRTAB, size: im.names.size, addralign: 1}})
	im.hdrs[symtab].off = im.place(8, extent{size: size, unit: symSize, kind: symbols})
	im.hdrs[symtab+1].off = im.place(1, extent{size: im.names.size, unit: 1, kind: symbolStrings})
	if symtab+4 >= int(elf.SHN_LORESERVE) {
		size := uint64(im.nsyms) * 4
		im.hdrs = append(im.hdrs, outShdr{name: ".symtab_shndx", shdr: shdr{typ: elf.SHT_SYMTAB_SHNDX, size: size,
			link: uint32(symtab), addralign: 4, entsz: 4}})
		im.hdrs[symtab+2].off = im.place(4, extent{size: size, unit: 4, kind: indices})
	}
}

// placeHeaders places the section names and the section header table.
func (im *image) placeHeaders() error {
	im.hdrs = append(im.hdrs, outShdr{name: ".shstrtab", shdr: shdr{typ: elf.SHT_STRTAB, addralign: 1}})
	last := len(im.hdrs) - 1
	var t stringTable
	for i := 1; i < len(im.hdrs); i++ {
		// ".text" is the tail of ".rela.text".
		if h := &im.hdrs[i]; i+1 < len(im.hdrs) && h.name != "" && im.hdrs[i+1].typ == elf.SHT_RELA && im.hdrs[i+1].name == RelocPrefix+h.name {
			h.nameOff = t.add(im.hdrs[i+1].name) + uint32(len(RelocPrefix))
		} else {
			h.nameOff = t.add(h.name)
		}
	}
	if uint64(len(t.bytes)) > math.MaxUint32 || im.names.size > math.MaxUint32 {
		return &Error{File: im.obj.Name, Offset: -1, What: "names take more than 4 GiB, the limit of ELF", Advice: "use a shorter prefix"}
	}
	im.hdrs[last].size = uint64(len(t.bytes))
	im.hdrs[last].off = im.placeBytes(1, t.bytes)
	im.shoff = im.place(8, extent{size: uint64(len(im.hdrs)) * shdrSize, unit: shdrSize, kind: headers})
	return nil
}
