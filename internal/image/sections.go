// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"debug/elf"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// section is a loaded section of the object.
type section struct {
	s      *elfobj.Section
	index  elfobj.SectionIndex
	data   []byte  // nil for SHT_NOBITS
	mask   []byte  // the bits of data that relocations change
	fields []field // sorted by offset
	blocks []block // sorted by offset; together they are the section
	found  found
	base   uint64 // where most of it is
	stats  stats
}

// field is a relocated field.
type field struct {
	off      uint64
	typ      uint32
	size     int
	bits     uint64
	symbol   uint32
	addend   int64
	absolute bool // a whole address
}

// block is what a symbol and the bytes after it are, up to the next symbol or the
// end of a function.
type block struct {
	start, end uint64
	symbol     uint32 // 0: none
	at         uint64 // in the image
	bad        bool   // something differs
}

// found says how the address of something was found.
type found struct {
	how string
	// uses is how many symbols or fields say so.
	uses int
	// confirmed says that they do more than once.
	confirmed bool
	// twice are other places where the contents are found.
	twice []uint64
}

// How addresses are found.
const (
	foundNot       = "" // not at all
	foundBySymbol  = "symbol"
	foundByUse     = "solved"  // from the fields that refer to it
	foundByContent = "content" // from what its own fields refer to
)

// readSections splits the loaded sections of the object.
func (a *audit) readSections() error {
	a.secs = make([]*section, len(a.o.Sections))
	loaded := 0
	for i, s := range a.o.Sections {
		if s == nil || !s.IsAlloc() || s.Size == 0 || s.Type == elf.SHT_NOTE {
			continue
		}
		sec := &section{s: s, index: elfobj.SectionIndex(i), data: s.Contents()}
		if err := a.readFields(sec); err != nil {
			return err
		}
		a.secs[i] = sec
		loaded++
	}
	if loaded == 0 {
		return a.errorf(errcode.ObjectUnsuitable, "has no loaded sections; give the hyp.o of a kernel")
	}
	for _, sec := range a.secs {
		if sec != nil {
			a.splitSection(sec)
		}
	}
	a.readAlternatives()
	return nil
}

func (a *audit) readFields(sec *section) error {
	sec.mask = make([]byte, len(sec.data))
	for rel, err := range a.o.Relocations(sec.s) {
		if err != nil {
			return err
		}
		m := a.o.Machine
		if rel.Type == m.None {
			continue
		}
		bits, ok := m.FieldBits(rel.Type)
		if !ok || sec.data == nil {
			return a.o.ErrorAt(errcode.UnknownRelocation, sec.s, rel.Offset, "check the object with hyplink check", "relocation %s cannot be compared", m.RelocName(rel.Type))
		}
		f := field{
			off: rel.Offset, typ: rel.Type, size: int(m.RelocField(rel.Type)), bits: bits, symbol: rel.Symbol, addend: rel.Addend,
			absolute: m.RelocKind(rel.Type) == machine.KindAbsolute,
		}
		if f.absolute && f.size != 8 && a.o.Symbols[f.symbol].Section != elfobj.Absolute {
			return a.o.ErrorAt(errcode.UnknownRelocation, sec.s, rel.Offset, "check the object with hyplink check", "relocation %s holds no whole address", m.RelocName(rel.Type))
		}
		for i := range f.size {
			sec.mask[f.off+uint64(i)] |= byte(bits >> (8 * i))
		}
		sec.fields = append(sec.fields, f)
	}
	slices.SortStableFunc(sec.fields, func(a, b field) int { return cmp.Compare(a.off, b.off) })
	return nil
}

// splitSection cuts a section at its symbols.
func (a *audit) splitSection(sec *section) {
	cuts := map[uint64]uint32{0: 0}
	for i := range a.o.Symbols {
		s := &a.o.Symbols[i]
		if s.Section != sec.index || s.Value >= sec.s.Size || s.Type() == elf.STT_SECTION || !a.isNamed(s) {
			continue
		}
		if old := cuts[s.Value]; old == 0 || a.rank(s) > a.rank(&a.o.Symbols[old]) {
			cuts[s.Value] = uint32(i)
		}
		// What follows a function is not part of it: padding, and the replacements of a
		// source's alternatives.
		if end := s.Value + s.Size; s.Type() == elf.STT_FUNC && s.Size > 0 && end > s.Value && end < sec.s.Size {
			if _, cut := cuts[end]; !cut {
				cuts[end] = 0
			}
		}
	}
	// A field is compared as a whole.
	for i := range sec.fields {
		f := &sec.fields[i]
		for off := f.off + 1; off < f.off+uint64(f.size); off++ {
			delete(cuts, off)
		}
	}
	for off, symbol := range cuts {
		sec.blocks = append(sec.blocks, block{start: off, symbol: symbol})
	}
	slices.SortFunc(sec.blocks, func(a, b block) int { return cmp.Compare(a.start, b.start) })
	for i := range sec.blocks {
		if i+1 < len(sec.blocks) {
			sec.blocks[i].end = sec.blocks[i+1].start
		} else {
			sec.blocks[i].end = sec.s.Size
		}
	}
}

// isNamed reports whether a symbol has a name that a kernel's tables may have:
// mapping symbols are left out of those.
func (a *audit) isNamed(s *elfobj.Symbol) bool {
	rest, ok := strings.CutPrefix(s.Name, a.prefix)
	return ok && rest != "" && rest[0] != '$' && rest[0] != '.'
}

// rank orders symbols at one address by how well they name it.
func (a *audit) rank(s *elfobj.Symbol) int {
	r := 0
	if t := s.Type(); t == elf.STT_FUNC || t == elf.STT_OBJECT {
		r += 2
	}
	if !s.IsLocal() {
		r++
	}
	return r
}

// blockAt returns the block of an offset; the section's end is in its last one.
func (s *section) blockAt(off uint64) *block { return &s.blocks[s.blockIndex(off)] }

func (s *section) blockIndex(off uint64) int {
	i, _ := slices.BinarySearchFunc(s.blocks, off+1, func(b block, off uint64) int { return cmp.Compare(b.start, off) })
	return max(i-1, 0)
}

// address returns where an offset of the section is in the image.
func (s *section) address(off uint64) (uint64, bool) {
	if s.found.how == foundNot {
		return 0, false
	}
	b := s.blockAt(off)
	return b.at + off - b.start, true
}

// read returns a field of the image.
func (a *audit) read(at uint64, size int) (uint64, bool) {
	b := a.bytesAt(at, size)
	if b == nil {
		return 0, false
	}
	return number(b), true
}

// number reads a little-endian number of up to eight bytes.
func number(b []byte) uint64 {
	var whole [8]byte
	copy(whole[:], b)
	return binary.LittleEndian.Uint64(whole[:])
}

// eachField calls f for each field of the loaded sections.
func (a *audit) eachField(f func(s *section, f *field)) {
	for _, s := range a.secs {
		if s != nil {
			for i := range s.fields {
				f(s, &s.fields[i])
			}
		}
	}
}
