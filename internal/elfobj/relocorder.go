// SPDX-License-Identifier: Apache-2.0

package elfobj

import "debug/elf"

// RelocOrder returns the sections in the order of their relocation sections in the
// file. Those without relocations are among them, at the place of their own or at
// the end. GNU ld, and most compilers, put relocations after the section that
// they are for, lld after all sections.
func (o *Object) RelocOrder() []SectionIndex {
	order := make([]SectionIndex, 0, len(o.Sections))
	listed := make([]bool, len(o.Sections))
	add := func(i SectionIndex) {
		if o.Sections[i] != nil && !listed[i] {
			listed[i] = true
			order = append(order, i)
		}
	}
	for _, i := range o.relocOrder {
		add(i)
	}
	for i := range o.Sections {
		add(SectionIndex(i))
	}
	return order
}

// SetRelocOrder says in which order the relocation sections of some sections come
// in the file, after all sections. Those of the others follow.
func (o *Object) SetRelocOrder(order []SectionIndex) { o.relocOrder = order }

// readRelocOrder notes the order of relocation sections if it is not that of the
// sections.
func (r *reader) readRelocOrder() {
	last, sorted := SectionIndex(0), true
	each := func(f func(SectionIndex)) {
		for i := range r.hdrs {
			h := &r.hdrs[i]
			if h.typ != elf.SHT_RELA || h.isLivepatch() || h.size == 0 || uint64(h.info) >= uint64(len(r.hdrs)) {
				continue
			}
			if target := r.index[h.info]; target > 0 {
				f(target)
			}
		}
	}
	each(func(i SectionIndex) {
		sorted = sorted && i >= last
		last = i
	})
	if sorted {
		return
	}
	each(func(i SectionIndex) { r.obj.relocOrder = append(r.obj.relocOrder, i) })
}
