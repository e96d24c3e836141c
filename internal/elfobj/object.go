// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/machine"
	"github.com/rules-hyp/rules_hyp/internal/nametable"
)

// SectionIndex is an index in [Object.Sections], or one of the reserved values
// below. It differs from the number in the file (st_shndx): symbol tables, string
// tables and relocation sections have no index, and SHN_XINDEX is resolved.
type SectionIndex int32

// Reserved section indices (gABI, "Special Section Indexes").
const (
	Undefined SectionIndex = 0  // SHN_UNDEF
	Absolute  SectionIndex = -1 // SHN_ABS
	Common    SectionIndex = -2 // SHN_COMMON: Value is the alignment in bytes
	// Livepatch is SHN_LIVEPATCH, an extension of Linux for symbols that the kernel
	// resolves when it applies a live patch (Documentation/livepatch/module-elf-format.rst).
	Livepatch SectionIndex = -3
)

// Special names a section index that is not a section, as objdump does.
func (i SectionIndex) Special() string {
	switch i {
	case Absolute:
		return "*ABS*"
	case Common:
		return "*COM*"
	case Livepatch:
		return "*LIVEPATCH*"
	}
	return "*UND*"
}

// Symbol is an entry of the symbol table.
type Symbol struct {
	Name    string
	Value   uint64 // offset in Section; alignment for Common
	Size    uint64 // in bytes
	Section SectionIndex
	Info    uint8 // binding and type (st_info)
	Other   uint8 // visibility and processor-specific bits (st_other)
}

// Binding returns STB_LOCAL, STB_GLOBAL, STB_WEAK or STB_GNU_UNIQUE.
func (s *Symbol) Binding() elf.SymBind { return elf.SymBind(s.Info >> 4) }

// Type returns STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_SECTION and so on.
func (s *Symbol) Type() elf.SymType { return elf.SymType(s.Info & 0xf) }

// Visibility returns STV_DEFAULT, STV_HIDDEN, STV_PROTECTED or STV_INTERNAL.
func (s *Symbol) Visibility() elf.SymVis { return elf.SymVis(s.Other & 0x3) }

// IsLocal reports whether the binding is STB_LOCAL.
func (s *Symbol) IsLocal() bool { return s.Info>>4 == 0 }

// IsUndefined reports whether the symbol is undefined (SHN_UNDEF).
func (s *Symbol) IsUndefined() bool { return s.Section == Undefined }

// IsNumber reports whether the symbol may be a number instead of an address: it is
// absolute, or undefined, as the hash of a type that another object defines
// (kCFI).
func (s *Symbol) IsNumber() bool { return s.Section == Absolute || s.Section == Undefined }

// IsMapping reports whether the symbol is a mapping symbol, which marks the start
// of code or data, such as $x, $d or $d.1 (AAELF64 5.5.4), or $xrv64i2p1 (RISC-V
// psABI, "Mapping Symbol").
func (s *Symbol) IsMapping() bool {
	n := s.Name
	return len(n) >= 2 && n[0] == '$' && (n[1] == 'x' || n[1] == 'd' || n[1] == 'a' || n[1] == 't') &&
		(len(n) == 2 || n[2] == '.' || n[1] == 'x' && strings.HasPrefix(n[2:], "rv")) && s.IsLocal()
}

// SymInfo packs a binding and a type into st_info.
func SymInfo(b elf.SymBind, t elf.SymType) uint8 { return uint8(b)<<4 | uint8(t)&0xf }

// Source names the input section of a chunk.
type Source struct {
	File    string // the input object
	Section string // the input section's name
}

// Chunk is an input section in an output section.
type Chunk struct {
	Offset uint64 // in the output section
	// Section has the bytes and the relocations that apply to them. Its Object
	// is nil if the linker made it.
	Section *Section
}

// end returns the offset after the chunk.
func (c *Chunk) end() uint64 { return c.Offset + c.Section.Size }

// Source returns the input section of the chunk, or the zero value for bytes that
// the linker made.
func (c *Chunk) Source() Source {
	if c.Section.Object == nil {
		return Source{}
	}
	return Source{File: c.Section.Object.Name, Section: c.Section.Name}
}

// TypeSFrame is SHT_GNU_SFRAME, for stack trace information. Assemblers before
// binutils 2.45 use SHT_PROGBITS.
const TypeSFrame elf.SectionType = 0x6ffffff4

// TypeGNUAttributes is SHT_GNU_ATTRIBUTES.
const TypeGNUAttributes elf.SectionType = 0x6ffffff5

// Section is a section with contents and the relocations that apply to it. It has
// either Data and Relocs, or Chunks.
type Section struct {
	Name string
	// Object is the object with the section, or nil for bytes that the linker made.
	Object    *Object
	Type      elf.SectionType
	Flags     elf.SectionFlag
	Size      uint64 // in bytes
	Addralign uint64 // in bytes; 0 and 1 mean none
	Entsize   uint64 // in bytes; of tables and mergeable sections
	// LinkOrder is the section that SHF_LINK_ORDER refers to; if the flag is set,
	// 0 means that that section has been discarded. For relocations of a live
	// patch it is the section that they apply to.
	LinkOrder SectionIndex
	index     uint32 // index in the section header table of the file
	zdebug    bool   // see Zdebug: it was read with such a name
	// Data is the contents. If it is shorter than Size it is repeated, so that
	// padding needs no memory; nil means zeros, or no contents for SHT_NOBITS.
	Data []byte
	// Relocs are the relocations that apply to Data: Elf64_Rela entries as in the
	// file, with symbol indices of Object.
	Relocs []byte
	// Chunks are the input sections of an output section. They are sorted by
	// Offset and do not overlap; the bytes between them are zero. Their sections
	// have no chunks.
	Chunks []Chunk
}

