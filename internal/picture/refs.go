// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"cmp"
	"debug/elf"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/sizes"
)

// reference says that a node refers to another one.
type reference struct {
	from, to int32
	// kind is the relocation type, or branch.
	kind int32
	// hyp says that the reference is an address that .hyp.reloc lists: the kernel
	// converts it at boot.
	hyp   bool
	count uint32 // how many there are
}

// branch is the kind of a branch that the assembler resolved, without a relocation.
const branch = -1

// where is a place of an object.
type where struct {
	section elfobj.SectionIndex
	offset  uint64
}

// references lists what the items of the loaded sections refer to, each pair of
// nodes and kind once, in order. External symbols are the nodes that external
// returns. References of .hyp.reloc are not listed; they mark others.
func references(m *sizes.Map, external func(symbol uint32) int32) ([]reference, error) {
	o := m.Object
	listed, err := hypRelocations(o)
	if err != nil {
		return nil, err
	}
	var refs []reference
	for i, s := range o.Sections {
		if s == nil || !s.IsAlloc() || s.Name == hyprel.TableSection {
			continue
		}
		at := elfobj.SectionIndex(i)
		var relocated []uint64 // offsets in code
		for rel, err := range o.Relocations(s) {
			if err != nil {
				return nil, err
			}
			if s.Flags&elf.SHF_EXECINSTR != 0 {
				relocated = append(relocated, rel.Offset)
			}
			from := m.At(at, rel.Offset)
			if from < 0 {
				continue
			}
			to := target(m, &rel, external)
			if to < 0 || int(to) == from {
				continue
			}
			refs = append(refs, reference{int32(from), to, int32(rel.Type), listed[where{at, rel.Offset}], 1})
		}
		refs = append(refs, branches(m, at, relocated)...)
	}
	return merge(refs), nil
}

// target returns the node that a relocation refers to, or -1.
func target(m *sizes.Map, rel *elfobj.Reloc, external func(symbol uint32) int32) int32 {
	s := &m.Object.Symbols[rel.Symbol]
	if s.Section <= 0 {
		return external(rel.Symbol)
	}
	off := s.Value
	if t := s.Type(); t != elf.STT_FUNC && t != elf.STT_OBJECT {
		// A symbol of a section, or a label: the addend says which place is meant.
		off += uint64(rel.Addend + m.Object.Machine.Bias(rel.Type))
		if off > m.Object.Sections[s.Section].Size {
			off = s.Value
		}
	}
	return int32(m.At(s.Section, off))
}

// hypRelocations returns the places of the addresses that .hyp.reloc lists.
func hypRelocations(o *elfobj.Object) (map[where]bool, error) {
	listed := map[where]bool{}
	s := o.Section(hyprel.TableSection)
	if s == nil {
		return listed, nil
	}
	for rel, err := range o.Relocations(s) {
		if err != nil {
			return nil, err
		}
		if sym := &o.Symbols[rel.Symbol]; sym.Section > 0 {
			listed[where{sym.Section, sym.Value + uint64(rel.Addend)}] = true
		}
	}
	return listed, nil
}

// branches lists the branches from one item of a section to another that have no
// relocation. relocated are the offsets of the section's relocations.
func branches(m *sizes.Map, at elfobj.SectionIndex, relocated []uint64) []reference {
	s := m.Object.Sections[at]
	data := s.Contents()
	if s.Flags&elf.SHF_EXECINSTR == 0 || data == nil {
		return nil
	}
	slices.Sort(relocated)
	code := &m.Object.Machine.Code
	items, first := m.Of(at)
	var refs []reference
	for n := range items {
		it := &items[n]
		if it.Kind != sizes.Function && it.Kind != sizes.Code {
			continue
		}
		for off := it.Start; off < it.End; {
			in := code.Decode(data[off:it.End], int64(off))
			end := off + uint64(max(in.Size, 1))
			for len(relocated) > 0 && relocated[0] < off {
				relocated = relocated[1:]
			}
			moved := len(relocated) > 0 && relocated[0] < end
			if in.Mask != nil && !moved && in.Target >= 0 && (uint64(in.Target) < it.Start || uint64(in.Target) >= it.End) {
				if to := m.At(at, uint64(in.Target)); to >= 0 && to != first+n {
					refs = append(refs, reference{int32(first + n), int32(to), branch, false, 1})
				}
			}
			off = end
		}
	}
	return refs
}

// merge sorts references and counts those that are equal.
func merge(refs []reference) []reference {
	key := func(a, b reference) int {
		c := cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.kind, b.kind))
		if c == 0 && a.hyp != b.hyp {
			c = 1
			if a.hyp {
				c = -1
			}
		}
		return c
	}
	slices.SortFunc(refs, key)
	out := refs[:0]
	for _, r := range refs {
		if n := len(out); n > 0 && key(out[n-1], r) == 0 {
			out[n-1].count++
			continue
		}
		out = append(out, r)
	}
	return out
}
