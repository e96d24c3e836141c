// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"errors"
	"slices"
	"sort"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// cuts says where the contents of an input section are after some were removed.
type cuts struct {
	parts []cutPart // what stays, in order
	// terminators are the offsets of terminators of .eh_frame, which were removed in
	// favor of one after the last frames of the output section.
	terminators []uint64
}

// cutPart is a range of the section that was read, and where it is now.
type cutPart struct{ old, size, moved uint64 }

// keep adds a range that stays.
func (c *cuts) keep(old, size, moved uint64) {
	if n := len(c.parts); n > 0 && c.parts[n-1].old+c.parts[n-1].size == old && c.parts[n-1].moved+c.parts[n-1].size == moved {
		c.parts[n-1].size += size
		return
	}
	c.parts = append(c.parts, cutPart{old, size, moved})
}

// moved returns where an offset is now: of what was removed, where the next part starts.
func (c *cuts) moved(offset uint64) uint64 {
	i := sort.Search(len(c.parts), func(i int) bool { return c.parts[i].old+c.parts[i].size > offset })
	switch {
	case len(c.parts) == 0:
		return 0
	case i == len(c.parts):
		return c.parts[i-1].moved + c.parts[i-1].size
	}
	return c.parts[i].moved + max(offset, c.parts[i].old) - c.parts[i].old
}

// locateCut returns where an offset of an input section with cuts is now. It is
// known after the layout, which places the terminator.
func (isec *inputSection) locateCut(offset uint64) uint64 {
	if o := isec.out; o != nil && o.ended && slices.Contains(isec.cuts.terminators, offset) {
		return o.terminator - isec.offset
	}
	return isec.cuts.moved(offset)
}

// redirectCuts corrects the references to input sections that were cut: those by a
// section symbol have the offset in the addend. Few inputs have any.
func (l *linker) redirectCuts() error {
	var errs []error
	for i := range l.inputs {
		in := &l.inputs[i]
		if !in.namesCut {
			continue
		}
		for k := range in.sections {
			if isec := &in.sections[k]; isec.out != nil {
				errs = append(errs, isec.redirectCuts())
			}
		}
	}
	return errors.Join(errs...)
}

func (isec *inputSection) redirectCuts() error {
	in := isec.in
	var relocs []elfobj.Reloc
	for k, rel := range in.obj.RawRelocs(isec.sec) {
		if int(rel.Symbol) >= len(in.obj.Symbols) {
			return nil // the writer says what is wrong
		}
		s := &in.obj.Symbols[rel.Symbol]
		if s.Section <= 0 || !s.IsLocal() || in.sections[s.Section].cuts == nil {
			continue
		}
		to, bias := &in.sections[s.Section], in.obj.Machine.Bias(rel.Type)
		target, start := s.Value+uint64(rel.Addend+bias), s.Value
		if int64(target) < 0 {
			continue // before the section
		}
		if s.Type() != elf.STT_SECTION {
			start = to.locateCut(s.Value)
		}
		addend := int64(to.locateCut(target)-start) - bias
		switch {
		case s.Type() != elf.STT_SECTION && addend != rel.Addend:
			return isec.errorAt(errcode.CutReference, int64(rel.Offset), "refer to what is meant by a label of its own",
				"relocation refers to %q%+d in section %s, from which something before that place was removed", s.Name, rel.Addend, to.sec.Name)
		case addend == rel.Addend:
			continue
		case relocs == nil:
			relocs = make([]elfobj.Reloc, 0, isec.sec.RelocCount())
			for _, before := range in.obj.RawRelocs(isec.sec) {
				relocs = append(relocs, before)
			}
		}
		relocs[k].Addend = addend
	}
	if relocs == nil {
		return nil
	}
	old := isec.sec
	isec.replace(old.Data, elfobj.EncodeRelocs(relocs, in.obj.BigEndian))
	isec.sec.Size = old.Size
	for k := range isec.out.chunks {
		if isec.out.chunks[k].Section == old {
			isec.out.chunks[k].Section = isec.sec
		}
	}
	return nil
}
