package elfobj

import (
	"debug/elf"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/machine"
	"github.com/rules-hyp/rules_hyp/internal/nametable"
)

// SectionIndex says where a symbol is defined: the index of a section in
// [Object.Sections], or one of the reserved values below. It is not the number
// in the file (st_shndx): symbol tables, string tables and relocation sections
// have no index here, and SHN_XINDEX is already resolved.
type SectionIndex int32

// Reserved section indices (gABI, "Special Section Indexes").
const (
	Undefined SectionIndex = 0  // SHN_UNDEF
	Absolute  SectionIndex = -1 // SHN_ABS
	Common    SectionIndex = -2 // SHN_COMMON: Value is the alignment in bytes
	// Livepatch is SHN_LIVEPATCH, which is Linux's own: a symbol that the kernel
	// resolves when it applies a live patch (Documentation/livepatch/module-elf-format.rst).
	Livepatch SectionIndex = -3
)

// Symbol is an entry of the symbol table.
type Symbol struct {
	Name    string
	Value   uint64 // offset into Section; alignment for Common
	Size    uint64 // bytes
	Section SectionIndex
	Info    uint8 // binding and type (st_info)
	Other   uint8 // visibility and processor bits (st_other)
}

// Binding is STB_LOCAL, STB_GLOBAL, STB_WEAK or STB_GNU_UNIQUE.
func (s *Symbol) Binding() elf.SymBind { return elf.SymBind(s.Info >> 4) }

// Type is STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION and so on.
func (s *Symbol) Type() elf.SymType { return elf.SymType(s.Info & 0xf) }

// Visibility is STV_DEFAULT, STV_HIDDEN, STV_PROTECTED or STV_INTERNAL.
func (s *Symbol) Visibility() elf.SymVis { return elf.SymVis(s.Other & 0x3) }

// IsLocal reports whether the symbol is bound to its object (STB_LOCAL).
func (s *Symbol) IsLocal() bool { return s.Info>>4 == 0 }

// IsUndefined reports whether the symbol is a reference to another object.
func (s *Symbol) IsUndefined() bool { return s.Section == Undefined }

// IsMapping reports whether the symbol is a mapping symbol such as $x, $d or
// $d.1 (AAELF64 5.5.4), or $xrv64i2p1 (RISC-V psABI, "Mapping Symbol"): it tells
// code from data and names nothing.
func (s *Symbol) IsMapping() bool {
	n := s.Name
	return len(n) >= 2 && n[0] == '$' && (n[1] == 'x' || n[1] == 'd' || n[1] == 'a' || n[1] == 't') &&
		(len(n) == 2 || n[2] == '.' || n[1] == 'x' && strings.HasPrefix(n[2:], "rv")) && s.IsLocal()
}

// SymInfo packs a binding and a type into st_info.
func SymInfo(b elf.SymBind, t elf.SymType) uint8 { return uint8(b)<<4 | uint8(t)&0xf }

// Source names an input section that a chunk of an output section came from.
type Source struct {
	File    string // the input object
	Section string // the input section's name
}

// Chunk is a section as a part of another one.
type Chunk struct {
	Offset uint64 // where it stands there
	// Section has the bytes, and the relocations that apply to them. Where its
	// Object is nil the linker made it.
	Section *Section
}

// end is the offset behind the chunk.
func (c *Chunk) end() uint64 { return c.Offset + c.Section.Size }

// Source names the input section that the chunk came from; it is zero for
// bytes that the linker made.
func (c *Chunk) Source() Source {
	if c.Section.Object == nil {
		return Source{}
	}
	return Source{File: c.Section.Object.Name, Section: c.Section.Name}
}

// TypeSFrame is SHT_GNU_SFRAME: stack trace information. Assemblers before
// binutils 2.45 write SHT_PROGBITS.
const TypeSFrame elf.SectionType = 0x6ffffff4

// Section is a section with contents, and the relocations that apply to it. It
// has bytes of its own, or is put together from sections that have.
type Section struct {
	Name string
	// Object is what the section belongs to; nil for bytes that the linker made.
	Object    *Object
	Type      elf.SectionType
	Flags     elf.SectionFlag
	Size      uint64 // bytes
	Addralign uint64 // bytes; 0 and 1 mean none
	Entsize   uint64 // bytes; of tables and mergeable sections
	// LinkOrder is the section that this one follows (SHF_LINK_ORDER); the
	// flag with 0 here means that the target is gone.
	LinkOrder SectionIndex
	index     uint32 // position in the section header table of the file read or written
	// Data is the contents. Where it is shorter than Size it is repeated, so
	// that padding needs no memory; nil stands for zeros, and for nothing at
	// all in a section without contents (SHT_NOBITS).
	Data []byte
	// Relocs are the relocations that apply to Data: Elf64_Rela entries as they
	// stand in a file, with symbol indices of Object.
	Relocs []byte
	// Chunks are what the section is put together from, instead of Data and
	// Relocs. They are in order of Offset and do not overlap; the bytes between
	// them are zero. What they consist of has no chunks itself.
	Chunks []Chunk
}

// HasContents reports whether the section takes room in the file.
func (s *Section) HasContents() bool { return s.Type != elf.SHT_NOBITS }

