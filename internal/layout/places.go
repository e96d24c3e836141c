// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"cmp"
	"debug/elf"
	"slices"
	"sort"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// Places finds the symbol at an offset in a section. It sorts the symbols of a
// section on first use.
type Places struct {
	o      *elfobj.Object
	prefix string
	lists  []*placeList // by section index
	// bySection[starts[i]:starts[i+1]] are the symbols of section i for which
	// Names is true; nil before the first use.
	bySection []uint32
	starts    []uint32
}

// placeList is the symbols of a section, sorted by offset.
type placeList struct {
	sized, labels []uint32 // labels are all symbols
	ends          []uint64 // ends[i] is the largest end of sized[:i+1]
}

// NewPlaces returns the Places of o.
func NewPlaces(o *elfobj.Object) *Places {
	return &Places{o: o, prefix: Prefix(o), lists: make([]*placeList, len(o.Sections))}
}

// Names reports whether a symbol names code or data: it is not a section, file
// or mapping symbol, and not an assembler-local label (.L…).
func (p *Places) Names(s *elfobj.Symbol) bool {
	if t := s.Type(); t == elf.STT_SECTION || t == elf.STT_FILE {
		return false
	}
	name, had := strings.CutPrefix(s.Name, p.prefix)
	if !had {
		name = s.Name
	}
	if name == "" || strings.HasPrefix(name, ".L") {
		return false
	}
	bare := elfobj.Symbol{Name: name, Info: s.Info}
	return !bare.IsMapping()
}

// At returns the symbol that covers an offset in a section, or the last symbol
// before it. ok is false if there is neither.
func (p *Places) At(sec elfobj.SectionIndex, off uint64) (symbol uint32, ok bool) {
	if sec <= 0 || int(sec) >= len(p.lists) {
		return 0, false
	}
	l := p.list(sec)
	syms := p.o.Symbols
	i := sort.Search(len(l.sized), func(i int) bool { return syms[l.sized[i]].Value > off })
	for i--; i >= 0 && l.ends[i] > off; i-- {
		if s := &syms[l.sized[i]]; off-s.Value < s.Size {
			return l.sized[i], true
		}
	}
	i = sort.Search(len(l.labels), func(i int) bool { return syms[l.labels[i]].Value > off }) - 1
	if i < 0 {
		return 0, false
	}
	return l.labels[i], true
}

// Symbols returns the symbols of a section for which Names is true, sorted by
// offset. If any of them has a size, it omits those without a size.
func (p *Places) Symbols(sec elfobj.SectionIndex) []uint32 {
	l := p.list(sec)
	if len(l.sized) > 0 {
		return l.sized
	}
	return l.labels
}

// groupBySection groups the symbols by section.
func (p *Places) groupBySection() {
	syms := p.o.Symbols
	p.starts = make([]uint32, len(p.o.Sections)+1)
	named := make([]bool, len(syms))
	for i := 1; i < len(syms); i++ {
		if s := &syms[i]; s.Section > 0 && p.Names(s) {
			named[i] = true
			p.starts[s.Section]++
		}
	}
	sum := uint32(0)
	for i, n := range p.starts {
		p.starts[i] = sum
		sum += n
	}
	p.bySection = make([]uint32, sum)
	next := slices.Clone(p.starts)
	for i := range syms {
		if named[i] {
			at := &next[syms[i].Section]
			p.bySection[*at] = uint32(i)
			*at++
		}
	}
}

func (p *Places) list(sec elfobj.SectionIndex) *placeList {
	if p.lists[sec] != nil {
		return p.lists[sec]
	}
	if p.starts == nil {
		p.groupBySection()
	}
	syms := p.o.Symbols
	l := &placeList{labels: p.bySection[p.starts[sec]:p.starts[sec+1]]}
	p.lists[sec] = l
	// Of symbols at the same offset, users take the last one. Typed symbols and
	// global symbols sort last; then the name decides and not the order in the
	// symbol table, which depends on the linker.
	order := func(a, b uint32) int {
		x, y := &syms[a], &syms[b]
		return cmp.Or(cmp.Compare(x.Value, y.Value), cmp.Compare(weight(x), weight(y)), cmp.Compare(y.Name, x.Name), cmp.Compare(b, a))
	}
	slices.SortFunc(l.labels, order)
	for _, i := range l.labels {
		if syms[i].Size > 0 {
			l.sized = append(l.sized, i)
		}
	}
	l.ends = make([]uint64, len(l.sized))
	end := uint64(0)
	for i, n := range l.sized {
		end = max(end, syms[n].Value+min(syms[n].Size, ^syms[n].Value))
		l.ends[i] = end
	}
	return l
}

func weight(s *elfobj.Symbol) int {
	w := 0
	if s.Type() != elf.STT_NOTYPE {
		w += 2
	}
	if !s.IsLocal() {
		w++
	}
	return w
}

// All returns the symbols of a section for which Names is true, sorted by
// offset, the most significant one last.
func (p *Places) All(sec elfobj.SectionIndex) []uint32 { return p.list(sec).labels }
