// SPDX-License-Identifier: Apache-2.0

// Package elfbuild builds relocatable ELF objects for tests, including ones that no
// compiler writes: both byte orders, 32 and 64 bits, groups, more sections than fit
// into 16 bits. It checks nothing, so that it can build invalid objects as well, and
// uses none of hyplink's code.
package elfbuild

import (
	"debug/elf"
	"encoding/binary"
	"sort"
)

// File describes an object. The zero values of Class, Order, Type and Machine mean a
// 64-bit little-endian relocatable object for AArch64.
type File struct {
	Class   elf.Class
	Order   elf.Data
	Type    elf.Type
	Machine elf.Machine
	OSABI   elf.OSABI
	Flags   uint32
	// Sections are the sections with contents, numbered from 1. The tables of the
	// file format (symbols, strings, relocations, groups) are generated.
	Sections []Section
	// Symbols are numbered from 1. In the file, local symbols come first.
	Symbols []Symbol
	Groups  []Group
}

// Section is a section with contents.
type Section struct {
	Name    string
	Type    elf.SectionType // the zero value means SHT_PROGBITS
	Flags   elf.SectionFlag
	Data    []byte
	Size    uint64 // without Data: the size in memory in bytes
	Align   uint64
	Entsize uint64
	Link    int // a section number, for SHF_LINK_ORDER
	Relocs  []Reloc
	Rel     bool // write SHT_REL, which has no addends
}

// Special values of Symbol.Section.
const (
	Undefined = 0
	Absolute  = -1
	Common    = -2
)

// Symbol is an entry of the symbol table.
type Symbol struct {
	Name        string
	Section     int // a section number, Undefined, Absolute or Common
	Value, Size uint64
	Bind        elf.SymBind
	Type        elf.SymType
	Vis         elf.SymVis
}

// Reloc is a relocation.
type Reloc struct {
	Offset uint64
	Type   uint32
	Symbol int // a symbol number, or 0
	Addend int64
}

// Group is a section group.
type Group struct {
	Signature int    // a symbol number
	Flags     uint32 // 1 is GRP_COMDAT
	Members   []int  // section numbers; their relocation sections are added
}

// header is a section header of the file.
type header struct {
	name                       string
	typ                        elf.SectionType
	flags                      elf.SectionFlag
	data                       []byte
	size, align, entsize, offs uint64
	link, info                 uint32
}

// byteOrder is binary.LittleEndian or binary.BigEndian.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// builder is the state of Bytes.
type builder struct {
	f       *File
	o       byteOrder
	wide    bool
	hdrs    []header
	section []uint32 // number in File -> number in the file
	reloc   []uint32 // the same for its relocation section, or 0
	symbol  []uint32 // number in File -> number in the file
	order   []int    // the inverse
}

// Bytes returns the contents of the file.
func (f *File) Bytes() []byte {
	b := &builder{f: f, o: binary.LittleEndian, wide: f.Class != elf.ELFCLASS32, hdrs: make([]header, 1)}
	if f.Order == elf.ELFDATA2MSB {
		b.o = binary.BigEndian
	}
	b.number()
	b.groups()
	b.sections()
	b.symbols()
	return b.assemble()
}

// number numbers groups, sections, each followed by its relocation section, and
// symbols, local ones first.
func (b *builder) number() {
	next := uint32(1 + len(b.f.Groups))
	b.section, b.reloc = make([]uint32, len(b.f.Sections)+1), make([]uint32, len(b.f.Sections)+1)
	for i := range b.f.Sections {
		b.section[i+1] = next
		next++
		if len(b.f.Sections[i].Relocs) > 0 {
			b.reloc[i+1] = next
			next++
		}
	}
	b.order = []int{0}
	for i := range b.f.Symbols {
		b.order = append(b.order, i+1)
	}
	sort.SliceStable(b.order[1:], func(i, j int) bool {
		return b.f.Symbols[b.order[1+i]-1].Bind == elf.STB_LOCAL && b.f.Symbols[b.order[1+j]-1].Bind != elf.STB_LOCAL
	})
	b.symbol = make([]uint32, len(b.order))
	for at, i := range b.order {
		b.symbol[i] = uint32(at)
	}
}

// symtab returns the number of the symbol table, which follows the sections.
func (b *builder) symtab() uint32 {
	last := uint32(len(b.f.Groups))
	for i := range b.section {
		last = max(last, b.section[i], b.reloc[i])
	}
	return last + 1
}