// IsAlloc reports whether the section is part of the program's memory.
func (s *Section) IsAlloc() bool { return s.Flags&elf.SHF_ALLOC != 0 }

// Group is a section group (gABI, "Section Groups").
type Group struct {
	Name      string // name of the SHT_GROUP section itself, ".group" by habit
	Signature int    // index into Object.Symbols
	Flags     uint32 // GRP_COMDAT and processor bits
	Members   []SectionIndex
	index     int
}

// GroupComdat (GRP_COMDAT) says that of several groups of one signature one is kept.
const GroupComdat = 1

// Object is a relocatable object.
type Object struct {
	Name       string // for messages: path, or archive(member)
	Archive    string // the path of the archive that it is a member of, or ""
	Machine    *machine.Machine
	BigEndian  bool
	OSABI      uint8
	ABIVersion uint8
	Flags      uint32 // e_flags

	// Sections holds what has contents; index 0 is nil, so that a
	// SectionIndex is an index.
	Sections []*Section
	// Symbols holds the symbol table; index 0 is the null symbol. Locals need
	// not come first: the writer orders them.
	Symbols []Symbol
	Groups  []Group
	// firstGlobal is the index of the first symbol that is not local, and hashes
	// are those of the names from there on; 0 and nil where nobody knows.
	firstGlobal int
	hashes      []uint32
	// Linked says what became of the symbols in the object that this one was
	// linked into; nil for one that was not.
	Linked *SymbolMap
	// Mapped are the files that the sections point into, where they are mapped:
	// of an object that was linked those of all inputs, in their order. They are
	// released while the object is written.
	Mapped []*fileio.Mapping
}

// Globals returns the index of the first symbol that is not local and the hashes
// (nametable.Hash) of the names from there on. An object that was read from a
// file knows them from reading; it must still have the names that it had there.
func (o *Object) Globals() (first int, hashes []uint32) {
	if o.firstGlobal > 0 || len(o.Symbols) == 0 {
		return o.firstGlobal, o.hashes
	}
	first = 1
	for first < len(o.Symbols) && o.Symbols[first].IsLocal() {
		first++
	}
	hashes = make([]uint32, len(o.Symbols)-first)
	for i := range hashes {
		hashes[i] = nametable.Hash(o.Symbols[first+i].Name)
	}
	return first, hashes
}

// Member is the name of the member that the object is, without that of its
// archive; the path of an object that is none.
func (o *Object) Member() string {
	if o.Archive == "" {
		return o.Name
	}
	return strings.TrimSuffix(o.Name[len(o.Archive)+1:], ")")
}

// Section returns the first section of that name, or nil.
func (o *Object) Section(name string) *Section {
	for _, s := range o.Sections {
		if s != nil && s.Name == name {
			return s
		}
	}
	return nil
}

// SectionOf returns the section where the symbol is defined, nil for an
// undefined, absolute or common one.
func (o *Object) SectionOf(sym *Symbol) *Section {
	if sym.Section <= 0 {
		return nil
	}
	return o.Sections[sym.Section]
}

// SymbolName is the symbol's name for people: a section symbol, which has no
// name of its own, gets its section's.
func (o *Object) SymbolName(i uint32) string {
	if int(i) >= len(o.Symbols) {
		return fmt.Sprintf("symbol %d", i)
	}
	s := &o.Symbols[i]
	if s.Name == "" && s.Type() == elf.STT_SECTION {
		if sec := o.SectionOf(s); sec != nil {
			return sec.Name
		}
	}
	if s.Name == "" {
		return fmt.Sprintf("symbol %d", i)
	}
	return s.Name
}

// AddSection appends a section, which becomes the object's, and returns its index.
func (o *Object) AddSection(s *Section) SectionIndex {
	s.Object = o
	if len(o.Sections) == 0 {
		o.Sections = append(o.Sections, nil)
	}
	o.Sections = append(o.Sections, s)
	return SectionIndex(len(o.Sections) - 1)
}

// AddSymbol appends a symbol and returns its index.
func (o *Object) AddSymbol(s Symbol) uint32 {
	if len(o.Symbols) == 0 {
		o.Symbols = append(o.Symbols, Symbol{})
	}
	o.Symbols = append(o.Symbols, s)
	return uint32(len(o.Symbols) - 1)
}

// errorAt makes an Error about a place in a section of o.
func (o *Object) errorAt(section string, offset int64, advice, format string, args ...any) *Error {
	return &Error{File: o.Name, Section: section, Offset: offset, What: fmt.Sprintf(format, args...), Advice: advice}
}

// Contents returns the bytes of a section as one slice; those of a section that
// was read are not copied. The result must not be changed. A section without
// contents has none.
func (s *Section) Contents() []byte {
	switch {
	case !s.HasContents():
		return nil
	case len(s.Chunks) == 0 && uint64(len(s.Data)) == s.Size:
		return s.Data
	case len(s.Chunks) == 1 && s.Chunks[0].Section.Size == s.Size:
		return s.Chunks[0].Section.Contents()
	}
	b := make([]byte, s.Size)
	s.render(b, 0)
	return b
}
