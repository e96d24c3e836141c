// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"iter"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// relaSize is the size of an Elf64_Rela in bytes (gABI, "Relocation").
const relaSize = 24

// Reloc is a relocation with an explicit addend (Elf64_Rela).
type Reloc struct {
	Offset uint64 // in bytes, from the start of the section that it applies to
	Type   uint32 // see Machine.RelocName
	Symbol uint32 // index in Object.Symbols
	Addend int64
}

// SymbolMap maps the symbols of an input to those of the output.
type SymbolMap struct {
	// Index is the output index of each input symbol, with ThreadLocal added for
	// one in thread-local storage, or Discarded.
	Index []uint32
	// Bias is added to the addend of relocations against each input symbol.
	// Section symbols need it, as their input section is at some offset in the
	// output section. It may be shorter than Index.
	Bias []int64
}

// Discarded is the entry in SymbolMap.Index of a symbol that is not in the output.
const Discarded = ^uint32(0)

// ThreadLocal is a bit in entries of SymbolMap.Index.
const ThreadLocal uint32 = 1 << 31

// relocRun is the relocations of one input section, and how they change on the
// way to the output.
type relocRun struct {
	section *Section       // with the relocations
	size    uint64         // limit of offsets in bytes
	fields  machine.Fields // of the machine's relocation types
	delta   uint64         // added to each offset
	symbols *SymbolMap     // nil: symbol indices and addends do not change
	big     bool           // byte order
}

// count returns the number of relocations that apply to Data.
func (s *Section) count() int { return len(s.Relocs) / relaSize }

// RelocCount returns the number of relocations that apply to the section.
func (s *Section) RelocCount() int {
	n := s.count()
	for i := range s.Chunks {
		n += s.Chunks[i].Section.count()
	}
	return n
}

// DropRelocs removes the relocations of the section.
func (s *Section) DropRelocs() {
	s.Relocs = nil
	for i := range s.Chunks {
		if c := &s.Chunks[i]; c.Section.count() > 0 {
			bare := *c.Section
			bare.Relocs = nil
			c.Section = &bare
		}
	}
}

// RetypeRelocs gives the relocations of a type another one.
func (s *Section) RetypeRelocs(from, to uint32, bigEndian bool) {
	s.Relocs = retype(s.Relocs, from, to, bigEndian)
	for i := range s.Chunks {
		c := &s.Chunks[i]
		changed := *c.Section
		changed.Relocs = retype(changed.Relocs, from, to, bigEndian)
		c.Section = &changed
	}
}

func retype(relocs []byte, from, to uint32, bigEndian bool) []byte {
	changed := append([]byte(nil), relocs...)
	for e := changed; len(e) >= relaSize; e = e[relaSize:] {
		if r := getRela(e, bigEndian); r.Type == from {
			r.Type = to
			putRela(e, bigEndian, r)
		}
	}
	return changed
}

// sectionRun returns the relocations in Relocs. Those of a compressed section
// apply to the uncompressed bytes.
func (o *Object) sectionRun(s *Section) relocRun {
	r := relocRun{section: s, size: s.Size, fields: o.Machine.Fields(), big: o.BigEndian}
	if s.IsLivepatch() && s.LinkOrder > 0 {
		s = o.Sections[s.LinkOrder]
		r.size = s.Size
	}
	if s.Flags&elf.SHF_COMPRESSED != 0 && len(s.Data) >= ChdrSize {
		r.size = byteOrder(o.BigEndian).Uint64(s.Data[8:])
	} else if size, ok := s.Zdebug(); ok {
		r.size = size
	}
	return r
}

// chunkRun returns the relocations of a chunk.
func (o *Object) chunkRun(c *Chunk) relocRun {
	r := o.sectionRun(c.Section)
	r.delta = c.Offset
	if c.Section.Object != nil {
		r.symbols = c.Section.Object.Linked
	}
	return r
}

func byteOrder(big bool) binary.ByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// inside reports whether a field is in a section of size bytes. A field of size 0
// may be at the end (.reloc ., R_AARCH64_NONE).
func inside(off, field, size uint64) bool { return off <= size && field <= size-off }

// at returns relocation i as it will be in the output. ok is false if its field
// is outside its section, or its symbol is not in the output or may not be in the
// storage that the relocation is for; badReloc has the last word on that.
func (r *relocRun) at(i int) (rel Reloc, ok bool) {
	rel = getRela(r.section.Relocs[i*relaSize:i*relaSize+relaSize], r.big)
	field := r.fields.Of(rel.Type)
	ok = inside(rel.Offset, field.Size(), r.size)
	rel.Offset += r.delta
	if m := r.symbols; m != nil {
		in := rel.Symbol
		if int(in) >= len(m.Index) {
			return rel, false
		}
		if int(in) < len(m.Bias) {
			rel.Addend += m.Bias[in]
		}
		if rel.Symbol = m.Index[in]; rel.Symbol == Discarded {
			return rel, false
		}
		if (rel.Symbol&ThreadLocal != 0) != field.ForThreads() {
			ok = false
		}
		rel.Symbol &^= ThreadLocal
	}
	return rel, ok
}

// RawRelocs yields the relocations in s.Relocs as they are in the input.
func (o *Object) RawRelocs(s *Section) iter.Seq2[int, Reloc] {
	return func(yield func(int, Reloc) bool) {
		for i := range s.count() {
			if !yield(i, getRela(s.Relocs[i*relaSize:], o.BigEndian)) {
				return
			}
		}
	}
}

