// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// MergeMode says whether strings and constants of mergeable sections (SHF_MERGE)
// that are the same are in the output once, and in which order. lld merges them
// in relocatable links too, GNU ld does not.
type MergeMode uint8

// Merge modes.
const (
	MergeNone    MergeMode = iota
	MergeInOrder           // in the order of the inputs
	MergeLLD14             // in the order of lld up to 14, by XXH64
	MergeLLD15             // of lld 15 and 16, by XXH64 without terminators
	MergeLLD17             // of lld 17 and later, by XXH3 without terminators
)

// maxItems bounds the strings and constants of a link that are merged, and so the
// memory for them: input sections after that many stay as they are.
const maxItems = 1 << 26

// maxMergeable bounds the size in bytes of a section of merged strings, in which
// offsets have 32 bits.
const maxMergeable = 1 << 31

// mergedSection is what became of an input section whose strings or constants were
// merged with those of others.
type mergedSection struct {
	pool *pool
	// items are the strings or constants of the input section, in its order.
	items []item
}

// item is a string with its terminator, or a constant.
type item struct {
	at    uint32 // offset in bytes in the input section
	entry uint32 // number of its bytes in the pool
}

// mergeStrings merges the strings and constants of each output section that come
// from sections of equal flags, entry size and, for strings, alignment: the first
// input section of them gets them all, and the others are left out. References to
// them are rewritten, see redirect.
//
// A reference by the section's symbol means the string or constant that is
// at symbol and addend; one by another symbol that at the symbol, as in lld
// and in final links of GNU ld. Input sections that cannot be taken apart safely
// are left as they are: those with relocations of their own, as in lld, and those
// to which a reference or a symbol is not inside of one string.
func (l *linker) mergeStrings() error {
	if l.opts.Merge == MergeNone {
		return nil
	}
	m := stringMerge{mode: l.opts.Merge, pools: map[*output][]*pool{}, left: maxItems}
	l.eachKept(m.takeApart)
	for i := range l.inputs {
		l.inputs[i].keepWhole()
	}
	for _, o := range l.outputs {
		if o.desc != nil {
			for _, isec := range o.desc.sections {
				m.add(isec)
			}
			for _, isec := range o.desc.orphans {
				m.add(isec)
			}
		}
	}
	l.eachOrphan(func(isec *inputSection) {
		if isec.out.desc == nil {
			m.add(isec)
		}
	})
	for _, p := range m.order {
		if err := p.finish(); err != nil {
			return err
		}
	}
	for i := range l.inputs {
		l.inputs[i].redirect()
	}
	return nil
}

// orderRelocs puts relocation sections where lld has them, if strings are merged in
// its order: after all sections, in the order in which inputs have the first
// relocations for each. gen-hyprel lists addresses in that order.
func (l *linker) orderRelocs() {
	if l.opts.Merge < MergeLLD14 {
		return
	}
	var order []elfobj.SectionIndex
	seen := make([]bool, len(l.outputs)+1)
	for i := range l.inputs {
		in := &l.inputs[i]
		for _, k := range in.obj.RelocOrder() {
			isec := &in.sections[k]
			if isec.out != nil && len(isec.sec.Relocs) > 0 && !seen[isec.out.index] {
				seen[isec.out.index] = true
				order = append(order, isec.out.index)
			}
		}
	}
	l.out.SetRelocOrder(order)
}

// stringMerge is the state of the pass.
type stringMerge struct {
	mode  MergeMode
	pools map[*output][]*pool
	order []*pool
	left  int // items that may still be made
}

// takeApart finds the strings or constants of an input section that can be merged.
func (m *stringMerge) takeApart(isec *inputSection) {
	s := isec.sec
	const merge, not = elf.SHF_MERGE, elf.SHF_WRITE | elf.SHF_TLS | elf.SHF_LINK_ORDER
	if isec.out == nil || s.Flags&merge == 0 || s.Flags&not != 0 || s.Type != elf.SHT_PROGBITS ||
		s.Entsize == 0 || s.Size == 0 || s.Size%s.Entsize != 0 || s.Size > maxMergeable || len(s.Relocs) > 0 {
		return
	}
	if isec.out.desc != nil && isec.out.desc.SubAlign != nil {
		return // it replaces the alignment of each input section
	}
	items := cut(isec.data(), s.Entsize, s.Flags&elf.SHF_STRINGS != 0, m.left)
	if items == nil {
		return
	}
	m.left -= len(items)
	isec.merged = &mergedSection{items: items}
}