// HasContents reports whether the section has bytes in the file.
func (s *Section) HasContents() bool { return s.Type != elf.SHT_NOBITS && s.Type != elf.SHT_RELA }

// IsLivepatch reports whether the section holds relocations of a live patch
// (SHF_RELA_LIVEPATCH). They are in Relocs, and apply to the section LinkOrder.
func (s *Section) IsLivepatch() bool { return s.Type == elf.SHT_RELA }

// IsAlloc reports whether the section is loaded (SHF_ALLOC).
func (s *Section) IsAlloc() bool { return s.Flags&elf.SHF_ALLOC != 0 }

// Group is a section group (gABI, "Section Groups").
type Group struct {
	Name      string // name of the SHT_GROUP section, usually ".group"
	Signature int    // index in Object.Symbols
	Flags     uint32 // GRP_COMDAT and processor-specific bits
	Members   []SectionIndex
	index     int
}

// GroupComdat is GRP_COMDAT: of the groups with the same signature, one is kept.
const GroupComdat = 1

// Object is a relocatable object.
type Object struct {
	Name    string // path, or archive(member)
	Archive string // the path of the archive, or ""
	// ThinPath is the path of a member of a thin archive, which is a file; else "".
	ThinPath   string
	Machine    *machine.Machine
	BigEndian  bool
	OSABI      uint8
	ABIVersion uint8
	Flags      uint32 // e_flags

	// Sections are the sections with contents; index 0 is nil.
	Sections []*Section
	// Symbols is the symbol table; index 0 is the null symbol. Local symbols need
	// not come first: the writer sorts them.
	Symbols []Symbol
	// GlobalOrder are indices in Symbols, in the order in which those of them that
	// are not local are written. All others follow, in the order of Symbols.
	GlobalOrder []uint32
	Groups      []Group
	// LeftOut is a section of the file that is not in Sections, though the final
	// link would use it.
	LeftOut LeftOut
	// Unkept are header fields of the file that are not in Sections, since they
	// have no meaning in an object, as text.
	Unkept []string
	// firstGlobal is the index of the first symbol that is not local, and hashes
	// are the hashes of the names from there on. 0 and nil mean unknown.
	firstGlobal int
	hashes      []uint32
	// relocOrder is the order of the relocation sections of the file, if it is not
	// that of the sections.
	relocOrder []SectionIndex
	// Linked maps the symbols to those of the object that this one was linked
	// into. It is nil before the link.
	Linked *SymbolMap
	// Mapped are the mapped files that the sections refer to. After a link, they
	// are those of all inputs, in order. They are released while the object is
	// written.
	Mapped []*fileio.Mapping
	// Sources are the mapped files that the object was made of. WriteFile fails if
	// one was written to since.
	Sources []*fileio.Mapping
	// Digest is a field that the writer fills in with a digest of the file, or nil.
	Digest *Digest
}

// Warning returns what users should know about how the object was read, or nil.
func (o *Object) Warning() *Error {
	if o.LeftOut.Name == "" {
		return nil
	}
	return &Error{
		Code: errcode.CallGraph, File: o.Name, Section: o.LeftOut.Name, Offset: -1, What: "the call graph profile is left out, by which a final link would order functions",
		Advice: "compile without -fprofile-use if none does",
	}
}

// HasCode reports whether a section has code.
func (o *Object) HasCode() bool {
	return slices.ContainsFunc(o.Sections, func(s *Section) bool {
		return s != nil && s.Flags&elf.SHF_EXECINSTR != 0 && s.Size > 0 && s.HasContents()
	})
}

// Globals returns the index of the first symbol that is not local and the hashes
// (nametable.Hash) of the names from there on. For an object that was read from a
// file these were computed by the reader, so that names must not have changed.
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

// Member returns the name of an archive member without the archive, or the path
// of an object that is not in an archive.
func (o *Object) Member() string {
	if o.Archive == "" {
		return o.Name
	}
	return strings.TrimSuffix(o.Name[len(o.Archive)+1:], ")")
}

// Section returns the first section with a name, or nil.
func (o *Object) Section(name string) *Section {
	for _, s := range o.Sections {
		if s != nil && s.Name == name {
			return s
		}
	}
	return nil
}

// SectionOf returns the section where a symbol is defined, or nil if it is
// undefined, absolute or common.
func (o *Object) SectionOf(sym *Symbol) *Section {
	if sym.Section <= 0 {
		return nil
	}
	return o.Sections[sym.Section]
}

// SymbolName returns a symbol's name for messages. A section symbol has the name
// of its section.
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

// AddSection appends a section and returns its index.
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

// errorAt returns an Error at an offset in a section.
func (o *Object) errorAt(code errcode.Code, section string, offset int64, advice, format string, args ...any) *Error {
	return &Error{Code: code, File: o.Name, Section: section, Offset: offset, What: fmt.Sprintf(format, args...), Advice: advice}
}

// Contents returns the bytes of a section as one slice, or nil for SHT_NOBITS. The
// result must not be modified: if possible, it is not a copy.
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