func (b *builder) groups() {
	for _, g := range b.f.Groups {
		data := b.o.AppendUint32(nil, g.Flags)
		for _, m := range g.Members {
			data = b.o.AppendUint32(data, b.section[m])
			if b.reloc[m] != 0 {
				data = b.o.AppendUint32(data, b.reloc[m])
			}
		}
		b.hdrs = append(b.hdrs, header{
			name: ".group", typ: elf.SHT_GROUP, data: data, align: 4, entsize: 4,
			link: b.symtab(), info: b.symbol[g.Signature],
		})
	}
}

func (b *builder) sections() {
	for i := range b.f.Sections {
		s := &b.f.Sections[i]
		h := header{name: s.Name, typ: s.Type, flags: s.Flags, data: s.Data, size: s.Size, align: s.Align, entsize: s.Entsize}
		if h.typ == elf.SHT_NULL {
			h.typ = elf.SHT_PROGBITS
		}
		if s.Link > 0 {
			h.link = b.section[s.Link]
		}
		b.hdrs = append(b.hdrs, h)
		if len(s.Relocs) == 0 {
			continue
		}
		r := header{
			name: ".rela" + s.Name, typ: elf.SHT_RELA, flags: elf.SHF_INFO_LINK, align: b.word(),
			entsize: 3 * b.word(), link: b.symtab(), info: b.section[i+1],
		}
		if s.Rel {
			r.name, r.typ, r.entsize = ".rel"+s.Name, elf.SHT_REL, 2*b.word()
		}
		for _, rel := range s.Relocs {
			r.data = b.append(r.data, rel.Offset)
			if b.wide {
				r.data = b.append(r.data, uint64(b.symbol[rel.Symbol])<<32|uint64(rel.Type))
			} else {
				r.data = b.append(r.data, uint64(b.symbol[rel.Symbol])<<8|uint64(rel.Type&0xff))
			}
			if !s.Rel {
				r.data = b.append(r.data, uint64(rel.Addend))
			}
		}
		b.hdrs = append(b.hdrs, r)
	}
}

// symbols adds the symbol table, its string table, and SHT_SYMTAB_SHNDX if a section
// number does not fit into 16 bits (gABI, "Symbol Table").
func (b *builder) symbols() {
	var table, extended []byte
	strings := stringTable{}
	strings.add("")
	needExtended := false
	locals := uint32(1)
	for at, i := range b.order {
		var s Symbol
		if at > 0 {
			s = b.f.Symbols[i-1]
			if s.Bind == elf.STB_LOCAL {
				locals++
			}
		}
		shndx, wide := uint16(0), uint32(0)
		switch {
		case s.Section == Absolute:
			shndx = uint16(elf.SHN_ABS)
		case s.Section == Common:
			shndx = uint16(elf.SHN_COMMON)
		case s.Section > 0 && b.section[s.Section] >= uint32(elf.SHN_LORESERVE):
			shndx, wide, needExtended = uint16(elf.SHN_XINDEX), b.section[s.Section], true
		case s.Section > 0:
			shndx = uint16(b.section[s.Section])
		}
		table = b.o.AppendUint32(table, strings.add(s.Name))
		if !b.wide {
			table = b.append(b.append(table, s.Value), s.Size)
		}
		table = append(table, elf.ST_INFO(s.Bind, s.Type), byte(s.Vis))
		table = b.o.AppendUint16(table, shndx)
		if b.wide {
			table = b.append(b.append(table, s.Value), s.Size)
		}
		extended = b.o.AppendUint32(extended, wide)
	}
	symtab := uint32(len(b.hdrs))
	strtab := symtab + 1
	if needExtended {
		strtab++
	}
	b.hdrs = append(b.hdrs, header{
		name: ".symtab", typ: elf.SHT_SYMTAB, data: table, align: b.word(),
		entsize: uint64(len(table) / len(b.order)), link: strtab, info: locals,
	})
	if needExtended {
		b.hdrs = append(b.hdrs, header{name: ".symtab_shndx", typ: elf.SHT_SYMTAB_SHNDX, data: extended, align: 4, entsize: 4, link: symtab})
	}
	b.hdrs = append(b.hdrs, header{name: ".strtab", typ: elf.SHT_STRTAB, data: strings.data, align: 1})
}
