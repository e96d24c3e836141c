package check

import (
	"fmt"
	"sort"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// uses finds the first use of the symbols and section ranges that findings are
// about, so that messages can name the function.
type uses struct {
	symbols map[uint32]*use                // undefined symbols
	ranges  map[elfobj.SectionIndex][]*use // by start; they do not overlap
}

// use is what to look for, and where it was first used.
type use struct {
	finding    int // index in checker.findings
	start, end uint64
	seen       bool
	sec        elfobj.SectionIndex
	off        uint64
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
		x.set(sec, rel.Offset)
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
		list[i].set(sec, rel.Offset)
	}
}

func (x *use) set(sec elfobj.SectionIndex, off uint64) {
	if !x.seen {
		x.seen, x.sec, x.off = true, sec, off
	}
}

// tracking reports whether there is anything to look for.
func (u *uses) tracking() bool { return u.symbols != nil || u.ranges != nil }

// addUses adds the uses to the findings.
func (c *checker) addUses() {
	put := func(x *use) {
		if !x.seen {
			return
		}
		f := &c.findings[x.finding]
		f.UsedAt = fmt.Sprintf("%s+%#x", c.o.Sections[x.sec].Name, x.off)
		f.UsedBy = c.symbolAt(x.sec, x.off)
		if in := c.origins.At(x.sec, x.off); f.Input == "" {
			f.Input = in
		}
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
