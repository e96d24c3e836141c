// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"slices"
)

// stats counts the bytes of a section.
type stats struct{ proven, solved, different uint64 }

// What is known of a byte.
const (
	byteProven = iota
	byteSolved
	byteDifferent
)

// compareSections compares each section with the image.
func (a *audit) compareSections() error {
	for _, sec := range a.secs {
		switch {
		case sec == nil:
		case sec.found.how == foundNot:
			sec.stats.different = uint64(len(sec.data))
			a.differ(sec, 0, Difference{Cause: CauseNotFound, Want: fmt.Sprintf("%d bytes", sec.s.Size), Have: "no place in the kernel that fits"})
		default:
			a.compareSection(sec)
		}
	}
	return nil
}

func (a *audit) compareSection(sec *section) {
	a.compareOrder(sec)
	if sec.data == nil {
		a.compareZeros(sec)
		return
	}
	state := make([]uint8, len(sec.data))
	if !sec.found.sure() {
		fill(state, byteSolved)
	}
	fields := sec.fields
	for i := range sec.blocks {
		b := &sec.blocks[i]
		n := 0
		for n < len(fields) && fields[n].off < b.end {
			n++
		}
		a.compareBlock(sec, b, fields[:n], state)
		fields = fields[n:]
	}
	for _, s := range state {
		switch s {
		case byteProven:
			sec.stats.proven++
		case byteSolved:
			sec.stats.solved++
		default:
			sec.stats.different++
		}
	}
}

// compareZeros looks at what the image has in the place of a section without
// contents. Most of .bss is after its end.
func (a *audit) compareZeros(sec *section) {
	for i := range sec.blocks {
		b := &sec.blocks[i]
		end := min(b.at+b.end-b.start, uint64(len(a.img)))
		if b.at >= end {
			continue
		}
		if used := len(bytes.TrimLeft(a.img[b.at:end], "\x00")); used > 0 {
			b.bad = true
			off := b.start + end - b.at - uint64(used)
			a.differ(sec, off, Difference{Cause: CauseData, Want: "zeros", Have: fmt.Sprintf("%x", a.img[end-uint64(used):end-uint64(used)+1])})
		}
	}
}

func fill(b []uint8, v uint8) {
	for i := range b {
		b[i] = v
	}
}

// compareBlock compares the bytes from one symbol to the next.
func (a *audit) compareBlock(sec *section, b *block, fields []field, state []uint8) {
	have := a.bytesAt(b.at, int(b.end-b.start))
	if have == nil {
		fill(state[b.start:b.end], byteDifferent)
		b.bad = true
		a.differ(sec, b.start, Difference{Cause: CauseOutside, Want: fmt.Sprintf("%d bytes", b.end-b.start), Have: "the image ends before"})
		return
	}
	want := sec.data[b.start:b.end]
	first := len(a.report.Differences)
	rewritten := map[uint64]bool{}
	for i := range fields {
		f := &fields[i]
		off := f.off - b.start
		place := b.at + off
		d, rule := a.compareField(sec, f, place, have[off:off+uint64(f.size)])
		at := state[f.off : f.off+uint64(f.size)]
		switch {
		case d != nil:
			b.bad = true
			fill(at, byteDifferent)
			a.differ(sec, f.off, *d)
		case rule:
			rewritten[off] = true
		case !a.sure(f) && !a.isNumber(f):
			fill(at, byteSolved)
		}
	}
	a.compareBytes(sec, b, want, have, rewritten, state)
	if len(a.report.Differences) > first {
		a.explainBlock(sec, b, first)
	}
}

// compareField compares a field with the address that it has to refer to. rule
// says that the linker made something else of the instruction, by a rule that is
// known.
func (a *audit) compareField(sec *section, f *field, place uint64, have []byte) (d *Difference, rule bool) {
	got := number(have)
	if a.isNumber(f) {
		want := a.o.Symbols[f.symbol].Value + uint64(f.addend)
		if got&f.bits != want&f.bits {
			return &Difference{Cause: CauseData, Want: fmt.Sprintf("%#x", want), Have: fmt.Sprintf("%#x", got)}, false
		}
		return nil, false
	}
	target, known := a.target(f)
	if !known {
		return &Difference{Cause: CauseNoAddress, Want: a.describe(f), Have: "its address is not known"}, false
	}
	if f.absolute {
		return a.compareAbsolute(f, place, got, target), false
	}
	m := a.o.Machine
	l := m.Linked(f.typ, got, place)
	want := number(sec.data[f.off : f.off+uint64(f.size)])
	same := (want^got)&^f.bits&sizeMask(f.size) == 0
	if same && l.Agrees(target) {
		return nil, false
	}
	if f.size == 4 && a.inCode(sec) {
		r, ok := m.Rewritten(f.typ, uint32(want), uint32(got), place, target, a.bytesAt)
		if ok {
			a.report.Linker = append(a.report.Linker, LinkerChange{What: r.What, At: a.name(place), Target: a.describe(f)})
			if r.Size > 0 {
				a.added = append(a.added, interval{r.Start, r.Start + r.Size})
			}
			return nil, true
		}
	}
	if !same && f.size == 4 && a.inCode(sec) {
		return &Difference{Cause: CauseInstruction, Want: a.disassemble(want, f.off) + " to " + a.describe(f), Have: a.disassemble(got, place)}, false
	}
	if !same {
		return &Difference{Cause: CauseData, Want: fmt.Sprintf("%#x", want), Have: fmt.Sprintf("%#x", got)}, false
	}
	return &Difference{Cause: CauseTarget, Want: a.describe(f), Have: a.partName(l.Value, l.Mask, target)}, false
}

