package elfobj

import (
	"debug/elf"
	"fmt"
	"math"
)

// extent is a run of bytes of the output file that can be written on its own.
type extent struct {
	off, size uint64
	unit      uint32 // it may be cut at multiples of this many bytes
	kind      extentKind
	section   *Section // of contents and relocs
	data      []byte   // of literal
}

// extentKind says what an extent holds, and so how it is rendered.
type extentKind uint8

const (
	contents extentKind = iota // a section's bytes
	relocs                     // a section's relocations
	literal                    // bytes that are in memory
	symbols                    // the symbol table
	indices                    // section numbers that do not fit into it
	headers                    // the section header table
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
	padding uint64 // bytes of size that only align
	shoff   uint64
	perm    []uint32 // index in obj.Symbols -> number in the file; nil when equal
	order   []uint32 // number in the file -> index in obj.Symbols; nil when equal
	nsyms   int
	nlocal  int
	strtab  stringTable
	names   []uint32   // offsets into strtab, by number in the file
	fields  fieldSizes // of the machine's relocation types
}

// maxPadding is the most padding that a file may have, in bytes: no input may
// make an output that is out of all proportion.
const maxPadding = 1 << 30

// layout decides where everything stands in the file: the ELF header, the
// sections in order, the symbol table and its strings, the relocations, the
// section names, and the section headers.
func (o *Object) layout() (*image, error) {
	im := &image{obj: o, fields: o.Machine.fields}
	im.orderSymbols()
	if err := im.sectionNumbers(); err != nil {
		return nil, err
	}
	if im.padding > maxPadding {
		return nil, &Error{File: o.Name, Offset: -1, What: fmt.Sprintf("alignment pads the file with %d bytes", im.padding),
			Advice: "an alignment is wrong: look at the sections' with readelf -S"}
	}
	if uint64(len(im.hdrs)) > math.MaxUint32 || uint64(im.nsyms) > math.MaxUint32 {
		return nil, &Error{File: o.Name, Offset: -1, What: "more sections or symbols than ELF can number"}
	}
	return im, nil
}

// orderSymbols puts local symbols first (gABI, "Symbol Table": sh_info is one
// more than the last local symbol) and leaves dropped ones out.
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
				im.perm[i] = Gone
			} else if s.IsLocal() == local {
				im.perm[i] = uint32(len(im.order))
				im.order = append(im.order, uint32(i))
			}
		}
	}
	im.nsyms = len(im.order)
}

// symbol returns the symbol of a number in the file.
func (im *image) symbol(n int) *Symbol {
	if im.order != nil {
		n = int(im.order[n])
	}
	return &im.obj.Symbols[n]
}

// number returns the number in the file of a symbol of the object.
func (im *image) number(i uint32) uint32 {
	if im.perm != nil {
		return im.perm[i]
	}
	return i
}

// place gives an extent its place in the file.
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

// placeBytes places bytes that are in memory.
func (im *image) placeBytes(align uint64, b []byte) uint64 {
	return im.place(align, extent{size: uint64(len(b)), unit: 1, kind: literal, data: b})
}

// sectionNumbers numbers the sections and places their contents. A group's
// section comes before its members (gABI, "Section Groups").
func (im *image) sectionNumbers() error {
	o := im.obj
	count := 1 + len(o.Groups)
	for _, s := range o.Sections {
		if s != nil {
			count++
			if s.RelocCount() > 0 {
				count++
			}
		}
	}
	extended := count+4 >= int(elf.SHN_LORESERVE)
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
		s.index = len(im.hdrs)
		im.hdrs = append(im.hdrs, outShdr{name: s.Name, shdr: shdr{
			typ: s.Type, flags: s.Flags, size: s.Size, addralign: s.Addralign, entsz: s.Entsize,
		}})
		if n := s.RelocCount(); n > 0 {
			relas[i] = len(im.hdrs)
			im.hdrs = append(im.hdrs, outShdr{name: ".rela" + s.Name, shdr: shdr{
				typ: elf.SHT_RELA, flags: elf.SHF_INFO_LINK | s.Flags&elf.SHF_GROUP,
				size: uint64(n) * relaSize, info: uint32(s.index), addralign: 8, entsz: relaSize,
			}})
		}
	}
	symtab := len(im.hdrs)
	for _, s := range o.Sections {
		if s == nil {
			continue
		}
		h := &im.hdrs[s.index]
		if s.LinkOrder > 0 {
			h.link = uint32(o.Sections[s.LinkOrder].index)
		}
		if s.HasContents() {
			h.off = im.place(max(s.Addralign, 1), extent{size: s.Size, unit: 1, kind: contents, section: s})
		} else {
			h.off = im.place(max(s.Addralign, 1), extent{})
		}
	}
	im.placeGroups(symtab, relas)
	im.placeSymbols(symtab, extended)
	for i, s := range o.Sections {
		if relas[i] != 0 {
			h := &im.hdrs[relas[i]]
			h.link = uint32(symtab)
			h.off = im.place(8, extent{size: h.size, unit: relaSize, kind: relocs, section: s})
		}
	}
	return im.placeHeaders()
}

