// SPDX-License-Identifier: Apache-2.0

// Package sizes says what the bytes of an object belong to: each byte of a section
// is in one [Item], which has the symbol and the input that it came from.
//
// What an object and what a picture of it report are sums over these items, so
// that both add up to the sizes of the sections.
package sizes

import (
	"debug/elf"
	"math"
	"sort"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// Kind is what an item is.
type Kind uint8

// The kinds of items. Those without a symbol are Code, Data and Padding.
const (
	Function Kind = iota // code of a symbol
	Variable             // data of a symbol, writable
	Constant             // data of a symbol, read-only
	Code
	Data
	Padding // of no input, where the inputs are known
)

var kindNames = []string{"function", "variable", "constant", "code", "data", "padding"}

func (k Kind) String() string { return kindNames[k] }

// Item is a range of bytes of a section.
type Item struct {
	Section elfobj.SectionIndex
	layout.Extent
	File string // the input, or the source; "" if it is not known
	Kind Kind
}

// Size returns the size in bytes.
func (i *Item) Size() uint64 { return i.End - i.Start }

// Map is an object as items.
type Map struct {
	Object  *elfobj.Object
	Origins *layout.Origins
	Places  *layout.Places
	Items   []Item // by section and offset
	first   []int  // by section index: the number of its first item
}

// Of splits an object into items. Sections that are not loaded are split at inputs
// only. An error says that the map belongs to another object.
func Of(o *elfobj.Object, opts layout.Options) (*Map, error) {
	origins, err := layout.NewOrigins(o, opts)
	if err != nil {
		return nil, err
	}
	m := &Map{Object: o, Origins: origins, Places: layout.NewPlaces(o), first: make([]int, len(o.Sections)+1)}
	prefix := layout.Prefix(o)
	by := layout.Boundaries{Next: origins.Next, Skip: func(symbol uint32) bool {
		if _, script := origins.Symbol(symbol); script {
			return true
		}
		name := o.Symbols[symbol].Name
		return strings.HasPrefix(name, hyprel.SymbolPrefix) || strings.HasPrefix(strings.TrimPrefix(name, prefix), hyprel.SymbolPrefix)
	}}
	for i, s := range o.Sections {
		m.first[i] = len(m.Items)
		if s != nil && s.Size > 0 {
			m.add(elfobj.SectionIndex(i), by)
		}
	}
	m.first[len(o.Sections)] = len(m.Items)
	return m, nil
}

// add appends the items of a section.
func (m *Map) add(at elfobj.SectionIndex, by layout.Boundaries) {
	s := m.Object.Sections[at]
	if !s.IsAlloc() {
		for start := uint64(0); start < s.Size; {
			end := s.Size
			if next, ok := by.Next(at, start); ok {
				end = min(next, end)
			}
			it := Item{Section: at, Extent: layout.Extent{Start: start, End: end}, File: m.Origins.At(at, start), Kind: Data}
			if it.File == "" && m.Origins.Known(at) {
				it.Kind = Padding
			}
			m.Items = append(m.Items, it)
			start = end
		}
		return
	}
	for _, e := range m.Places.Split(at, by) {
		it := Item{Section: at, Extent: e}
		if e.Symbol != 0 {
			it.File, _ = m.Origins.Symbol(e.Symbol)
		} else {
			it.File = m.Origins.At(at, e.Start)
		}
		it.Kind = m.kind(&it, s)
		m.Items = append(m.Items, it)
	}
}

func (m *Map) kind(it *Item, s *elfobj.Section) Kind {
	code := s.Flags&elf.SHF_EXECINSTR != 0
	switch {
	case it.Symbol == 0 && it.File == "" && m.Origins.Known(it.Section):
		return Padding
	case it.Symbol == 0 && code:
		return Code
	case it.Symbol == 0:
		return Data
	case code:
		return Function
	case s.Flags&elf.SHF_WRITE != 0:
		return Variable
	}
	return Constant
}

// Of returns the items of a section and the number of the first one.
func (m *Map) Of(at elfobj.SectionIndex) (items []Item, first int) {
	return m.Items[m.first[at]:m.first[at+1]], m.first[at]
}

// At returns the number of the item at an offset in a section, or -1. The offset
// after the last byte belongs to the last item.
func (m *Map) At(at elfobj.SectionIndex, off uint64) int {
	if at <= 0 || int(at) >= len(m.Object.Sections) {
		return -1
	}
	items, first := m.Of(at)
	i := sort.Search(len(items), func(i int) bool { return items[i].End > off })
	if i == len(items) && i > 0 && items[i-1].End == off {
		i--
	}
	if i == len(items) {
		return -1
	}
	return first + i
}

// Name returns the name of an item's symbol, or "".
func (m *Map) Name(i *Item) string {
	if i.Symbol == 0 {
		return ""
	}
	return m.Object.Symbols[i.Symbol].Name
}

// Loaded returns the sum of the sizes of the loaded sections (SHF_ALLOC), in bytes.
func Loaded(o *elfobj.Object) uint64 {
	sum := uint64(0)
	for _, s := range o.Sections {
		if s != nil && s.IsAlloc() {
			sum = Add(sum, s.Size)
		}
	}
	return sum
}

// Add returns a sum, or the largest number if that is too large: sections without
// contents may have any size.
func Add(a, b uint64) uint64 {
	if b > math.MaxUint64-a {
		return math.MaxUint64
	}
	return a + b
}
