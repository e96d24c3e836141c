// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"fmt"
	"math"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// extent is a range of bytes in the output file. There can be millions of them.
type extent struct {
	off, size uint64
	section   *Section // of contents and relocs
	chunk     uint32   // of relocs: the first chunk; of literal: the index in image.literals
	chunks    uint32   // of relocs: the number of chunks
	kind      extentKind
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

// unit returns the size in bytes of the units that an extent is rendered in.
func (k extentKind) unit() uint64 {
	switch k {
	case relocs:
		return relaSize
	case symbols:
		return symSize
	case indices:
		return 4
	case headers:
		return shdrSize
	case fileHeader:
		return ehdrSize
	}
	return 1
}

// outShdr is a section header of the output. There can be millions of them: what
// is known elsewhere is added when it is written.
type outShdr struct {
	off, size uint64
	nameOff   uint32
	link      uint32
	index     uint32 // see shdrKind
	kind      shdrKind
}

// shdrKind says what a section header describes.
type shdrKind uint8

const (
	noHdr      shdrKind = iota
	sectionHdr          // index is in Object.Sections
	relocHdr            // the relocations of that section
	groupHdr            // index is in Object.Groups
	tableHdr            // index is in image.tables
)

// table is a table of the file format, with what differs between their headers.
type table struct {
	name             string
	typ              elf.SectionType
	info             uint32
	addralign, entsz uint64
}

// image is an object laid out as a file.
type image struct {
	obj     *Object
	hdrs    []outShdr
	extents []extent
	tables  []table
	// literals are bytes in memory, which literal extents refer to.
	literals [][]byte
	size     uint64
	padding  uint64 // bytes of size that are alignment
	shoff    uint64
	perm     []uint32 // index in obj.Symbols -> number in the file; nil if equal
	order    []uint32 // number in the file -> index in obj.Symbols; nil if equal
	nsyms    int
	nlocal   int
	symtab   int // section number of the symbol table
	names    symbolNames
	fields   machine.Fields // of the machine's relocation types
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
		return nil, &Error{
			Code: errcode.TooManyZeros, File: o.Name, Offset: -1, What: fmt.Sprintf("alignment adds %d bytes to the file", im.padding),
			Advice: "check the sections' alignments with readelf -S",
		}
	}
	if uint64(len(im.hdrs)) > math.MaxUint32 || uint64(im.nsyms) > math.MaxUint32 {
		return nil, &Error{Code: errcode.TooManyNames, File: o.Name, Offset: -1, What: "more sections or symbols than ELF can number"}
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
			return &Error{
				Code: errcode.TooManyZeros, File: largest.Object.Name, Section: largest.Name, Offset: -1,
				What:   fmt.Sprintf("section %s would have %d bytes of zeros in the file", s.Name, n),
				Advice: "check sizes and alignments with readelf -S, and put NOBITS sections into an output section of their own",
			}
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
	if sorted && !dropped && im.obj.GlobalOrder == nil {
		return
	}
	im.perm = make([]uint32, len(syms))
	im.order = make([]uint32, 1, len(syms))
	write := func(i uint32) {
		im.perm[i] = uint32(len(im.order))
		im.order = append(im.order, i)
	}
	for i := 1; i < len(syms); i++ {
		if s := &syms[i]; s.Section == droppedSection {
			im.perm[i] = Discarded
		} else if s.IsLocal() {
			write(uint32(i))
		}
	}
	for _, i := range im.obj.GlobalOrder {
		if im.perm[i] == 0 {
			write(i)
		}
	}
	for i := 1; i < len(syms); i++ {
		if im.perm[i] == 0 {
			write(uint32(i))
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
	im.literals = append(im.literals, b)
	return im.place(align, extent{size: uint64(len(b)), kind: literal, chunk: uint32(len(im.literals) - 1)})
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
	im.place(1, extent{size: ehdrSize, kind: fileHeader})

	for i := range o.Groups {
		o.Groups[i].index = len(im.hdrs)
		im.hdrs = append(im.hdrs, outShdr{kind: groupHdr, index: uint32(i)})
	}
	relas := make([]uint32, len(o.Sections)) // their headers
	for i, s := range o.Sections {
		if s == nil {
			continue
		}
		s.index = uint32(len(im.hdrs))
		im.hdrs = append(im.hdrs, outShdr{kind: sectionHdr, index: uint32(i), size: s.Size})
		if n := s.RelocCount(); s.IsLivepatch() {
			relas[i] = s.index
		} else if n > 0 && o.relocOrder == nil {
			relas[i] = im.addRelocs(i, n)
		}
	}
	if o.relocOrder != nil {
		for _, i := range o.RelocOrder() {
			if n := o.Sections[i].RelocCount(); n > 0 && relas[i] == 0 {
				relas[i] = im.addRelocs(int(i), n)
			}
		}
	}
	im.symtab = len(im.hdrs)
	for _, s := range o.Sections {
		if s == nil {
			continue
		}
		h := &im.hdrs[s.index]
		if s.LinkOrder > 0 && !s.IsLivepatch() {
			h.link = o.Sections[s.LinkOrder].index
		}
		if s.HasContents() {
			h.off = im.place(max(s.Addralign, 1), extent{size: s.Size, kind: contents, section: s})
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
	e := extent{kind: relocs, section: s}
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
			e.chunk, first = uint32(i), c.input()
		}
		e.chunks = uint32(i) + 1 - e.chunk
		e.size += uint64(len(c.Section.Relocs))
	}
	im.place(8, e)
	return start
}

// addRelocs adds the header of the relocations of a section.
func (im *image) addRelocs(section, count int) (header uint32) {
	im.hdrs = append(im.hdrs, outShdr{kind: relocHdr, index: uint32(section), size: uint64(count) * relaSize})
	return uint32(len(im.hdrs) - 1)
}

// placeGroups places the member lists of section groups. The relocation section
// of a member is also a member.
func (im *image) placeGroups(relas []uint32) {
	if len(im.obj.Groups) == 0 {
		return
	}
	words := 0
	for i := range im.obj.Groups {
		words += 1 + 2*len(im.obj.Groups[i].Members)
	}
	lists, ord := make([]byte, 0, 4*words), byteOrder(im.obj.BigEndian)
	put := func(word uint32) {
		lists = lists[:len(lists)+4]
		ord.PutUint32(lists[len(lists)-4:], word)
	}
	for i := range im.obj.Groups {
		g := &im.obj.Groups[i]
		h := &im.hdrs[g.index]
		h.off = uint64(len(lists))
		put(g.Flags)
		for _, m := range g.Members {
			put(im.obj.Sections[m].index)
			if relas[m] != 0 && relas[m] != im.obj.Sections[m].index {
				put(relas[m])
			}
		}
		h.size, h.link = uint64(len(lists))-h.off, uint32(im.symtab)
	}
	start := im.placeBytes(4, lists)
	for i := range im.obj.Groups {
		im.hdrs[im.obj.Groups[i].index].off += start
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
	im.placeTable(table{name: ".symtab", typ: elf.SHT_SYMTAB, info: uint32(im.nlocal), addralign: 8, entsz: symSize}, uint32(symtab+1),
		extent{size: size, kind: symbols})
	im.placeTable(table{name: ".strtab", typ: elf.SHT_STRTAB, addralign: 1}, 0, extent{size: im.names.size, kind: symbolStrings})
	if symtab+4 >= int(elf.SHN_LORESERVE) {
		im.placeTable(table{name: ".symtab_shndx", typ: elf.SHT_SYMTAB_SHNDX, addralign: 4, entsz: 4}, uint32(symtab),
			extent{size: uint64(im.nsyms) * 4, kind: indices})
	}
}

// placeTable appends the header of a table and places its contents.
func (im *image) placeTable(t table, link uint32, e extent) {
	im.tables = append(im.tables, t)
	im.hdrs = append(im.hdrs, outShdr{kind: tableHdr, index: uint32(len(im.tables) - 1), size: e.size, link: link, off: im.place(t.addralign, e)})
}

// placeHeaders places the section names and the section header table.
func (im *image) placeHeaders() error {
	im.tables = append(im.tables, table{name: ".shstrtab", typ: elf.SHT_STRTAB, addralign: 1})
	im.hdrs = append(im.hdrs, outShdr{kind: tableHdr, index: uint32(len(im.tables) - 1)})
	last := len(im.hdrs) - 1
	var t stringTable
	for i := 1; i < len(im.hdrs); i++ {
		// ".text" is the tail of ".rela.text", if that is next.
		if h := &im.hdrs[i]; i < last && h.kind == sectionHdr && im.hdrs[i+1].kind == relocHdr && im.hdrs[i+1].index == h.index && im.name(h) != "" {
			h.nameOff = t.add(RelocPrefix, im.name(h)) + uint32(len(RelocPrefix))
		} else if h.kind == relocHdr {
			h.nameOff = t.add(RelocPrefix, im.name(h))
		} else {
			h.nameOff = t.add("", im.name(h))
		}
	}
	if uint64(len(t.bytes)) > math.MaxUint32 || im.names.size > math.MaxUint32 {
		return &Error{Code: errcode.TooManyNames, File: im.obj.Name, Offset: -1, What: "names take more than 4 GiB, the limit of ELF", Advice: "use a shorter prefix"}
	}
	im.hdrs[last].size = uint64(len(t.bytes))
	im.hdrs[last].off = im.placeBytes(1, t.bytes)
	im.shoff = im.place(8, extent{size: uint64(len(im.hdrs)) * shdrSize, kind: headers})
	return nil
}

// name returns the name of what a section header describes, for relocations that
// of their section.
func (im *image) name(h *outShdr) string {
	switch h.kind {
	case sectionHdr, relocHdr:
		return im.obj.Sections[h.index].Name
	case groupHdr:
		return im.obj.Groups[h.index].Name
	}
	return im.tables[h.index].name
}