// placeGroups places the member lists of section groups. The relocation
// section of a member is a member too.
func (im *image) placeGroups(symtab int, relas []int) {
	for i := range im.obj.Groups {
		g := &im.obj.Groups[i]
		words := []uint32{g.Flags}
		for _, m := range g.Members {
			words = append(words, uint32(im.obj.Sections[m].index))
			if relas[m] != 0 {
				words = append(words, uint32(relas[m]))
			}
		}
		h := &im.hdrs[g.index]
		h.shdr = shdr{typ: elf.SHT_GROUP, size: uint64(len(words)) * 4, link: uint32(symtab),
			info: im.number(uint32(g.Signature)), addralign: 4, entsz: 4}
		list := make([]byte, 4*len(words))
		for j, w := range words {
			byteOrder(im.obj.BigEndian).PutUint32(list[4*j:], w)
		}
		h.off = im.placeBytes(4, list)
	}
}

// placeSymbols places the symbol table, its strings and, when section numbers
// do not fit into st_shndx, the table of extended indices.
func (im *image) placeSymbols(symtab int, extended bool) {
	im.names = make([]uint32, im.nsyms)
	im.strtab.reset(im.nsyms)
	for i := 1; i < im.nsyms; i++ {
		if s := im.symbol(i); s.IsLocal() {
			im.names[i] = im.strtab.add(s.Name)
		} else {
			im.names[i] = im.strtab.append(s.Name) // no other has it
		}
	}
	size := uint64(im.nsyms) * symSize
	im.hdrs = append(im.hdrs,
		outShdr{name: ".symtab", shdr: shdr{typ: elf.SHT_SYMTAB, size: size, link: uint32(symtab + 1),
			info: uint32(im.nlocal), addralign: 8, entsz: symSize}},
		outShdr{name: ".strtab", shdr: shdr{typ: elf.SHT_STRTAB, size: uint64(len(im.strtab.bytes)), addralign: 1}})
	im.hdrs[symtab].off = im.place(8, extent{size: size, unit: symSize, kind: symbols})
	im.hdrs[symtab+1].off = im.placeBytes(1, im.strtab.bytes)
	if extended {
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
	t.reset(len(im.hdrs))
	for i := 1; i < len(im.hdrs); i++ {
		// ".text" is the tail of ".rela.text".
		if h := &im.hdrs[i]; i+1 < len(im.hdrs) && h.name != "" && im.hdrs[i+1].typ == elf.SHT_RELA && im.hdrs[i+1].name == ".rela"+h.name {
			h.nameOff = t.add(im.hdrs[i+1].name) + uint32(len(".rela"))
		} else {
			h.nameOff = t.add(h.name)
		}
	}
	if uint64(len(t.bytes)) > math.MaxUint32 || uint64(len(im.strtab.bytes)) > math.MaxUint32 {
		return fmt.Errorf("%s: names take more than 4 GiB, which ELF cannot express; use a shorter prefix", im.obj.Name)
	}
	im.hdrs[last].size = uint64(len(t.bytes))
	im.hdrs[last].off = im.placeBytes(1, t.bytes)
	im.shoff = im.place(8, extent{size: uint64(len(im.hdrs)) * shdrSize, unit: shdrSize, kind: headers})
	return nil
}
