// SPDX-License-Identifier: Apache-2.0

package check

import (
	"debug/elf"
	"fmt"
	"sort"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/lineinfo"
)

// otherUses is how many uses a finding lists besides the first one.
const otherUses = 8

// maxLines bounds how many places get a line: each is searched for in the debug
// information of all sources.
const maxLines = 500

// uses finds the uses of the symbols and section ranges that findings are about,
// so that messages can name functions and lines.
type uses struct {
	symbols map[uint32]*use                // undefined symbols
	ranges  map[elfobj.SectionIndex][]*use // by start; they do not overlap
}

// use is what to look for, and where it was used: in each function or variable
// once, as relocations are in the order of places.
type use struct {
	finding    int // index in checker.findings
	start, end uint64
	places     []place // the first 1+otherUses
	count      int     // of all places
	last       place
}

// place is where something is used.
type place struct {
	sec elfobj.SectionIndex
	off uint64
	by  uint32 // the function or variable; 0 if there is none
}

// trackSymbol looks for a use of a symbol, for the last finding.
func (u *uses) trackSymbol(c *checker, i uint32) {
	if u.symbols == nil {
		u.symbols = map[uint32]*use{}
	}
	u.symbols[i] = &use{finding: len(c.findings) - 1}
}

// track looks for a use of bytes of a section, for the last finding. Size 0
// means 1 byte.
func (u *uses) track(c *checker, sec elfobj.SectionIndex, start, size uint64) {
	if u.ranges == nil {
		u.ranges = map[elfobj.SectionIndex][]*use{}
	}
	u.ranges[sec] = append(u.ranges[sec], &use{finding: len(c.findings) - 1, start: start, end: start + max(size, 1)})
}

// record records a relocation as a use of what it refers to.
func (u *uses) record(c *checker, sec elfobj.SectionIndex, rel *elfobj.Reloc) {
	if x := u.symbols[rel.Symbol]; x != nil {
		x.set(c, sec, rel.Offset)
	}
	if u.ranges == nil {
		return
	}
	s := &c.o.Symbols[rel.Symbol]
	if s.Section <= 0 || s.Section == sec {
		return
	}
	list := u.ranges[s.Section]
	target := s.Value + uint64(rel.Addend)
	i := sort.Search(len(list), func(i int) bool { return list[i].start > target }) - 1
	if i >= 0 && target < list[i].end {
		list[i].set(c, sec, rel.Offset)
	}
}

func (x *use) set(c *checker, sec elfobj.SectionIndex, off uint64) {
	at := place{sec: sec, off: off}
	at.by, _ = c.places.At(sec, off)
	if x.count > 0 && x.last.sec == sec && x.last.by == at.by {
		return
	}
	x.last = at
	if x.count++; x.count <= 1+otherUses {
		x.places = append(x.places, at)
	}
}

// tracking reports whether there is anything to look for.
func (u *uses) tracking() bool { return u.symbols != nil || u.ranges != nil }

// addUses adds the uses to the findings.
func (c *checker) addUses() {
	put := func(x *use) {
		if x.count == 0 {
			return
		}
		f := &c.findings[x.finding]
		first := c.use(x.places[0])
		f.UsedAt, f.UsedBy, f.UsedSource = first.At, first.By, first.Source
		if f.Input == "" {
			f.Input = first.Input
		}
		for _, p := range x.places[1:] {
			f.OtherUses = append(f.OtherUses, c.use(p))
		}
		f.MoreUses = x.count - len(x.places)
	}
	for _, x := range c.uses.symbols {
		put(x)
	}
	for _, list := range c.uses.ranges {
		for _, x := range list {
			put(x)
		}
	}
}

// use describes a place for a finding.
func (c *checker) use(p place) Use {
	return Use{
		By: c.symbolAt(p.sec, p.off), At: fmt.Sprintf("%s+%#x", c.o.Sections[p.sec].Name, p.off),
		Source: c.line(p.sec, p.off), Input: c.origins.At(p.sec, p.off),
	}
}

// line returns "file:line" of the code at a place, or "" if debug information
// does not say it. That is read for the first finding that asks.
func (c *checker) line(sec elfobj.SectionIndex, off uint64) string {
	if c.o.Sections[sec].Flags&elf.SHF_EXECINSTR == 0 {
		return ""
	}
	if c.lines == nil {
		c.lines = lineinfo.New(c.o)
	}
	if c.lookups++; c.lookups > maxLines {
		return ""
	}
	return c.lines.At(sec, off)
}