// partName names what a field refers to; of an address of which it has a part,
// only that part.
func (a *audit) partName(value, mask, target uint64) string {
	if mask == ^uint64(0) {
		return a.name(value)
	}
	if mask == pageSize-1 {
		return fmt.Sprintf("offset %#x in the page instead of %#x", value, target%pageSize)
	}
	return fmt.Sprintf("the page of %s", a.name(value))
}

// compareAbsolute compares a whole address. A relocatable kernel has it in the
// addend of a dynamic relocation and zeros, or the same, in the field; or in the
// field with a packed relocation; a kernel that is not relocatable has it there.
func (a *audit) compareAbsolute(f *field, place, got, target uint64) *Difference {
	want := a.base + target
	if !a.linked {
		return &Difference{Cause: CauseNoAddress, Want: a.describe(f), Have: "the address that the kernel is linked at is not known"}
	}
	e := a.dynWant[place]
	switch {
	case e.count+e.packed > 1:
		return &Difference{Cause: CauseDynamic, Want: a.describe(f), Have: fmt.Sprintf("%d dynamic relocations for one field", e.count+e.packed)}
	case e.packed == 1 || e.count == 0 && len(a.dynamic.table) == 0:
		// The address is in place.
		if got != want {
			return &Difference{Cause: CauseTarget, Want: a.describe(f), Have: a.name(got - a.base)}
		}
		return nil
	case e.count == 0:
		return &Difference{Cause: CauseDynamic, Want: a.describe(f), Have: fmt.Sprintf("no dynamic relocation; the field has %#x", got)}
	case e.addend != want:
		return &Difference{Cause: CauseAddend, Want: a.describe(f), Have: a.name(e.addend - a.base)}
	case got != 0 && got != want:
		return &Difference{Cause: CauseData, Want: "0, as a dynamic relocation is for the field", Have: fmt.Sprintf("%#x", got)}
	}
	return nil
}

// compareBytes compares what no relocation changes.
func (a *audit) compareBytes(sec *section, b *block, want, have []byte, rewritten map[uint64]bool, state []uint8) {
	mask := sec.mask[b.start:b.end]
	unit := 1
	if a.inCode(sec) {
		unit = 4
	}
	for off := 0; off < len(want); {
		// Whole words first, nearly all of which are equal.
		if off+8 <= len(want) && off%8 == 0 {
			w, h, m := binary.LittleEndian.Uint64(want[off:]), binary.LittleEndian.Uint64(have[off:]), binary.LittleEndian.Uint64(mask[off:])
			if (w^h)&^m == 0 {
				off += 8
				continue
			}
		}
		end := min(off+8-off%8, len(want))
		for ; off < end; off += unit {
			n := min(unit, len(want)-off)
			if a.sameBytes(want[off:off+n], have[off:off+n], mask[off:off+n]) || rewritten[uint64(off)] {
				continue
			}
			b.bad = true
			at := state[b.start+uint64(off) : b.start+uint64(off+n)]
			if slices.Contains(at, byteDifferent) {
				continue // its field is reported already
			}
			fill(at, byteDifferent)
			a.differ(sec, b.start+uint64(off), a.byteDifference(sec, b, off, n, want, have))
		}
	}
}

func (a *audit) sameBytes(want, have, mask []byte) bool {
	for i := range want {
		if (want[i]^have[i])&^mask[i] != 0 {
			return false
		}
	}
	return true
}

func (a *audit) byteDifference(sec *section, b *block, off, n int, want, have []byte) Difference {
	if n == 4 {
		w, h := number(want[off:off+4]), number(have[off:off+4])
		return Difference{Cause: CauseInstruction, Want: a.disassemble(w, b.start+uint64(off)), Have: a.disassemble(h, b.at+uint64(off))}
	}
	return Difference{Cause: CauseData, Want: fmt.Sprintf("%x", want[off:off+n]), Have: fmt.Sprintf("%x", have[off:off+n])}
}

// inCode reports whether a section has instructions.
func (a *audit) inCode(sec *section) bool {
	return sec.s.Flags&elf.SHF_EXECINSTR != 0 && a.o.Machine.Code.Fixed
}

func (a *audit) disassemble(w, pc uint64) string {
	b := make([]byte, 4)
	binary.LittleEndian.PutUint32(b, uint32(w))
	return fmt.Sprintf("%s (%08x)", a.o.Machine.Code.Disassemble(b, int64(pc)), w)
}

// compareOrder reports blocks that are not where those around them are.
func (a *audit) compareOrder(sec *section) {
	for i := 0; i < len(sec.blocks); {
		b := &sec.blocks[i]
		moved := b.at - b.start - sec.base
		j := i + 1
		for j < len(sec.blocks) && sec.blocks[j].at-sec.blocks[j].start-sec.base == moved {
			j++
		}
		if moved != 0 {
			b.bad = true
			a.differ(sec, b.start, Difference{
				Cause: CauseMoved, Want: fmt.Sprintf("%s+%#x", sec.s.Name, b.start),
				Have: fmt.Sprintf("%s%+#x, with the %d symbols that follow", sec.s.Name, int64(b.start+moved), j-i-1),
			})
		}
		i = j
	}
}
