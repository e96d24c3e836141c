// SPDX-License-Identifier: Apache-2.0

package layout

import "github.com/rules-hyp/rules_hyp/internal/elfobj"

// Extent is a range of bytes of a section: those that a symbol covers, or bytes
// of one input that no symbol covers.
type Extent struct {
	Start, End uint64 // offsets in the section, in bytes
	// Symbol names the bytes; 0 if none does.
	Symbol uint32
	// Sized says that the end is that of the symbol. Otherwise it is the next
	// symbol, the next input, or the section's end.
	Sized bool
}

// Boundaries says where a section is split between symbols that have a size. Both
// functions may be nil.
type Boundaries struct {
	// Next returns where the next input starts after an offset, as [Origins.Next].
	Next func(sec elfobj.SectionIndex, off uint64) (next uint64, ok bool)
	// Skip reports whether a label does not say what is at its offset, such as one
	// of the linker script.
	Skip func(symbol uint32) bool
}

// Split splits a section into extents, in order and without gaps. Of symbols that
// overlap, the first one has the bytes; of those at one offset, the largest.
// Bytes between them are split at labels and at the boundaries of inputs.
func (p *Places) Split(sec elfobj.SectionIndex, by Boundaries) []Extent {
	size := p.o.Sections[sec].Size
	syms := p.o.Symbols
	var out []Extent
	var sized, labels []uint32
	for _, n := range p.All(sec) {
		if s := &syms[n]; s.Value >= size {
			break
		} else if s.Size > 0 {
			sized = append(sized, n)
		} else {
			labels = append(labels, n)
		}
	}
	covered, label := uint64(0), 0
	for i := 0; i <= len(sized); i++ {
		start, end := size, size
		if i < len(sized) {
			s := &syms[sized[i]]
			if s.Value < covered {
				continue // overlaps the symbol before
			}
			for j := i + 1; j < len(sized) && syms[sized[j]].Value == s.Value; j++ {
				if t := &syms[sized[j]]; t.Size >= s.Size {
					i, s = j, t
				}
			}
			start, end = s.Value, min(s.Value+min(s.Size, ^s.Value), size)
		}
		for label < len(labels) && syms[labels[label]].Value < covered {
			label++
		}
		from := label
		for label < len(labels) && syms[labels[label]].Value < start {
			label++
		}
		out = p.splitGap(out, sec, covered, start, labels[from:label], by)
		if i < len(sized) {
			out = append(out, Extent{Start: start, End: end, Symbol: sized[i], Sized: true})
		}
		covered = end
	}
	return out
}

// splitGap appends the extents between two symbols that have a size.
func (p *Places) splitGap(out []Extent, sec elfobj.SectionIndex, start, end uint64, labels []uint32, by Boundaries) []Extent {
	for start < end {
		e := Extent{Start: start, End: end}
		for len(labels) > 0 && p.o.Symbols[labels[0]].Value == start {
			// The last one wins: All sorts the most significant one last.
			if by.Skip == nil || !by.Skip(labels[0]) {
				e.Symbol = labels[0]
			}
			labels = labels[1:]
		}
		if len(labels) > 0 {
			e.End = min(e.End, p.o.Symbols[labels[0]].Value)
		}
		if by.Next != nil {
			if next, ok := by.Next(sec, start); ok {
				e.End = min(e.End, next)
			}
		}
		out = append(out, e)
		start = e.End
	}
	return out
}
