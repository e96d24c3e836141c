// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"cmp"
	"debug/elf"
	"slices"
	"sort"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// view is an object split into units that can be found again in another object.
type view struct {
	o          *elfobj.Object
	prefix     string // of all symbol names; names are compared without it
	origins    *layout.Origins
	boundaries *layout.Origins // see sources
	places     *layout.Places
	code       *machine.Code
	secs       []*secView // by section index
	units      []unit
	several    map[string]bool // names of more than one section
}

// sources is what is known about the inputs of an object.
type sources struct {
	names *layout.Origins // for messages
	// boundaries says where inputs start. It has to come from the same kind of
	// source for both objects, maps or STT_FILE symbols, or only one of them
	// would be split at a boundary; otherwise it is nil for both.
	boundaries *layout.Origins
}

// findSources finds the sources of both objects.
func findSources(a, b *elfobj.Object, ma, mb *layout.Layout) (sa, sb sources, err error) {
	for _, x := range []struct {
		o   *elfobj.Object
		m   *layout.Layout
		out *sources
	}{{a, ma, &sa}, {b, mb, &sb}} {
		if x.out.names, err = layout.NewOrigins(x.o, layout.Options{Map: x.m}); err != nil {
			return sa, sb, err
		}
		x.out.boundaries = x.out.names
		if x.m != nil && (ma == nil || mb == nil) {
			if x.out.boundaries, err = layout.NewOrigins(x.o, layout.Options{}); err != nil {
				return sa, sb, err
			}
		}
	}
	if sa.boundaries.From != sb.boundaries.From {
		sa.boundaries, sb.boundaries = nil, nil
	}
	return sa, sb, nil
}

// secView is a section of a view.
type secView struct {
	s           *elfobj.Section
	data        []byte         // contents; nil for SHT_NOBITS
	relocs      []elfobj.Reloc // sorted by offset
	first, last int            // index of the first unit, and one after the last
	mappings    []mapping      // sorted by offset
	gaps        []gap
	sequence    int // among the sections with the same name
}

// mapping is a mapping symbol, where code or data starts.
type mapping struct {
	off  uint64
	data bool
}

// gap is padding between units.
type gap struct {
	off, size uint64
	fill      string // "zeros", "nops" or "none" (in a section without contents)
}

// unit is a range of bytes that is compared as a whole: bytes that a symbol
// covers, or bytes of one input between such symbols.
type unit struct {
	sec        elfobj.SectionIndex
	start, end uint64
	symbol     uint32 // 0: no symbol
	file       string // the input or source, if known
}

// newView splits an object into units.
func newView(o *elfobj.Object, src sources, prefix string) (*view, error) {
	v := &view{
		o: o, prefix: prefix, origins: src.names, boundaries: src.boundaries, places: layout.NewPlaces(o), code: &o.Machine.Code,
		secs: make([]*secView, len(o.Sections)),
	}
	v.several = map[string]bool{}
	sequence := map[string]int{}
	for i, s := range o.Sections {
		if s == nil {
			continue
		}
		sv := &secView{s: s, data: s.Contents(), sequence: sequence[s.Name]}
		v.several[s.Name] = sequence[s.Name] > 0
		sequence[s.Name]++
		v.secs[i] = sv
		var err error
		if sv.relocs, err = v.sortedRelocs(s); err != nil {
			return nil, err
		}
	}
	v.addMappings()
	for i := range v.secs {
		if v.secs[i] != nil {
			v.split(elfobj.SectionIndex(i))
		}
	}
	return v, nil
}

// sortedRelocs decodes the relocations of a section and sorts them by offset.
func (v *view) sortedRelocs(s *elfobj.Section) ([]elfobj.Reloc, error) {
	n := s.RelocCount()
	if n == 0 {
		return nil, nil
	}
	relocs := make([]elfobj.Reloc, 0, n)
	sorted := true
	for rel, err := range v.o.Relocations(s) {
		if err != nil {
			return nil, err
		}
		sorted = sorted && (len(relocs) == 0 || relocs[len(relocs)-1].Offset <= rel.Offset)
		relocs = append(relocs, rel)
	}
	if !sorted {
		slices.SortStableFunc(relocs, func(a, b elfobj.Reloc) int { return cmp.Compare(a.Offset, b.Offset) })
	}
	return relocs, nil
}

// addMappings finds the mapping symbols, even if they have the prefix.
func (v *view) addMappings() {
	for i := range v.o.Symbols {
		s := &v.o.Symbols[i]
		if s.Section <= 0 || !s.IsLocal() || s.Type() != elf.STT_NOTYPE {
			continue
		}
		bare := elfobj.Symbol{Name: v.name(s)}
		if bare.IsMapping() {
			sv := v.secs[s.Section]
			sv.mappings = append(sv.mappings, mapping{s.Value, bare.Name[1] == 'd'})
		}
	}
	for _, sv := range v.secs {
		if sv != nil {
			slices.SortStableFunc(sv.mappings, func(a, b mapping) int { return cmp.Compare(a.off, b.off) })
		}
	}
}

// name returns a symbol's name without the prefix.
func (v *view) name(s *elfobj.Symbol) string { return strings.TrimPrefix(s.Name, v.prefix) }

