package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"iter"

	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// relaSize is the size of an Elf64_Rela in bytes (gABI, "Relocation").
const relaSize = 24

// Reloc is a relocation with an explicit addend (Elf64_Rela).
type Reloc struct {
	Offset uint64 // bytes into the section that it applies to
	Type   uint32 // Machine.RelocName names it
	Symbol uint32 // index into Object.Symbols
	Addend int64
}

// SymbolMap turns the symbol indices of an input into those of the output.
type SymbolMap struct {
	// Index holds the output index of each input symbol, Gone for one that
	// is not in the output.
	Index []uint32
	// Bias is added to the addend of relocations against the input symbol of
	// that index. Section symbols need it: their input section starts
	// somewhere inside the output section. May be shorter than Index.
	Bias []int64
}

// Gone is the entry of SymbolMap.Index for a symbol that has no place in the output.
const Discarded = ^uint32(0)

// run is what relocations that stand together in a file have in common: the
// bytes that they apply to, and how the entries change on the way to the output.
type run struct {
	section *Section       // that has the entries
	size    uint64         // bytes that they may apply to
	fields  machine.Fields // of the machine's relocation types
	delta   uint64         // added to each offset
	symbols *SymbolMap     // nil: symbol indices and addends stay
	big     bool           // byte order
}

// count is the number of relocations that apply to Data.
func (s *Section) count() int { return len(s.Relocs) / relaSize }

// RelocCount is the number of relocations that apply to the section.
func (s *Section) RelocCount() int {
	n := s.count()
	for i := range s.Chunks {
		n += s.Chunks[i].Section.count()
	}
	return n
}

// DropRelocs takes the relocations off the section.
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

// ownRun is the run of the relocations that apply to a section's own bytes:
// those of a compressed one count in unpacked bytes.
func (o *Object) ownRun(s *Section) run {
	r := run{section: s, size: s.Size, fields: o.Machine.Fields(), big: o.BigEndian}
	if s.Flags&elf.SHF_COMPRESSED != 0 && len(s.Data) >= ChdrSize {
		r.size = byteOrder(o.BigEndian).Uint64(s.Data[8:])
	}
	return r
}

// runOf is the run of a chunk's relocations.
func (o *Object) runOf(c *Chunk) run {
	r := o.ownRun(c.Section)
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

// inside reports whether a field lies in a section of size bytes. One of no
// bytes may stand at the end, as assemblers put marks (.reloc ., R_AARCH64_NONE).
func inside(off, field, size uint64) bool { return off <= size && field <= size-off }

// at returns entry i as it will stand in the output. ok is false when its field
// lies outside of its section, or its symbol has no place in the output.
func (r *run) at(i int) (rel Reloc, ok bool) {
	rel = getRela(r.section.Relocs[i*relaSize:i*relaSize+relaSize], r.big)
	ok = inside(rel.Offset, r.fields.Size(rel.Type), r.size)
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
	}
	return rel, ok
}

// RawRelocs yields the relocations that apply to the bytes of a section itself,
// as they stand in its object.
func (o *Object) RawRelocs(s *Section) iter.Seq2[int, Reloc] {
	return func(yield func(int, Reloc) bool) {
		for i := range s.count() {
			if !yield(i, getRela(s.Relocs[i*relaSize:], o.BigEndian)) {
				return
			}
		}
	}
}

// RelocSymbol returns the symbol index of entry i of a section's own relocations.
func (o *Object) RelocSymbol(s *Section, i int) uint32 {
	e := s.Relocs[i*relaSize+8:]
	if o.BigEndian {
		return binary.BigEndian.Uint32(e)
	}
	return binary.LittleEndian.Uint32(e[4:])
}

// EncodeRelocs makes entries of relocations that the linker made itself.
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

// Relocations yields the relocations of a section of o in file order, or an
// error for an entry that points outside the section or at no symbol.
func (o *Object) Relocations(s *Section) iter.Seq2[Reloc, error] {
	return func(yield func(Reloc, error) bool) {
		each := func(r run) bool {
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
		if !each(o.ownRun(s)) {
			return
		}
		for i := range s.Chunks {
			if !each(o.runOf(&s.Chunks[i])) {
				return
			}
		}
	}
}

// ErrorAt makes an Error about a byte of a section. It names the input that the
// byte came from, its section and the offset in that, where a link brought it.
func (o *Object) ErrorAt(s *Section, off uint64, advice, format string, args ...any) *Error {
	e := o.errorAt(s.Name, int64(off), advice, format, args...)
	if i := s.chunkAt(off); i < len(s.Chunks) && s.Chunks[i].Offset <= off && s.Chunks[i].Section.Object != nil {
		c := &s.Chunks[i]
		e.File, e.Section, e.Offset = c.Section.Object.Name, c.Section.Name, int64(off-c.Offset)
	}
	return e
}

// badReloc says what is wrong with entry i of a run that belongs to s.
func (o *Object) badReloc(s *Section, r *run, i int) error {
	rel, _ := r.at(i)
	raw := getRela(r.section.Relocs[i*relaSize:], r.big)
	e := &Error{File: o.Name, Section: s.Name, Offset: int64(rel.Offset), Advice: Damaged}
	if in := r.section.Object; in != nil {
		e.File, e.Section, e.Offset = in.Name, r.section.Name, int64(raw.Offset)
	}
	name := o.Machine.RelocName(rel.Type)
	field := r.fields.Size(rel.Type)
	switch {
	case !r.fields.Has(rel.Type):
		e.What = "unknown relocation " + name
		e.Advice = "compile for the base architecture of " + o.Machine.Name + ", or report the type"
	case !inside(raw.Offset, 0, r.size):
		e.What = fmt.Sprintf("relocation %s lies outside its section of %d bytes", name, r.size)
	case !inside(raw.Offset, field, r.size):
		e.What = fmt.Sprintf("relocation %s changes %d bytes, but its section of %d ends before that", name, field, r.size)
		e.Advice = "the file is Damaged, or a .reloc directive is wrong: build it again"
	default:
		e.What = fmt.Sprintf("relocation %s refers to symbol %d, which is not there", name, raw.Symbol)
	}
	return e
}
