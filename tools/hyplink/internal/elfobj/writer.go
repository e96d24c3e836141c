package elfobj

import (
	"debug/elf"
	"fmt"
	"math"
)

// extent is a run of bytes of the output file that can be written on its own.
type extent struct {
	off, size uint64
	unit      uint64 // it may be cut at multiples of this many bytes
	// render writes the bytes from `from` to `from+len(b)` of the extent into
	// b, which is all zero.
	render func(b []byte, from uint64) error
}

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
	names   []uint32 // offsets into strtab, by number in the file
	known   relocSet // the machine's relocation types
}

// maxPadding is the most padding that a file may have, in bytes: no input may
// make an output that is out of all proportion.
const maxPadding = 1 << 30

// layout decides where everything stands in the file: the ELF header, the
// sections in order, the symbol table and its strings, the relocations, the
// section names, and the section headers.
func (o *Object) layout() (*image, error) {
	im := &image{obj: o, size: ehdrSize, known: o.Machine.relocSet()}
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
func (im *image) place(size, align, unit uint64, render func([]byte, uint64) error) uint64 {
	off := (im.size + align - 1) &^ (align - 1)
	im.padding += off - im.size
	im.size = off
	if size > 0 {
		im.extents = append(im.extents, extent{off, size, unit, render})
		im.size += size
	}
	return off
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
			h.off = im.place(s.Size, max(s.Addralign, 1), 1, s.renderAt)
		} else {
			h.off = im.place(0, max(s.Addralign, 1), 1, nil)
		}
	}
	im.placeGroups(symtab, relas)
	im.placeSymbols(symtab, extended)
	for i, s := range o.Sections {
		if relas[i] != 0 {
			h := &im.hdrs[relas[i]]
			h.link = uint32(symtab)
			h.off = im.place(h.size, 8, relaSize, func(b []byte, from uint64) error { return im.renderRelocs(s, b, from) })
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
		h.off = im.place(h.size, 4, 4, func(b []byte, from uint64) error {
			ord := byteOrder(im.obj.BigEndian)
			for j := 0; j < len(b); j += 4 {
				ord.PutUint32(b[j:], words[(from+uint64(j))/4])
			}
			return nil
		})
	}
}

// placeSymbols places the symbol table, its strings and, when section numbers
// do not fit into st_shndx, the table of extended indices.
func (im *image) placeSymbols(symtab int, extended bool) {
	im.names = make([]uint32, im.nsyms)
	im.strtab.reset(im.nsyms)
	for i := 1; i < im.nsyms; i++ {
		im.names[i] = im.strtab.add(im.symbol(i).Name)
	}
	size := uint64(im.nsyms) * symSize
	im.hdrs = append(im.hdrs,
		outShdr{name: ".symtab", shdr: shdr{typ: elf.SHT_SYMTAB, size: size, link: uint32(symtab + 1),
			info: uint32(im.nlocal), addralign: 8, entsz: symSize}},
		outShdr{name: ".strtab", shdr: shdr{typ: elf.SHT_STRTAB, size: uint64(len(im.strtab.bytes)), addralign: 1}})
	im.hdrs[symtab].off = im.place(size, 8, symSize, im.renderSymbols)
	im.hdrs[symtab+1].off = im.place(uint64(len(im.strtab.bytes)), 1, 1, renderBytes(im.strtab.bytes))
	if extended {
		size := uint64(im.nsyms) * 4
		im.hdrs = append(im.hdrs, outShdr{name: ".symtab_shndx", shdr: shdr{typ: elf.SHT_SYMTAB_SHNDX, size: size,
			link: uint32(symtab), addralign: 4, entsz: 4}})
		im.hdrs[symtab+2].off = im.place(size, 4, 4, im.renderExtended)
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
	im.hdrs[last].off = im.place(uint64(len(t.bytes)), 1, 1, renderBytes(t.bytes))
	im.shoff = im.place(uint64(len(im.hdrs))*shdrSize, 8, shdrSize, im.renderHeaders)
	im.extents = append([]extent{{0, ehdrSize, ehdrSize, im.renderEhdr}}, im.extents...)
	return nil
}
