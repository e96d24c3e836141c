// SPDX-License-Identifier: Apache-2.0

package sizes

import (
	"cmp"
	"encoding/json"
	"io"
	"path"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// Schema is the version of the JSON report.
const Schema = 1

// Report lists the loaded bytes of an object (SHF_ALLOC) by section, by object and
// by symbol. With a base object it lists what changed as well.
type Report struct {
	Schema int    `json:"schema"`
	Object string `json:"object"`
	Base   string `json:"base,omitempty"`
	// Origin says where the names of inputs come from, as [layout.Layout.Origin].
	Origin string `json:"origin"`
	// Prefix is what the names of all symbols begin with, as [layout.Prefix]; pages
	// leave it out where room is scarce.
	Prefix string `json:"-"`
	Loaded uint64 `json:"loaded"` // the sum of Sections, in bytes
	// BaseLoaded is the sum of the base object; nil if there is none.
	BaseLoaded *uint64 `json:"base_loaded,omitempty"`
	Sections   []Row   `json:"sections"`
	Objects    []Row   `json:"objects"`
	Symbols    []Row   `json:"symbols"`
}

// Row is a section, an object or a symbol. Rows are sorted by size, and with a base
// object by the amount of their change; the largest come first.
type Row struct {
	Name    string `json:"name"` // "" for the bytes of a section and an object without a symbol
	Section string `json:"section,omitempty"`
	File    string `json:"file,omitempty"` // the input or source; of symbols
	Kind    string `json:"kind,omitempty"` // of symbols, see Kind
	Size    uint64 `json:"size"`           // in bytes
	// BaseSize is the size in the base object; nil if there is none.
	BaseSize *uint64 `json:"base_size,omitempty"`
	// Change is "added", "removed", "grew", "shrank" or "same"; "" without a base
	// object.
	Change string `json:"change,omitempty"`
}

// Changes of rows.
const (
	added   = "added"
	removed = "removed"
	grew    = "grew"
	shrank  = "shrank"
	same    = "same"
)

// Growth returns what a row has more than in the base object, as a magnitude and
// whether it is less.
func (r *Row) Growth() (bytes uint64, less bool) { return growth(r.Size, r.BaseSize) }

// Growth returns what the object has more than the base object.
func (r *Report) Growth() (bytes uint64, less bool) { return growth(r.Loaded, r.BaseLoaded) }

func growth(size uint64, base *uint64) (bytes uint64, less bool) {
	switch {
	case base == nil:
		return 0, false
	case size >= *base:
		return size - *base, false
	}
	return *base - size, true
}

// NewReport lists the sizes of an object.
func NewReport(m *Map) *Report {
	r := &Report{Schema: Schema, Object: m.Object.Name, Origin: m.Origins.From, Prefix: layout.Prefix(m.Object), Loaded: Loaded(m.Object)}
	var sections, objects, symbols sums
	for i, s := range m.Object.Sections {
		if s == nil || !s.IsAlloc() {
			continue
		}
		sections.add(Row{Name: s.Name}, s.Size)
		items, _ := m.Of(elfobj.SectionIndex(i))
		for n := range items {
			it := &items[n]
			if it.File != "" {
				objects.add(Row{Name: it.File}, it.Size())
			}
			symbols.add(Row{Name: m.Name(it), Section: s.Name, File: it.File, Kind: it.Kind.String()}, it.Size())
		}
	}
	r.Sections, r.Objects, r.Symbols = sections.rows, objects.rows, symbols.rows
	for _, rows := range [][]Row{r.Sections, r.Objects, r.Symbols} {
		slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Or(cmp.Compare(b.Size, a.Size), compareNames(&a, &b)) })
	}
	return r
}

func compareNames(a, b *Row) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Section, b.Section), cmp.Compare(a.File, b.File), cmp.Compare(a.Kind, b.Kind))
}

// sums adds up sizes of rows that are equal apart from the size.
type sums struct {
	rows  []Row
	index map[Row]int
}

func (s *sums) add(key Row, size uint64) {
	if s.index == nil {
		s.index = map[Row]int{}
	}
	i, ok := s.index[key]
	if !ok {
		i = len(s.rows)
		s.index[key] = i
		s.rows = append(s.rows, key)
	}
	s.rows[i].Size = Add(s.rows[i].Size, size)
}

// Against compares with a base object. Sections are paired by name, objects by path,
// or by the stem of their name; symbols by name and object, or by name alone if it is
// unique: a symbol that moved to another object is not one that was added.
func (r *Report) Against(base *Report) {
	r.Base, r.BaseLoaded = base.Object, &base.Loaded
	name := func(row *Row) Row { return Row{Name: row.Name} }
	r.Sections = pair(r.Sections, base.Sections, name)
	r.Objects = pair(r.Objects, base.Objects, name, func(row *Row) Row { return Row{Name: path.Base(row.Name)} }, func(row *Row) Row { return Row{Name: layout.Stem(row.Name)} })
	named := func(row Row, has bool) Row {
		if !has {
			return Row{} // never paired by this key
		}
		return row
	}
	r.Symbols = pair(r.Symbols, base.Symbols,
		func(row *Row) Row { return Row{Name: row.Name, Section: row.Section, File: row.File, Kind: row.Kind} },
		func(row *Row) Row {
			return Row{Name: row.Name, Section: row.Section, File: layout.Stem(row.File), Kind: row.Kind}
		},
		func(row *Row) Row {
			return named(Row{Name: row.Name, File: layout.Stem(row.File)}, row.Name != "")
		},
		func(row *Row) Row { return named(Row{Name: row.Name}, row.Name != "") })
}

// pair merges the rows of an object with those of the base object. Each key in turn
// pairs rows that no key before it did, if they are the only ones with it in either
// object. The zero Row is no key.
func pair(rows, base []Row, keys ...func(*Row) Row) []Row {
	partner := make([]int, len(rows))
	taken := make([]bool, len(base))
	for i := range partner {
		partner[i] = -1
	}
	for _, key := range keys {
		const several = -1
		index := map[Row]int{}
		for j := range base {
			if k := key(&base[j]); !taken[j] && k != (Row{}) {
				if _, ok := index[k]; ok {
					index[k] = several
				} else {
					index[k] = j
				}
			}
		}
		count := map[Row]int{}
		for i := range rows {
			if partner[i] < 0 {
				count[key(&rows[i])]++
			}
		}
		for i := range rows {
			k := key(&rows[i])
			if j, ok := index[k]; partner[i] < 0 && ok && j != several && count[k] == 1 {
				partner[i], taken[j] = j, true
			}
		}
	}
	out := make([]Row, 0, len(rows))
	for i, row := range rows {
		before := uint64(0)
		row.Change = added
		if j := partner[i]; j >= 0 {
			before = base[j].Size
			row.Change = map[int]string{-1: shrank, 0: same, 1: grew}[cmp.Compare(row.Size, before)]
		}
		row.BaseSize = &before
		out = append(out, row)
	}
	for j, row := range base {
		if !taken[j] {
			before := row.Size
			row.Size, row.BaseSize, row.Change = 0, &before, removed
			out = append(out, row)
		}
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		x, _ := a.Growth()
		y, _ := b.Growth()
		return cmp.Or(cmp.Compare(y, x), cmp.Compare(b.Size, a.Size), compareNames(&a, &b))
	})
	return out
}

// WriteJSON writes the report as indented JSON, with all rows. Bytes of names that
// are not UTF-8 become U+FFFD.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(r)
}
