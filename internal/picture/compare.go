// SPDX-License-Identifier: Apache-2.0

package picture

import (
	_ "embed" // for the assets
	"io"
	"maps"
	"path"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/sizes"
)

//go:embed assets/compare.html
var compareBody string

//go:embed assets/compare.css
var compareStyle string

//go:embed assets/compare.js
var compareScript string

// WriteCompare writes a page with the differences of two objects: the sections and
// their sizes, a table of functions and data that differ, and their instructions side by
// side. The report must have been made with compare.Options.Sides; s has the sizes of B,
// compared with those of A.
func WriteCompare(w io.Writer, r *compare.Report, s *sizes.Report) error {
	page := kind{style: mapStyle + compareStyle, script: treemapScript + compareScript, body: inline(compareBody)}
	return page.write(w, base(r.A)+" and "+base(r.B)+": differences", func(d *dataWriter) { writeCompare(d, r, s) })
}

func writeCompare(d *dataWriter, r *compare.Report, s *sizes.Report) {
	d.open("", "{")
	d.text("a", r.A)
	d.text("b", r.B)
	d.value("identical", r.Identical)
	d.value("equal", r.Equal)
	d.column("loaded", 2, func(i int) uint64 {
		if i == 0 {
			return *s.BaseLoaded
		}
		return s.Loaded
	})
	d.open("sections", "[")
	for i := range s.Sections {
		row := &s.Sections[i]
		d.open("", "{")
		d.text("name", row.Name)
		d.value("change", row.Change)
		d.column("size", 2, func(i int) uint64 {
			if i == 0 {
				return *row.BaseSize
			}
			return row.Size
		})
		d.close("}")
	}
	d.close("]")
	d.text("prefix", s.Prefix)
	writeMap(d, s.Symbols)
	writeUnits(d, r.Units)
	d.open("other", "[")
	for _, h := range r.Header {
		writeOther(d, "object", "", h, "")
	}
	for i := range r.Sections {
		writeOther(d, "section", r.Sections[i].Change, r.Sections[i].Name, r.Sections[i].Details...)
	}
	for i := range r.Symbols {
		u := &r.Symbols[i]
		details := u.Details
		if u.Input != "" {
			details = append(slices.Clip(details), "of "+path.Base(u.Input))
		}
		writeOther(d, "symbol", u.Change, u.Name, details...)
	}
	for i := range r.Other {
		writeOther(d, r.Other[i].Category, "", r.Other[i].Text)
	}
	d.close("]")
	writeCounts(d, "meaningless", r.Meaningless)
	writeCounts(d, "ignored", r.Ignored)
	d.close("}")
}

// writeMap writes the columns of the map: the symbols of both objects, and the bytes
// without one. Sections, files and changes are numbers from 1 in lists; 0 is none.
func writeMap(d *dataWriter, rows []sizes.Row) {
	var sections, files, changes table
	n := len(rows)
	d.open("map", "{")
	d.texts("names", n, func(i int) string { return rows[i].Name })
	d.column("section", n, func(i int) uint64 { return sections.of(rows[i].Section) })
	d.column("file", n, func(i int) uint64 { return files.of(rows[i].File) })
	d.column("before", n, func(i int) uint64 { return *rows[i].BaseSize })
	d.column("after", n, func(i int) uint64 { return rows[i].Size })
	d.column("change", n, func(i int) uint64 { return changes.of(rows[i].Change) })
	d.texts("sections", len(sections.list), func(i int) string { return sections.list[i] })
	d.texts("files", len(files.list), func(i int) string { return files.list[i] })
	d.texts("changes", len(changes.list), func(i int) string { return changes.list[i] })
	d.close("}")
}

// writeCounts writes numbers by name, as a list of pairs in the order of the names.
func writeCounts(d *dataWriter, name string, counts map[string]int) {
	d.open(name, "[")
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		d.open("", "[")
		d.text("", k)
		d.value("", counts[k])
		d.close("]")
	}
	d.close("]")
}

// writeOther writes a difference outside of units.
func writeOther(d *dataWriter, what, change, name string, details ...string) {
	d.open("", "{")
	d.value("what", what)
	d.value("change", change)
	d.text("name", name)
	d.texts("details", len(details), func(i int) string { return details[i] })
	d.close("}")
}

// writeUnits writes the units that differ. Texts of lines are numbers in a list: the
// same instructions are in many of them.
func writeUnits(d *dataWriter, units []compare.UnitChange) {
	var texts table
	d.open("units", "[")
	for i := range units {
		u := &units[i]
		d.open("", "{")
		d.text("name", u.Name)
		d.value("kind", u.Kind)
		d.value("changes", u.Changes)
		d.value("count", u.Count)
		writePlace(d, "a", u.A)
		writePlace(d, "b", u.B)
		// A line is five values: offset and text in A, those in B, and whether both are
		// equal. A text of 0 is none. Where lines are left out there is one value, their
		// number, negative.
		d.open("sides", "[")
		for _, s := range u.Sides {
			if s.Skipped > 0 {
				d.value("", -s.Skipped)
				continue
			}
			for _, l := range []*compare.Line{s.A, s.B} {
				if l == nil {
					d.number(0)
					d.number(0)
					continue
				}
				d.number(l.Offset)
				d.number(texts.of(l.Text))
			}
			d.value("", s.Same)
		}
		d.close("]")
		d.value("cut", len(u.Sides) > 0 && u.Sides[len(u.Sides)-1].Cut)
		d.close("}")
	}
	d.close("]")
	d.texts("texts", len(texts.list), func(i int) string { return texts.list[i] })
}

func writePlace(d *dataWriter, name string, p *compare.Place) {
	if p == nil {
		return
	}
	d.open(name, "{")
	d.text("name", p.Name)
	d.text("input", p.Input)
	d.text("section", p.Section)
	d.column("at", 2, func(i int) uint64 {
		if i == 0 {
			return p.Offset
		}
		return p.Size
	})
	d.close("}")
}
