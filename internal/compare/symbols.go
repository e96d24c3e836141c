// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"cmp"
	"debug/elf"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// compareSymbols compares the symbol tables. The section and the value of a
// unit's symbol were compared with the unit.
func (c *comparison) compareSymbols() {
	sameFiles := c.compareFileSymbols()
	c.compareLabels()
	toB := c.pairSymbols()
	if sameFiles {
		c.compareOwners(toB)
	}
	paired := make([]bool, len(c.b.o.Symbols))
	for i := range c.a.o.Symbols {
		if !c.isName(c.a, i) {
			continue
		}
		j := toB[i]
		if j == none {
			c.reportUnpairedSymbol(c.a, i, Removed)
			continue
		}
		paired[j] = true
		c.compareSymbol(uint32(i), uint32(j))
	}
	for j := range c.b.o.Symbols {
		if c.isName(c.b, j) && !paired[j] {
			c.reportUnpairedSymbol(c.b, j, Added)
		}
	}
	c.compareSymbolOrder(toB)
}

// isName reports whether a symbol names something that is not ignored.
func (c *comparison) isName(v *view, i int) bool {
	s := &v.o.Symbols[i]
	if i == 0 || s.IsDropped() || !v.places.Names(s) && !v.isReference(s) {
		return false
	}
	return s.Section <= 0 || !c.skipSection(v.secs[s.Section].s.Name)
}

// isReference reports whether a symbol has the name of a label or a mapping symbol
// and is none: it is not local, or not in a section.
func (v *view) isReference(s *elfobj.Symbol) bool {
	return s.Name != "" && (!s.IsLocal() || s.Section <= 0) && s.Type() != elf.STT_SECTION && s.Type() != elf.STT_FILE
}

// isLabel reports whether a symbol, by its name without prefix, is a label of the
// assembler.
func isLabel(s *elfobj.Symbol, name string) bool {
	return s.IsLocal() && s.Section > 0 && strings.HasPrefix(name, ".L")
}

// symbolKey identifies a symbol.
type symbolKey struct {
	name, stem string
	local      bool
	ordinal    int
}

// pairSymbols finds the counterpart of each symbol: by name, binding and, for
// local symbols, source; then by name alone; then by their units.
func (c *comparison) pairSymbols() []int32 {
	a, b := c.a, c.b
	toB, toA := filled(len(a.o.Symbols)), filled(len(b.o.Symbols))
	join := func(i, j int32) {
		toB[i], toA[j] = j, i
	}
	for _, withStem := range []bool{true, false} {
		key := func(v *view, i int, seen map[symbolKey]int) symbolKey {
			s := &v.o.Symbols[i]
			k := symbolKey{name: v.name(s), local: s.IsLocal()}
			if withStem && k.local {
				k.stem = v.stem(&unit{file: v.fileOf(uint32(i))})
			}
			if !withStem {
				k.local = false // a symbol whose binding changed
			}
			n := seen[k]
			seen[k]++
			k.ordinal = n
			return k
		}
		unpaired := map[symbolKey]int32{}
		seen := map[symbolKey]int{}
		for j := range b.o.Symbols {
			if toA[j] == none && c.isName(b, j) {
				unpaired[key(b, j, seen)] = int32(j)
			}
		}
		seen = map[symbolKey]int{}
		for i := range a.o.Symbols {
			if toB[i] == none && c.isName(a, i) {
				if j, ok := unpaired[key(a, i, seen)]; ok {
					join(int32(i), j)
				}
			}
		}
	}
	for i := range a.units {
		if j := c.pairs.toB[i]; j != none {
			if x, y := a.units[i].symbol, b.units[j].symbol; x != 0 && y != 0 && toB[x] == none && toA[y] == none {
				join(int32(x), int32(y))
			}
		}
	}
	return toB
}

// compareSymbol compares two symbols.
func (c *comparison) compareSymbol(i, j uint32) {
	x, y := &c.a.o.Symbols[i], &c.b.o.Symbols[j]
	var d []string
	if x.Type() != y.Type() {
		d = append(d, fmt.Sprintf("type %s -> %s", x.Type(), y.Type()))
	}
	if x.Binding() != y.Binding() {
		d = append(d, fmt.Sprintf("binding %s -> %s", x.Binding(), y.Binding()))
	}
	if x.Visibility() != y.Visibility() {
		d = append(d, fmt.Sprintf("visibility %s -> %s", x.Visibility(), y.Visibility()))
	}
	if x.Other>>2 != y.Other>>2 {
		d = append(d, fmt.Sprintf("processor bits %#x -> %#x", x.Other>>2, y.Other>>2))
	}
	own := c.a.isOwn(i) && c.b.isOwn(j)
	if x.Size != y.Size && (!own || c.a.unitSize(x) == c.b.unitSize(y)) {
		d = append(d, fmt.Sprintf("size %#x -> %#x", x.Size, y.Size))
	}
	if !own {
		px, py := c.a.location(x), c.b.location(y)
		if !c.same(px, py) {
			d = append(d, fmt.Sprintf("at %s -> %s", c.a.placeText(px), c.b.placeText(py)))
		}
	}
	if len(d) == 0 {
		return
	}
	c.report.Symbols = append(c.report.Symbols, SymbolChange{Change: Changed, Name: x.Name, Input: c.a.fileOf(i), Details: d})
}

