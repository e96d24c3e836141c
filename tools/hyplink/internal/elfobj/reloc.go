package elfobj

import (
	"encoding/binary"
	"iter"
)

// relaSize is the size of an Elf64_Rela in bytes (gABI, "Relocation").
const relaSize = 24

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
	Limit     uint64     // size of the section that the entries were for, before Delta; 0: that of the section they are for now
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
			for j := range run.Count() {
				rel, ok := run.At(j)
				var err error
				if !ok || int(rel.Symbol) >= len(o.Symbols) || run.outside(rel, s) {
					err = o.badReloc(s, run, j, rel)
				}
				if !yield(rel, err) {
					return
				}
			}
		}
	}
}

// outside reports whether an entry lies outside the section that it is for.
func (r *RelocRun) outside(rel Reloc, s *Section) bool {
	return rel.Offset >= s.Size || r.Limit != 0 && rel.Offset-r.Delta >= r.Limit
}

// badReloc says what is wrong with entry j of a run.
func (o *Object) badReloc(s *Section, run *RelocRun, j int, rel Reloc) error {
	file := o.Name
	if run.Input != nil {
		file = run.Input.File
	}
	if _, known := o.Machine.reloc(rel.Type); !known {
		return &Error{File: file, Section: s.Name, Offset: int64(rel.Offset),
			What:   "unknown relocation " + o.Machine.RelocName(rel.Type),
			Advice: "compile for the base architecture of " + o.Machine.Name + ", or report the type"}
	}
	if run.outside(rel, s) {
		return &Error{File: file, Section: s.Name, Offset: int64(rel.Offset),
			What:   "relocation " + o.Machine.RelocName(rel.Type) + " lies outside its section",
			Advice: damaged}
	}
	raw := run.order().Uint64(run.Raw[j*relaSize+8:]) >> 32
	return &Error{File: file, Section: s.Name, Offset: int64(rel.Offset),
		What:   "relocation " + o.Machine.RelocName(rel.Type) + " refers to symbol " + itoa(raw) + ", which is not there",
		Advice: damaged}
}
