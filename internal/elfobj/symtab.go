package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"math/bits"

	"github.com/rules-hyp/rules_hyp/internal/arena"
	"github.com/rules-hyp/rules_hyp/internal/nametable"
)

// symbols reads the symbol table. It resolves SHN_XINDEX, which debug/elf
// leaves as it is, and checks that each symbol points somewhere.
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
		return r.sectionError(r.symtab, Damaged, "%d bytes in entries of %d; a symbol has %d", h.size, h.entsz, symSize)
	}
	n := len(data) / symSize
	if uint64(h.info) > uint64(n) {
		return r.sectionError(r.symtab, Damaged, "%d local symbols of %d in all", h.info, n)
	}
	if uint64(h.link) >= uint64(len(r.hdrs)) || r.hdrs[h.link].typ != elf.SHT_STRTAB {
		return r.sectionError(r.symtab, Damaged, "its string table, section %d, is none", h.link)
	}
	raw, err := r.bytes(int(h.link))
	if err != nil {
		return err
	}
	strs := arena.String(&r.room.strings, raw)
	extended, err := r.extendedIndices(n)
	if err != nil {
		return err
	}
	syms := r.room.symbols.Take(n)
	for i := 1; i < n; i++ {
		if err := r.symbol(&syms[i], data[i*symSize:], i, strs, extended); err != nil {
			return err
		}
	}
	first := max(int(h.info), 1)
	hashes := r.room.hashes.Take(n - first)
	for i := range hashes {
		hashes[i] = nametable.Hash(syms[first+i].Name)
	}
	r.obj.Symbols, r.obj.firstGlobal, r.obj.hashes = syms, first, hashes
	return nil
}

// extendedIndices finds the section indices that do not fit into st_shndx
// (gABI, SHT_SYMTAB_SHNDX); nil when the object has none.
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
			return nil, r.sectionError(i, Damaged, "%d bytes for %d symbols", len(data), symbols)
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
		return r.symbolError(i, "its name lies outside the string table")
	}
	if r.overnamed(s.Name) {
		return r.symbolError(i, "the names up to here have %d bytes, in a file of %d", r.named, len(r.data))
	}
	local := uint64(i) < uint64(r.hdrs[r.symtab].info)
	if local != s.IsLocal() {
		return r.symbolError(i, "%q is %s, but the table says that local symbols end at %d", s.Name, s.Binding(), r.hdrs[r.symtab].info)
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
			return r.symbolError(i, "%q has an extended section index, but there is no table of them", s.Name)
		}
		n = r.u32(extended[i*4:])
	default:
		if elf.SectionIndex(shndx) >= elf.SHN_LORESERVE {
			e := r.symbolError(i, "%q is in reserved section %#x", s.Name, shndx)
			e.Advice = "compile without the memory model that makes such symbols (x86-64: -mcmodel=large commons)"
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
	// A symbol of a section that is not kept: a group's signature, or the
	// section symbol of a table.
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

// droppedSection marks a symbol whose section has no place in the object, for
// example the section symbol of a relocation section.
const droppedSection SectionIndex = -4

// firstGroupSection and the numbers below it mark symbols of the sections that
// groups consist of, in the order of Object.Groups: the local signature symbols
// that assemblers put there, and section symbols.
const firstGroupSection SectionIndex = -5

func groupSection(group int) SectionIndex { return firstGroupSection - SectionIndex(group) }

// groupIndex returns the index in Object.Groups of the group whose own section
// the symbol is defined in.
func (s *Symbol) groupIndex() (group int, ok bool) {
	return int(firstGroupSection - s.Section), s.Section <= firstGroupSection
}

// IsDropped reports whether the symbol is defined in no section that
// Object.Sections holds: in a table of the file format, in the section that a
// group itself consists of, or in one that was removed. The first and the last
// are not written; one of a group belongs to its group and goes with it.
func (s *Symbol) IsDropped() bool { return s.Section <= droppedSection }

func (r *reader) symbolError(i int, format string, args ...any) *Error {
	e := r.sectionError(r.symtab, Damaged, format, args...)
	e.Offset = int64(i) * symSize
	return e
}