// cut returns the strings, or constants, of a section, or nil if the last string
// has no terminator or there are more than a limit.
func cut(data []byte, entsize uint64, strings bool, limit int) []item {
	var items []item
	for at := uint64(0); at < uint64(len(data)); {
		n := entsize
		if strings {
			if n = stringSize(data[at:], entsize); n == 0 {
				return nil
			}
		}
		if len(items) == limit {
			return nil
		}
		items = append(items, item{at: uint32(at)})
		at += n
	}
	return items
}

// keepWhole finds the input sections to which something refers that is not inside
// of one string or constant, and leaves them as they are.
func (in *input) keepWhole() {
	if !in.mergesAny() {
		return
	}
	for i := range in.obj.Symbols {
		s := &in.obj.Symbols[i]
		isec := in.mergedOf(s)
		if isec == nil || s.Type() == elf.STT_SECTION {
			continue
		}
		if s.Value >= isec.size() || s.Size > isec.end(isec.itemAt(s.Value))-s.Value {
			isec.merged = nil
		}
	}
	for i := range in.sections {
		isec := &in.sections[i]
		if isec.out == nil {
			continue
		}
		for _, rel := range in.obj.RawRelocs(isec.sec) {
			if to := in.sectionReference(rel); to != nil && in.target(rel) >= to.size() {
				to.merged = nil
			}
		}
	}
}

// mergesAny reports whether strings of the input are merged.
func (in *input) mergesAny() bool {
	for i := range in.sections {
		if in.sections[i].merged != nil {
			return true
		}
	}
	return false
}

// mergedOf returns the input section of a symbol if its strings are merged.
func (in *input) mergedOf(s *elfobj.Symbol) *inputSection {
	if s.Section <= 0 || in.sections[s.Section].merged == nil {
		return nil
	}
	return &in.sections[s.Section]
}

// sectionReference returns the input section that a relocation refers to by its section
// symbol, if its strings are merged.
func (in *input) sectionReference(rel elfobj.Reloc) *inputSection {
	if int(rel.Symbol) >= len(in.obj.Symbols) || in.obj.Symbols[rel.Symbol].Type() != elf.STT_SECTION {
		return nil // the writer says what is wrong
	}
	return in.mergedOf(&in.obj.Symbols[rel.Symbol])
}

// target is the offset that a relocation refers to by a section symbol. Negative ones are huge.
func (in *input) target(rel elfobj.Reloc) uint64 {
	return in.obj.Symbols[rel.Symbol].Value + uint64(rel.Addend)
}

// redirect rewrites the references of an input by section symbols: the addend
// becomes the offset in the merged section, to which the layout adds where that is.
func (in *input) redirect() {
	if !in.mergesAny() {
		return
	}
	for i := range in.sections {
		isec := &in.sections[i]
		if isec.out == nil {
			continue
		}
		var relocs []elfobj.Reloc
		changed := false
		for k, rel := range in.obj.RawRelocs(isec.sec) {
			if to := in.sectionReference(rel); to != nil {
				if relocs == nil {
					relocs = make([]elfobj.Reloc, 0, isec.sec.RelocCount())
					for _, before := range in.obj.RawRelocs(isec.sec) {
						relocs = append(relocs, before)
					}
				}
				_, at := to.locate(in.target(rel))
				relocs[k].Addend, changed = int64(at), true
			}
		}
		if changed {
			replaced := *isec.sec
			replaced.Relocs = elfobj.EncodeRelocs(relocs, in.obj.BigEndian)
			isec.sec = &replaced
		}
	}
}

// locate returns the input section with what is at an offset of this one, and the
// offset in that: it is another one if its strings were merged into that. Where
// something was removed the offset is another one.
func (isec *inputSection) locate(offset uint64) (*inputSection, uint64) {
	m := isec.merged
	switch {
	case isec.cuts != nil:
		return isec, isec.locateCut(offset)
	case m == nil:
		return isec, offset
	}
	p := m.items[isec.itemAt(offset)]
	return m.pool.host, m.pool.entries[p.entry].offset + offset - uint64(p.at)
}

// home returns the input section of the output with what is in this one, or nil if
// it was left out.
func (isec *inputSection) home() *inputSection {
	if isec.merged != nil {
		return isec.merged.pool.host
	}
	if isec.out == nil {
		return nil
	}
	return isec
}