// isCode reports whether there is an instruction at an offset.
func (sv *secView) isCode(off uint64) bool {
	if sv.s.Flags&elf.SHF_EXECINSTR == 0 {
		return false
	}
	i := sort.Search(len(sv.mappings), func(i int) bool { return sv.mappings[i].off > off }) - 1
	return i < 0 || !sv.mappings[i].data
}

// relocsIn returns the relocations in [start, end). If end is the section's
// end, it includes those at the end, which have no field.
func (sv *secView) relocsIn(start, end uint64) []elfobj.Reloc {
	i := sort.Search(len(sv.relocs), func(i int) bool { return sv.relocs[i].Offset >= start })
	j := i + sort.Search(len(sv.relocs)-i, func(j int) bool { return sv.relocs[i+j].Offset >= end })
	if end == sv.s.Size {
		j = len(sv.relocs)
	}
	return sv.relocs[i:j]
}

// split splits a section into units. A section that is not loaded is one unit.
func (v *view) split(at elfobj.SectionIndex) {
	sv := v.secs[at]
	sv.first = len(v.units)
	defer func() { sv.last = len(v.units) }()
	if sv.s.Size == 0 {
		return
	}
	if !sv.s.IsAlloc() {
		v.units = append(v.units, unit{sec: at, end: sv.s.Size})
		return
	}
	by := layout.Boundaries{Skip: func(symbol uint32) bool {
		// The script's start symbols do not say what the bytes are.
		return strings.HasPrefix(v.name(&v.o.Symbols[symbol]), hyprel.SymbolPrefix)
	}}
	if v.boundaries != nil {
		by.Next = v.boundaries.Next
	}
	for _, e := range v.places.Split(at, by) {
		u := unit{sec: at, start: e.Start, end: e.End, symbol: e.Symbol}
		if u.symbol != 0 {
			u.file = v.fileOf(u.symbol)
		} else {
			u.file = v.origins.At(at, u.start)
		}
		if e.Sized {
			v.units = append(v.units, u)
		} else {
			v.addTrimmed(u)
		}
	}
}

// fileOf returns the input of a symbol.
func (v *view) fileOf(symbol uint32) string {
	file, _ := v.origins.Symbol(symbol)
	return file
}

// addTrimmed adds a unit without the padding at its end, and the padding as a
// gap.
func (v *view) addTrimmed(u unit) {
	sv := v.secs[u.sec]
	full := u.end
	if sv.data == nil {
		if u.symbol == 0 {
			sv.gaps = append(sv.gaps, gap{u.start, u.end - u.start, "none"})
			return
		}
		v.units = append(v.units, u)
		return
	}
	if code := sv.s.Flags&elf.SHF_EXECINSTR != 0; code && u.symbol == 0 && v.code.IsPadding(sv.data[u.start:u.end]) {
		sv.gaps = append(sv.gaps, gap{u.start, u.end - u.start, "nops"})
		return
	}
	floor := u.start
	if r := sv.relocsIn(u.start, u.end); len(r) > 0 {
		field := uint64(8)
		if v.code.Fixed && sv.isCode(r[len(r)-1].Offset) {
			field = uint64(v.code.Unit)
		}
		floor = min(r[len(r)-1].Offset+field, u.end)
	}
	fill := "zeros"
	for u.end > floor && sv.data[u.end-1] == 0 {
		u.end--
	}
	if sv.s.Flags&elf.SHF_EXECINSTR != 0 {
		n := uint64(len(v.code.Nop))
		// Zeros that end an instruction are part of it.
		if aligned := u.end + (n-u.end%n)%n; aligned <= full {
			u.end = max(aligned, floor)
		}
		for u.end >= floor+n && bytes.Equal(sv.data[u.end-n:u.end], v.code.Nop) {
			u.end -= n
			fill = "nops"
		}
	} else if u.end > u.start && u.end < full {
		u.end++ // the zero byte may end a string
	}
	if u.end < full {
		sv.gaps = append(sv.gaps, gap{u.end, full - u.end, fill})
	}
	if u.end > u.start {
		v.units = append(v.units, u)
	}
}

// unitAt returns the unit at an offset, or -1. Padding belongs to the unit
// before it.
func (v *view) unitAt(at elfobj.SectionIndex, off uint64) int {
	sv := v.secs[at]
	i := sv.first + sort.Search(sv.last-sv.first, func(i int) bool { return v.units[sv.first+i].start > off }) - 1
	if i < sv.first {
		return -1
	}
	return i
}

// data returns the bytes of a unit, or nil in a SHT_NOBITS section.
func (v *view) data(u *unit) []byte {
	if d := v.secs[u.sec].data; d != nil {
		return d[u.start:u.end]
	}
	return nil
}

// relocs returns the relocations of a unit.
func (v *view) relocs(u *unit) []elfobj.Reloc { return v.secs[u.sec].relocsIn(u.start, u.end) }

// stem returns the stem of a unit's input, or "" if the objects' inputs cannot
// be compared.
func (v *view) stem(u *unit) string {
	if v.boundaries == nil {
		return ""
	}
	return layout.Stem(u.file)
}