// isOwn reports whether a symbol is the symbol of a unit.
func (v *view) isOwn(i uint32) bool {
	s := &v.o.Symbols[i]
	if s.Section <= 0 {
		return false
	}
	n := v.unitAt(s.Section, s.Value)
	return n >= 0 && v.units[n].symbol == i
}

// unitSize returns the size of the unit of a symbol. It is smaller than the
// symbol's if the symbol extends beyond the section.
func (v *view) unitSize(s *elfobj.Symbol) uint64 {
	u := &v.units[v.unitAt(s.Section, s.Value)]
	return u.end - u.start
}

// location returns the place of a symbol. The start and the end of a section
// are places independent of the units there.
func (v *view) location(s *elfobj.Symbol) place {
	if s.Section <= 0 {
		switch s.Section {
		case elfobj.Absolute:
			return place{"absolute", none, int64(s.Value), 0}
		case elfobj.Common:
			return place{"common, alignment", none, int64(s.Value), 0}
		case elfobj.Livepatch:
			return place{"livepatch", none, int64(s.Value), 0}
		}
		return place{"undefined", none, 0, 0}
	}
	if s.Value == 0 && s.Size == 0 && s.Type() == elf.STT_NOTYPE && !s.IsLocal() {
		return place{"start of " + v.secs[s.Section].s.Name, none, 0, s.Section}
	}
	return v.locate(s.Section, s.Value)
}

// reportUnpairedSymbol reports a symbol without a counterpart, unless it is the
// symbol of a unit that is reported itself.
func (c *comparison) reportUnpairedSymbol(v *view, i int, change string) {
	s := &v.o.Symbols[i]
	if s.Section > 0 {
		if n := v.unitAt(s.Section, s.Value); n >= 0 && v.units[n].symbol == uint32(i) {
			other := c.pairs.toB
			if v == c.b {
				other = c.pairs.toA
			}
			if other[n] == none {
				return
			}
		}
	}
	where := ""
	switch p := v.location(s); {
	case s.Section == elfobj.Undefined:
		where = "undefined"
	default:
		where = fmt.Sprintf("%s, %s, at %s", s.Binding(), s.Type(), v.placeText(p))
	}
	c.report.Symbols = append(c.report.Symbols, SymbolChange{Change: change, Name: s.Name, Input: v.fileOf(uint32(i)), Details: []string{where}})
}

// compareFileSymbols compares the STT_FILE symbols. It reports whether both
// objects have the same, in any order.
func (c *comparison) compareFileSymbols() bool {
	names := func(v *view) []string {
		var out []string
		for i := range v.o.Symbols {
			if s := &v.o.Symbols[i]; s.Type() == elf.STT_FILE && i > 0 {
				out = append(out, v.name(s))
			}
		}
		return out
	}
	a, b := names(c.a), names(c.b)
	if slices.Equal(a, b) {
		return true
	}
	sa, sb := slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	removed, added := minus(sa, sb), minus(sb, sa)
	if len(removed)+len(added) == 0 {
		c.note(catSymbolOrder, 1, "sources in a different order")
		return true
	}
	var text []string
	if len(removed) > 0 {
		text = append(text, "removed "+list(removed))
	}
	if len(added) > 0 {
		text = append(text, "added "+list(added))
	}
	c.note(catFileSymbols, len(removed)+len(added), strings.Join(text, ", "))
	return false
}

// compareOwners compares which STT_FILE symbol each local symbol comes after: by
// name, as their order is compared already.
func (c *comparison) compareOwners(toB []int32) {
	owners := func(v *view) []string {
		out := make([]string, len(v.o.Symbols))
		file := ""
		for i := 1; i < len(v.o.Symbols); i++ {
			s := &v.o.Symbols[i]
			if s.Type() == elf.STT_FILE {
				file = v.name(s)
			}
			out[i] = file
		}
		return out
	}
	a, b := owners(c.a), owners(c.b)
	n, first := 0, ""
	for i, j := range toB {
		x := &c.a.o.Symbols[i]
		if j == none || !x.IsLocal() || !c.b.o.Symbols[j].IsLocal() || a[i] == b[j] {
			continue
		}
		if n++; n == 1 {
			first = fmt.Sprintf("%s from %s to %s", x.Name, ownerText(a[i]), ownerText(b[j]))
		}
	}
	if n > 0 {
		c.note(catFileSymbols, n, fmt.Sprintf("%s of another source, the first: %s", plural(n, "local symbol"), first))
	}
}

func ownerText(file string) string {
	if file == "" {
		return "none"
	}
	return file
}