// NextDiscarded returns the number of the first entry in s.Relocs, from entry i on,
// against a symbol for which index, as in SymbolMap, has Discarded, or -1.
func (o *Object) NextDiscarded(s *Section, i int, index []uint32) int {
	big := o.BigEndian
	for e := s.Relocs[min(i*relaSize, len(s.Relocs)):]; len(e) >= relaSize; i, e = i+1, e[relaSize:] {
		symbol := binary.LittleEndian.Uint32(e[12:]) // the upper half of r_info
		if big {
			symbol = binary.BigEndian.Uint32(e[8:])
		}
		if uint64(symbol) < uint64(len(index)) && index[symbol] == Discarded {
			return i
		}
	}
	return -1
}

// EncodeRelocs encodes relocations as in a file.
func EncodeRelocs(relocs []Reloc, bigEndian bool) []byte {
	raw := make([]byte, len(relocs)*relaSize)
	for i, r := range relocs {
		putRela(raw[i*relaSize:], bigEndian, r)
	}
	return raw
}

func getRela(e []byte, big bool) Reloc {
	_ = e[relaSize-1]
	var off, info, add uint64
	if big {
		off, info, add = binary.BigEndian.Uint64(e), binary.BigEndian.Uint64(e[8:]), binary.BigEndian.Uint64(e[16:])
	} else {
		off, info, add = binary.LittleEndian.Uint64(e), binary.LittleEndian.Uint64(e[8:]), binary.LittleEndian.Uint64(e[16:])
	}
	return Reloc{Offset: off, Type: uint32(info), Symbol: uint32(info >> 32), Addend: int64(add)}
}

func putRela(b []byte, big bool, r Reloc) {
	info := uint64(r.Symbol)<<32 | uint64(r.Type)
	if big {
		binary.BigEndian.PutUint64(b, r.Offset)
		binary.BigEndian.PutUint64(b[8:], info)
		binary.BigEndian.PutUint64(b[16:], uint64(r.Addend))
		return
	}
	binary.LittleEndian.PutUint64(b, r.Offset)
	binary.LittleEndian.PutUint64(b[8:], info)
	binary.LittleEndian.PutUint64(b[16:], uint64(r.Addend))
}

// Relocations yields the relocations of a section in file order, and an error for
// a relocation whose field is outside the section or whose symbol does not exist.
func (o *Object) Relocations(s *Section) iter.Seq2[Reloc, error] {
	return func(yield func(Reloc, error) bool) {
		each := func(r relocRun) bool {
			for i := range r.section.count() {
				rel, ok := r.at(i)
				var err error
				if !ok || int(rel.Symbol) >= len(o.Symbols) {
					err = o.badReloc(s, &r, i)
				}
				if !yield(rel, err) {
					return false
				}
			}
			return true
		}
		if !each(o.sectionRun(s)) {
			return
		}
		for i := range s.Chunks {
			if !each(o.chunkRun(&s.Chunks[i])) {
				return
			}
		}
	}
}

// ErrorAt returns an Error at an offset in a section. If the section comes from a
// link, the error names the input object, its section and the offset in that.
func (o *Object) ErrorAt(code errcode.Code, s *Section, off uint64, advice, format string, args ...any) *Error {
	e := o.errorAt(code, s.Name, int64(off), advice, format, args...)
	if i := s.chunkAt(off); i < len(s.Chunks) && s.Chunks[i].Offset <= off && s.Chunks[i].Section.Object != nil {
		c := &s.Chunks[i]
		e.File, e.Section, e.Offset = c.Section.Object.Name, c.Section.Name, int64(off-c.Offset)
	}
	return e
}

// badReloc returns the error about relocation i of a run in section s, or nil if
// nothing is wrong with it after all.
func (o *Object) badReloc(s *Section, r *relocRun, i int) error {
	rel, _ := r.at(i)
	offset := rel.Offset - r.delta
	name, field := o.Machine.RelocName(rel.Type), r.fields.Of(rel.Type)
	switch {
	case !field.Known():
		return o.relocError(errcode.UnknownRelocation, s, r, i, "compile for the base architecture of "+o.Machine.Name+", or report the type", "unknown relocation %s", name)
	case !inside(offset, 0, r.size):
		return o.relocError(errcode.DamagedRelocations, s, r, i, Damaged, "relocation %s is outside its section of %d bytes", name, r.size)
	case !inside(offset, field.Size(), r.size):
		return o.relocError(errcode.DamagedRelocations, s, r, i, "the file is damaged, or a .reloc directive is wrong: build it again",
			"relocation %s of %d bytes extends past the end of its section of %d bytes", name, field.Size(), r.size)
	case int(rel.Symbol) >= len(o.Symbols):
		return o.missingSymbol(s, r, i)
	case r.symbols != nil:
		return o.checkStorage(s, r, i)
	}
	return nil
}

// missingSymbol returns the error about relocation i of a run, whose symbol is not
// in the object.
func (o *Object) missingSymbol(s *Section, r *relocRun, i int) error {
	raw := getRela(r.section.Relocs[i*relaSize:], r.big)
	return o.relocError(errcode.DamagedRelocations, s, r, i, Damaged, "relocation %s refers to symbol %d, which does not exist", o.Machine.RelocName(raw.Type), raw.Symbol)
}

// relocError returns an Error at relocation i of a run in section s. It names the
// input if there is one.
func (o *Object) relocError(code errcode.Code, s *Section, r *relocRun, i int, advice, format string, args ...any) error {
	raw := getRela(r.section.Relocs[i*relaSize:], r.big)
	e := o.errorAt(code, s.Name, int64(raw.Offset+r.delta), advice, format, args...)
	if in := r.section.Object; in != nil {
		e.File, e.Section, e.Offset = in.Name, r.section.Name, int64(raw.Offset)
	}
	return e
}
