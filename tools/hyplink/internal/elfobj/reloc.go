package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"iter"
)

// Sizes of an Elf64_Rela and of an Elf64_Chdr in bytes (gABI, "Relocation" and
// "Section Compression").
const relaSize, chdrSize = 24, 24

// Reloc is a relocation with an explicit addend (Elf64_Rela).
type Reloc struct {
	Offset uint64 // bytes into the section that it applies to
	Type   uint32 // R_AARCH64_… and so on; Machine.RelocName names it
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
const Gone = ^uint32(0)

// RelocRun is a run of relocations: entries as they stand in an input, and how
// they change on the way to the output.
type RelocRun struct {
	Raw       []byte     // Elf64_Rela entries
	BigEndian bool       // byte order of Raw
	Delta     uint64     // added to each offset
	Map       *SymbolMap // nil: symbol indices and addends stay
	Limit     uint64     // with Map: size in bytes of the section that the entries were for, before Delta
	Input     *Section   // where the entries stood, for messages; nil for the linker's own
}

// Count is the number of relocations in the run.
func (r *RelocRun) Count() int { return len(r.Raw) / relaSize }

// order is the byte order of the entries.
func (r *RelocRun) order() binary.ByteOrder { return byteOrder(r.BigEndian) }

func byteOrder(big bool) binary.ByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// At returns entry i as it will stand in the output. ok is false when its
// symbol has no place there.
func (r *RelocRun) At(i int) (rel Reloc, ok bool) {
	e := r.Raw[i*relaSize : i*relaSize+relaSize]
	var off, info, add uint64
	if r.BigEndian {
		off, info, add = binary.BigEndian.Uint64(e), binary.BigEndian.Uint64(e[8:]), binary.BigEndian.Uint64(e[16:])
	} else {
		off, info, add = binary.LittleEndian.Uint64(e), binary.LittleEndian.Uint64(e[8:]), binary.LittleEndian.Uint64(e[16:])
	}
	rel = Reloc{Offset: off + r.Delta, Type: uint32(info), Symbol: uint32(info >> 32), Addend: int64(add)}
	if m := r.Map; m != nil {
		in := rel.Symbol
		if int(in) >= len(m.Index) {
			return rel, false
		}
		if int(in) < len(m.Bias) {
			rel.Addend += m.Bias[in]
		}
		rel.Symbol = m.Index[in]
		if rel.Symbol == Gone {
			return rel, false
		}
	}
	return rel, true
}

// EncodeRelocs makes a run of relocations that the linker made itself.
func EncodeRelocs(relocs []Reloc, bigEndian bool) RelocRun {
	raw := make([]byte, len(relocs)*relaSize)
	for i, r := range relocs {
		putRela(raw[i*relaSize:], bigEndian, r)
	}
	return RelocRun{Raw: raw, BigEndian: bigEndian}
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
		for i := range s.Relocs {
			run := &s.Relocs[i]
			size := run.size(s)
			for j := range run.Count() {
				rel, ok := run.At(j)
				var err error
				if !ok || int(rel.Symbol) >= len(o.Symbols) || !inside(rel.Offset-run.Delta, o.Machine.fields.of(rel.Type), size) {
					err = o.badReloc(s, run, j, rel)
				}
				if !yield(rel, err) {
					return
				}
			}
		}
	}
}

// size is the size in bytes of what the entries of a run of s were for: before
// the link, where there was one, and before it was compressed.
func (r *RelocRun) size(s *Section) uint64 {
	if r.Map != nil {
		return r.Limit
	}
	if s.Flags&elf.SHF_COMPRESSED != 0 && len(s.Chunks) > 0 && len(s.Chunks[0].Data) >= chdrSize {
		return r.order().Uint64(s.Chunks[0].Data[8:])
	}
	return s.Size
}

// inside reports whether a field lies in a section of size bytes. One of no
// bytes may stand at the end, as assemblers put marks (.reloc ., R_AARCH64_NONE).
func inside(off, field, size uint64) bool { return off <= size && field <= size-off }

// ErrorAt makes an Error about a byte of a section. It names the input that the
// byte came from, its section and the offset in that, where a link brought it.
func (o *Object) ErrorAt(s *Section, off uint64, advice, format string, args ...any) *Error {
	e := o.errorAt(s.Name, int64(off), advice, format, args...)
	if i := s.chunkAt(off); i < len(s.Chunks) && s.Chunks[i].Offset <= off && s.Chunks[i].Input != nil {
		c := &s.Chunks[i]
		e.File, e.Section, e.Offset = c.Input.File, c.Input.Name, int64(off-c.Offset)
	}
	return e
}

// badReloc says what is wrong with entry j of a run, and where that stood in
// the input.
func (o *Object) badReloc(s *Section, run *RelocRun, j int, rel Reloc) error {
	e := &Error{File: o.Name, Section: s.Name, Offset: int64(rel.Offset - run.Delta), Advice: damaged}
	if run.Input != nil {
		e.File, e.Section = run.Input.File, run.Input.Name
	}
	name, field, size := o.Machine.RelocName(rel.Type), o.Machine.RelocField(rel.Type), run.size(s)
	switch off := rel.Offset - run.Delta; {
	case !o.Machine.fields.has(rel.Type):
		e.What, e.Advice = "unknown relocation "+name, "compile for the base architecture of "+o.Machine.Name+", or report the type"
	case !inside(off, 0, size):
		e.What = "relocation " + name + " lies outside its section of " + itoa(size) + " bytes"
	case !inside(off, field, size):
		e.What = "relocation " + name + " changes " + itoa(field) + " bytes, but its section of " + itoa(size) + " ends before that"
		e.Advice = "the file is damaged, or a .reloc directive is wrong: build it again"
	default:
		raw := run.order().Uint64(run.Raw[j*relaSize+8:]) >> 32
		e.What = "relocation " + name + " refers to symbol " + itoa(raw) + ", which is not there"
	}
	return e
}