// minus returns the multiset difference of two sorted lists.
func minus(a, b []string) []string {
	var out []string
	for _, s := range a {
		for len(b) > 0 && b[0] < s {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == s {
			b = b[1:]
			continue
		}
		out = append(out, s)
	}
	return out
}

// label is a mapping symbol or an assembler-local label.
type label struct {
	unit        int32 // of a, for both objects
	delta       int64
	name        string
	size        uint64
	info, other uint8
}

// compareLabels compares mapping symbols and assembler-local labels, except in
// units that changed, where they change as well.
func (c *comparison) compareLabels() {
	for _, kind := range []struct {
		category string
		is       func(s *elfobj.Symbol, name string) bool
	}{
		{catMappingSymbols, func(s *elfobj.Symbol, name string) bool {
			bare := elfobj.Symbol{Name: name, Info: s.Info}
			return bare.IsMapping()
		}},
		{catLocalLabels, isLabel},
	} {
		a, b := c.labels(c.a, kind.is), c.labels(c.b, kind.is)
		removed, added := minusLabels(a, b), minusLabels(b, a)
		if n := max(len(removed), len(added)); n > 0 {
			first := append(slices.Clip(removed), added...)[0]
			at := "no unit"
			if first.unit >= 0 {
				at = c.a.placeText(place{"", first.unit, first.delta, 0})
			}
			c.note(kind.category, n, fmt.Sprintf("%d removed, %d added; the first is %s at %s", len(removed), len(added), first.name, at))
		}
	}
}

// labels returns the labels of a kind, sorted by place.
func (c *comparison) labels(v *view, is func(*elfobj.Symbol, string) bool) []label {
	var out []label
	for i := 1; i < len(v.o.Symbols); i++ {
		s := &v.o.Symbols[i]
		if s.Type() == elf.STT_SECTION || s.Type() == elf.STT_FILE || s.Section <= 0 || !is(s, v.name(s)) || c.skipSection(v.secs[s.Section].s.Name) {
			continue
		}
		p := v.locate(s.Section, s.Value)
		m := label{unit: -1, delta: p.delta, name: v.name(s), size: s.Size, info: s.Info, other: s.Other}
		switch {
		case p.unit == none:
			m.name += " in " + v.secs[s.Section].s.Name
		default:
			m.unit = p.unit
			if v == c.b {
				m.unit = c.pairs.toA[p.unit]
			}
			if m.unit == none || c.aligned[m.unit] != nil || c.pairs.toB[m.unit] == none {
				continue
			}
			// The size of the padding after a unit depends on what follows.
			if u := &c.a.units[m.unit]; m.delta >= int64(u.end-u.start) {
				m.delta = int64(u.end - u.start)
			}
		}
		out = append(out, m)
	}
	slices.SortFunc(out, compareLabel)
	return out
}

func compareLabel(a, b label) int {
	return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.delta, b.delta), cmp.Compare(a.name, b.name),
		cmp.Compare(a.size, b.size), cmp.Compare(a.info, b.info), cmp.Compare(a.other, b.other))
}

// minusLabels returns the multiset difference of two sorted lists.
func minusLabels(a, b []label) []label {
	var out []label
	for _, m := range a {
		for len(b) > 0 && compareLabel(b[0], m) < 0 {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == m {
			b = b[1:]
			continue
		}
		out = append(out, m)
	}
	return out
}

// compareSymbolOrder compares the order of the symbol tables.
func (c *comparison) compareSymbolOrder(toB []int32) {
	var positions []int32
	for _, j := range toB {
		if j != none {
			positions = append(positions, j)
		}
	}
	n := 0
	for _, stays := range inOrder(positions) {
		if !stays {
			n++
		}
	}
	if n > 0 {
		c.note(catSymbolOrder, n, plural(n, "symbol")+" moved in the table")
	}
}

// compareForms compares the form of relocations in sections without other
// differences: which symbol they use to refer to a place, and their order.
func (c *comparison) compareForms() {
	for i, sa := range c.a.secs {
		if sa == nil || c.pairs.secsToB[i] == 0 || c.changed[i] || !c.unmoved[i] || c.skipSection(sa.s.Name) {
			continue
		}
		a, b := sa.s, c.b.secs[c.pairs.secsToB[i]].s
		if n := c.formsDiffer(a, b); n > 0 {
			c.note(catRelocationForm, n, fmt.Sprintf("%s: %s with another symbol for the same place, or in a different order", a.Name, plural(n, "relocation")))
		}
	}
}

// formsDiffer counts the relocations that differ, entry by entry.
func (c *comparison) formsDiffer(a, b *elfobj.Section) int {
	var other []elfobj.Reloc
	for rel := range c.b.o.Relocations(b) {
		other = append(other, rel)
	}
	n, k := 0, 0
	for rel := range c.a.o.Relocations(a) {
		if k == len(other) {
			break // reported with the contents
		}
		x, y := &c.a.o.Symbols[rel.Symbol], &c.b.o.Symbols[other[k].Symbol]
		if rel.Offset != other[k].Offset || rel.Type != other[k].Type || x.Type() != y.Type() ||
			x.Type() != elf.STT_SECTION && c.a.name(x) != c.b.name(y) {
			n++
		}
		k++
	}
	return n
}
