// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"math/bits"

	"github.com/rules-hyp/rules_hyp/internal/arena"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/nametable"
)

// symbols reads the symbol table, including SHN_XINDEX.
func (r *reader) symbols() error {
	if r.symtab == 0 {
		r.obj.Symbols = make([]Symbol, 1)
		return nil
	}
	h := &r.hdrs[r.symtab]
	data, err := r.bytes(r.symtab)
	if err != nil {
		return err
	}
	if h.entsz != symSize || h.size%symSize != 0 || h.size == 0 {
		return r.sectionError(errcode.DamagedSymbols, r.symtab, Damaged, "size is %d and entry size %d, want entries of %d bytes", h.size, h.entsz, symSize)
	}
	n := len(data) / symSize
	if uint64(h.info) > uint64(n) {
		return r.sectionError(errcode.DamagedSymbols, r.symtab, Damaged, "has %d local symbols, but %d symbols", h.info, n)
	}
	if uint64(h.link) >= uint64(len(r.hdrs)) || r.hdrs[h.link].typ != elf.SHT_STRTAB {
		return r.sectionError(errcode.DamagedSymbols, r.symtab, Damaged, "section %d, given as its string table, is not a string table", h.link)
	}
	raw, err := r.bytes(int(h.link))
	if err != nil {
		return err
	}
	strs := arena.String(&r.parser.strings, raw)
	extended, err := r.extendedIndices(n)
	if err != nil {
		return err
	}
	syms := r.parser.symbols.Take(n)
	for i := 1; i < n; i++ {
		if err := r.symbol(&syms[i], data[i*symSize:], i, strs, extended); err != nil {
			return err
		}
	}
	first := max(int(h.info), 1)
	hashes := r.parser.hashes.Take(n - first)
	for i := range hashes {
		hashes[i] = nametable.Hash(syms[first+i].Name)
	}
	r.obj.Symbols, r.obj.firstGlobal, r.obj.hashes = syms, first, hashes
	return nil
}

// extendedIndices returns the table of section indices that do not fit into
// st_shndx (gABI, SHT_SYMTAB_SHNDX), or nil.
func (r *reader) extendedIndices(symbols int) ([]byte, error) {
	for i := range r.hdrs {
		h := &r.hdrs[i]
		if h.typ != elf.SHT_SYMTAB_SHNDX || int(h.link) != r.symtab {
			continue
		}
		data, err := r.bytes(i)
		if err != nil {
			return nil, err
		}
		if len(data) != symbols*4 {
			return nil, r.sectionError(errcode.DamagedSymbols, i, Damaged, "%d bytes for %d symbols", len(data), symbols)
		}
		return data, nil
	}
	return nil, nil
}

// symbol decodes entry i of the symbol table.
func (r *reader) symbol(s *Symbol, b []byte, i int, strs string, extended []byte) error {
	b = b[:symSize]
	name, shndx := r.u32(b), binary.LittleEndian.Uint16(b[6:])
	if r.big {
		shndx = bits.ReverseBytes16(shndx)
	}
	s.Value, s.Size = r.u64(b[8:]), r.u64(b[16:])
	s.Info, s.Other = b[4], b[5]
	var ok bool
	if s.Name, ok = cstring(strs, name); !ok {
		return r.symbolError(i, "name is outside the string table")
	}
	if r.tooManyNames(s.Name) {
		return r.symbolError(i, "names have at least %d bytes, in a file of %d bytes", r.nameBytes, len(r.data))
	}
	local := uint64(i) < uint64(r.hdrs[r.symtab].info)
	if local != s.IsLocal() {
		return r.symbolError(i, "%q is %s, but local symbols end at %d", s.Name, s.Binding(), r.hdrs[r.symtab].info)
	}
	n := uint32(shndx)
	switch elf.SectionIndex(shndx) {
	case elf.SHN_UNDEF:
		s.Section = Undefined
		return nil
	case elf.SHN_ABS:
		s.Section = Absolute
		return nil
	case elf.SHN_COMMON:
		if s.Value&(s.Value-1) != 0 {
			return r.symbolError(i, "alignment of common symbol %q is %d, want a power of two", s.Name, s.Value)
		}
		s.Section = Common
		return nil
	case shnLivepatch:
		s.Section = Livepatch
		return nil
	case elf.SHN_XINDEX:
		if extended == nil {
			return r.symbolError(i, "%q has an extended section index, but there is no SHT_SYMTAB_SHNDX section", s.Name)
		}
		n = r.u32(extended[i*4:])
	default:
		if elf.SectionIndex(shndx) >= elf.SHN_LORESERVE {
			e := r.symbolError(i, "%q is in reserved section %#x", s.Name, shndx)
			e.Code, e.Advice = errcode.ReservedSection, "compile with -fno-common (x86-64: large common symbols come from -mcmodel=large or .largecomm)"
			return e
		}
	}
	if uint64(n) >= uint64(len(r.index)) {
		return r.symbolError(i, "%q is in section %d of %d", s.Name, n, len(r.index))
	}
	s.Section = r.index[n]
	if s.Section > 0 {
		return nil
	}
	// The section is not kept: the symbol is a group's signature, or the section
	// symbol of a table.
	if !s.IsLocal() {
		return r.symbolError(i, "%q is defined in section %d, which has no contents", s.Name, n)
	}
	if s.Section == Undefined {
		s.Drop()
	}
	return nil
}

// shnLivepatch is SHN_LIVEPATCH (include/uapi/linux/elf.h).
const shnLivepatch elf.SectionIndex = 0xff20

// droppedSection is the section of a symbol whose section is not in the object,
// for example the section symbol of a relocation section.
const droppedSection SectionIndex = -4

// firstGroupSection and the numbers below it are the SHT_GROUP sections, in the
// order of Object.Groups. Assemblers define local signature symbols and section
// symbols there.
const firstGroupSection SectionIndex = -5

func groupSection(group int) SectionIndex { return firstGroupSection - SectionIndex(group) }

// groupIndex returns the index in Object.Groups of the group in whose SHT_GROUP
// section the symbol is defined.
func (s *Symbol) groupIndex() (group int, ok bool) {
	return int(firstGroupSection - s.Section), s.Section <= firstGroupSection
}

// IsDropped reports whether the symbol is defined in a section that is not in
// Object.Sections: in a table of the file format, in a removed section, or in a
// SHT_GROUP section. Only the last kind is written, with its group.
func (s *Symbol) IsDropped() bool { return s.Section <= droppedSection }

func (r *reader) symbolError(i int, format string, args ...any) *Error {
	e := r.sectionError(errcode.DamagedSymbols, r.symtab, Damaged, format, args...)
	e.Offset = int64(i) * symSize
	return e
}
