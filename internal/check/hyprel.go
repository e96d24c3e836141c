// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
)

// pointer is the location of a 64-bit address.
type pointer struct {
	sec elfobj.SectionIndex
	off uint64
}

// entrySize is the size of an entry of .hyp.reloc in bytes.
const entrySize = 4

const rebuild = "make the table last, from the object as the partial link wrote it (hyp_relocations of a hyp_object, 'hyplink hyprel', or 'hyplink object --hyp-relocations')"

// hypRelocations checks .hyp.reloc against the addresses in hypervisor
// sections: it must have one PC-relative entry for each of them, in the order
// of sections and relocations.
func (c *checker) hypRelocations() error {
	at := elfobj.SectionIndex(0)
	for i, s := range c.o.Sections {
		if s != nil && s.Name == hyprel.TableSection {
			if at != 0 {
				c.add(&hypReloc, elfobj.SectionIndex(i), 0, Finding{Message: "appears twice in the object", Fix: rebuild})
				return nil
			}
			at = elfobj.SectionIndex(i)
		}
	}
	switch {
	case at != 0 && c.opts.HypRelocations == Absent:
		c.add(&hypReloc, at, 0, Finding{Message: "the object has hyp relocations but must not have any", Fix: "link without hyp_relocations (option --hyp-relocations)"})
		return nil
	case at != 0:
		return c.compareTable(at)
	case c.opts.HypRelocations == Absent || len(c.pointers) == 0 && c.opts.HypRelocations != Required:
		return nil
	case c.opts.HypRelocations == Required || len(c.marked) > 0:
		f := Finding{Message: fmt.Sprintf("the object has no %s to list its %d addresses", hyprel.TableSection, len(c.pointers)), Fix: rebuild}
		if len(c.pointers) > 0 {
			p := c.pointers[0]
			f.Symbol = c.symbolAt(p.sec, p.off)
			c.add(&hypReloc, p.sec, int64(p.off), f)
		} else {
			c.add(&hypReloc, 0, -1, f)
		}
	}
	return nil
}

// hasHypRelocations reports whether addresses are converted at boot.
func (c *checker) hasHypRelocations() bool {
	switch c.opts.HypRelocations {
	case Required:
		return true
	case Absent:
		return false
	}
	return c.o.Section(hyprel.TableSection) != nil || len(c.marked) > 0
}

// isSectionStart reports whether a symbol is one of those at the starts of
// sections, which hyp relocations are relative to.
func (c *checker) isSectionStart(s *elfobj.Symbol) bool {
	return strings.HasPrefix(c.bare(s.Name), hyprel.SymbolPrefix)
}

// compareTable compares the table with the addresses.
func (c *checker) compareTable(at elfobj.SectionIndex) error {
	s := c.o.Sections[at]
	var entries []pointer
	n := uint64(0)
	for rel, err := range c.o.Relocations(s) {
		if err != nil {
			return err
		}
		sym := &c.o.Symbols[rel.Symbol]
		what := ""
		switch {
		case rel.Type != c.o.Machine.Prel32:
			what = fmt.Sprintf("entry %d is a %s, want %s", n, c.o.Machine.RelocName(rel.Type), c.o.Machine.RelocName(c.o.Machine.Prel32))
		case rel.Offset != n*entrySize:
			what = fmt.Sprintf("entry %d is at %#x, want %#x", n, rel.Offset, n*entrySize)
		case sym.Section <= 0:
			what = fmt.Sprintf("entry %d refers to %q, which is not in a section of the object", n, c.o.SymbolName(rel.Symbol))
		}
		if what != "" {
			c.add(&hypReloc, at, int64(rel.Offset), Finding{Target: c.o.SymbolName(rel.Symbol), Message: what, Fix: rebuild})
			return nil
		}
		entries = append(entries, pointer{sym.Section, sym.Value + uint64(rel.Addend)})
		n++
	}
	if s.Size != n*entrySize {
		c.add(&hypReloc, at, int64(min(s.Size, n*entrySize)), Finding{
			Message: fmt.Sprintf("has %d bytes, but its %d relocations take %d", s.Size, n, n*entrySize), Fix: rebuild,
		})
	}
	first := 0
	for first < len(entries) && first < len(c.pointers) && entries[first] == c.pointers[first] {
		first++
	}
	if first < len(entries) || first < len(c.pointers) {
		c.tableDiffers(at, entries, first)
	}
	return nil
}

// tableDiffers reports duplicate, missing and extra entries, or, if there are
// none, that the order is wrong from entry `first` on.
func (c *checker) tableDiffers(at elfobj.SectionIndex, entries []pointer, first int) {
	have := make(map[pointer]int, len(entries))
	for i, e := range entries {
		if j, twice := have[e]; twice {
			c.add(&hypReloc, at, int64(i*entrySize), Finding{
				Symbol:  c.symbolAt(e.sec, e.off),
				Message: fmt.Sprintf("entries %d and %d are both for %s", j, i, c.place(e)), Fix: rebuild,
			})
		}
		have[e] = i
	}
	want := make(map[pointer]bool, len(c.pointers))
	missing := 0
	for _, p := range c.pointers {
		want[p] = true
		if _, ok := have[p]; !ok {
			missing++
			c.add(&hypReloc, p.sec, int64(p.off), Finding{
				Symbol:  c.symbolAt(p.sec, p.off),
				Message: fmt.Sprintf("holds an address that %s does not list", hyprel.TableSection), Fix: rebuild,
			})
		}
	}
	extra := 0
	for i, e := range entries {
		if !want[e] {
			extra++
			c.add(&hypReloc, at, int64(i*entrySize), Finding{
				Symbol:  c.symbolAt(e.sec, e.off),
				Message: fmt.Sprintf("entry %d is for %s, which does not hold an address", i, c.place(e)), Fix: rebuild,
			})
		}
	}
	if missing == 0 && extra == 0 && len(entries) == len(c.pointers) {
		e, p := entries[first], c.pointers[first]
		c.add(&hypReloc, at, int64(first*entrySize), Finding{
			Symbol:  c.symbolAt(e.sec, e.off),
			Message: fmt.Sprintf("entries are out of order: entry %d is for %s, want %s", first, c.place(e), c.place(p)), Fix: rebuild,
		})
	}
}

// place describes the location of a pointer for messages.
func (c *checker) place(p pointer) string {
	text := fmt.Sprintf("%s+%#x", c.o.Sections[p.sec].Name, p.off)
	if i, ok := c.places.At(p.sec, p.off); ok {
		s := &c.o.Symbols[i]
		text += fmt.Sprintf(" (%s+%#x)", s.Name, p.off-s.Value)
	}
	return text
}
