// SPDX-License-Identifier: Apache-2.0

package sizes

import (
	"fmt"
	"math/big"
	"path"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// noSymbol is the name of bytes that have none.
const noSymbol = "(no symbol)"

var originText = map[string]string{
	layout.FromLink: "inputs of the link",
	layout.FromMap:  "inputs from the link map",
	layout.FromFile: "sources from FILE symbols",
	layout.FromNone: "inputs not known",
}

// table is one of the tables of a report.
type table struct {
	noun, plural string
	rows         []Row
	cut          int // how many rows are left out
}

// tables returns the tables, each with at most top rows; a negative number means all.
// With a base object they have only the rows that changed.
func (r *Report) tables(top int) []table {
	object, objects := "object", "objects"
	if r.Origin == layout.FromFile {
		object, objects = "source", "sources"
	}
	list := []table{{"section", "sections", r.Sections, 0}, {object, objects, r.Objects, 0}, {"symbol", "symbols", r.Symbols, 0}}
	for i := range list {
		t := &list[i]
		if r.BaseLoaded != nil {
			changed := make([]Row, 0, len(t.rows))
			for _, row := range t.rows {
				if row.Change != same {
					changed = append(changed, row)
				}
			}
			t.rows = changed
		}
		if top >= 0 && len(t.rows) > top {
			t.cut = len(t.rows) - top
			t.rows = t.rows[:top]
		}
	}
	return list
}

// WriteText writes the report as text, with at most top rows in each table; a
// negative number means all. Numbers are decimal, in bytes.
func (r *Report) WriteText(w *textline.Writer, top int) {
	w.Linef("%s: %s", r.Object, r.headline())
	for _, t := range r.tables(top) {
		if len(t.rows)+t.cut == 0 && (r.BaseLoaded == nil || len(r.Sections) == 0) {
			continue // an object without inputs that are known, or without contents
		}
		w.Line("")
		switch {
		case len(t.rows)+t.cut == 0:
			w.Linef("no %s differs in size", t.noun)
		case r.BaseLoaded != nil:
			w.Linef("%10s %10s  %s", "bytes", "change", t.noun)
		default:
			w.Linef("%10s %10s  %s", "bytes", "share", t.noun)
		}
		for i := range t.rows {
			row := &t.rows[i]
			middle := share(row.Size, r.Loaded)
			if r.BaseLoaded != nil {
				middle = row.changeText()
			}
			w.Linef("%10d %10s  %s", row.Size, middle, row.title())
		}
		if t.cut > 0 {
			w.Linef("%21s  … %d more %s; --top=-1 shows all", "", t.cut, plural(t.cut, t.noun, t.plural))
		}
	}
}

// headline describes the object as a whole.
func (r *Report) headline() string {
	text := fmt.Sprintf("%d bytes loaded", r.Loaded)
	if r.BaseLoaded == nil {
		return text + "; " + originText[r.Origin]
	}
	n, less := r.Growth()
	if n == 0 {
		return text + ", as many as " + r.Base
	}
	return fmt.Sprintf("%s, %s%d (%s%s) against %s", text, sign(less), n, sign(less), share(n, *r.BaseLoaded), r.Base)
}

func sign(less bool) string {
	if less {
		return "-"
	}
	return "+"
}

// changeText is the change of a row: "+12".
func (r *Row) changeText() string {
	n, less := r.Growth()
	return fmt.Sprintf("%s%d", sign(less), n)
}

// title is the name of a row, with what tells it from others.
func (r *Row) title() string {
	name := inBin(r.Name)
	if r.Kind != "" {
		name = r.symbolName() + "  (" + r.place() + ")"
	}
	if r.Change == added || r.Change == removed {
		name += "  " + r.Change
	}
	return name
}

// inBin returns the path of an output of Bazel without bazel-out/CONFIGURATION/bin,
// and other names as they are.
func inBin(name string) string {
	if rest, ok := strings.CutPrefix(name, "bazel-out/"); ok {
		if _, file, ok := strings.Cut(rest, "/bin/"); ok {
			return file
		}
	}
	return name
}

// symbolName is the name of a row that is a symbol.
func (r *Row) symbolName() string {
	switch {
	case r.Name != "":
		return r.Name
	case r.Kind == Padding.String():
		return "(padding)"
	}
	return noSymbol
}

// place says where a symbol is.
func (r *Row) place() string {
	if r.File == "" {
		return r.Section
	}
	return r.Section + ", " + path.Base(r.File)
}

// share returns a part of a whole as a percentage.
func share(part, whole uint64) string {
	if whole == 0 {
		return "-"
	}
	// The product of both may be too large for an integer.
	p := new(big.Int).Mul(new(big.Int).SetUint64(part), big.NewInt(1000))
	p.Add(p, new(big.Int).SetUint64(whole/2))
	tenths := p.Div(p, new(big.Int).SetUint64(whole))
	whole10, tenth := new(big.Int).DivMod(tenths, big.NewInt(10), new(big.Int))
	return whole10.String() + "." + tenth.String() + "%"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Markdown returns the report as Markdown, with at most top rows in each table; a
// negative number means all. Names cannot be markup, a link or the name of a user.
func (r *Report) Markdown(top int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: ", escape(path.Base(r.Object)))
	head := fmt.Sprintf("%d bytes loaded", r.Loaded)
	if n, less := r.Growth(); r.BaseLoaded != nil {
		head = fmt.Sprintf("%s, **%s%d** (%s%s)", head, sign(less), n, sign(less), share(n, *r.BaseLoaded))
		if n == 0 {
			head = fmt.Sprintf("%d bytes loaded, as many as before", r.Loaded)
		}
	}
	b.WriteString(head + "\n")
	for _, t := range r.tables(top) {
		switch {
		case len(t.rows)+t.cut == 0 && r.BaseLoaded == nil:
			continue
		case len(t.rows)+t.cut == 0:
			fmt.Fprintf(&b, "\nNo %s differs in size.\n", t.noun)
			continue
		}
		noun := strings.ToUpper(t.noun[:1]) + t.noun[1:]
		if r.BaseLoaded != nil {
			fmt.Fprintf(&b, "\n| %s | Before | After | Change |\n|---|---:|---:|---:|\n", noun)
		} else {
			fmt.Fprintf(&b, "\n| %s | Bytes | Share |\n|---|---:|---:|\n", noun)
		}
		for i := range t.rows {
			t.rows[i].markdown(&b, r)
		}
		if t.cut > 0 {
			fmt.Fprintf(&b, "\n%d more %s.\n", t.cut, plural(t.cut, t.noun, t.plural))
		}
	}
	return b.String()
}

// markdown writes a row of a table.
func (r *Row) markdown(b *strings.Builder, report *Report) {
	name := escape(inBin(r.Name))
	if r.Kind != "" {
		name = strings.Trim(r.symbolName(), "()")
		if r.Name != "" {
			name = escape(r.Name)
		}
		name += " in " + escape(r.Section)
		if r.File != "" {
			name += " of " + escape(path.Base(r.File))
		}
	}
	if report.BaseLoaded == nil {
		fmt.Fprintf(b, "| %s | %d | %s |\n", name, r.Size, share(r.Size, report.Loaded))
		return
	}
	before, after := fmt.Sprint(*r.BaseSize), fmt.Sprint(r.Size)
	switch r.Change {
	case added:
		before = ""
	case removed:
		after = ""
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, before, after, r.changeText())
}

// escape returns a name as code in Markdown. A name of usual characters is a code
// span. In others all but letters and digits become character references in a code
// element: in a code span of a table "|" ends the cell, and "`" the span.
func escape(name string) string {
	name = textline.Escape(name)
	usual := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("_.$+-/:,=()", c)
	}
	if name != "" && !strings.ContainsFunc(name, func(c rune) bool { return !usual(c) }) {
		return "`" + name + "`"
	}
	var b strings.Builder
	b.WriteString("<code>")
	for _, c := range name {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			b.WriteRune(c)
			continue
		}
		fmt.Fprintf(&b, "&#%d;", c)
	}
	b.WriteString("</code>")
	return b.String()
}
