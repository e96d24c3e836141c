// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// Schema is the version of the JSON report format.
const Schema = 1

// Report is how two objects differ.
type Report struct {
	Schema    int             `json:"schema"`
	A         string          `json:"a"`
	B         string          `json:"b"`
	Identical bool            `json:"identical"` // byte for byte
	Equal     bool            `json:"equal"`     // there are only differences that are ignored or have no meaning
	Header    []string        `json:"header"`
	Sections  []SectionChange `json:"sections"`
	Units     []UnitChange    `json:"units"`
	Symbols   []SymbolChange  `json:"symbols"`
	Other     []Note          `json:"other"`
	// Meaningless is the number of differences without meaning of each of Kinds.
	Meaningless map[string]int `json:"meaningless"`
	// Ignored is the number of differences in each ignored category.
	Ignored map[string]int `json:"ignored"`
}

// Changes of units, symbols and sections.
const (
	Changed = "changed"
	Added   = "added"   // in B only
	Removed = "removed" // in A only
	Moved   = "moved"   // to another section, or among the other units of its section
	Renamed = "renamed"
)

// SectionChange is a section that differs.
type SectionChange struct {
	Change  string   `json:"change"`
	Name    string   `json:"name"`
	Details []string `json:"details"` // "size 0x10 -> 0x14"
}

// UnitChange is a function, a variable, or data without a symbol that differs.
type UnitChange struct {
	Changes []string `json:"changes"`
	Kind    string   `json:"kind"` // "function", "variable", "constant", "code" or "data"
	Name    string   `json:"name"` // the symbol, or the section if there is no symbol
	A       *Place   `json:"a,omitempty"`
	B       *Place   `json:"b,omitempty"`
	// Count is the number of instructions (of functions and code) or data items
	// that differ. Each place counts as many as A or B has there, whichever is
	// more.
	Count int `json:"count"`
	// Lines are the differences in order.
	Lines []Line `json:"lines"`
	// Sides are the differences with the lines around them, if Options.Sides asks for
	// them; of a unit that only one object has, all lines.
	Sides []Side `json:"-"`
}

// Place is the location of a unit in one of the objects.
type Place struct {
	Name    string `json:"name,omitempty"` // the symbol
	Input   string `json:"input,omitempty"`
	Section string `json:"section"`
	Offset  uint64 `json:"offset"` // in bytes, from the start of the section
	Size    uint64 `json:"size"`   // in bytes
}

// Line is an instruction or a data item that only one of the objects has.
type Line struct {
	Op     string `json:"op"`     // "-": in A; "+": in B
	Offset uint64 `json:"offset"` // in bytes, from the start of the unit
	Text   string `json:"text"`
}

// SymbolChange is a symbol that differs in something other than the bytes that
// it covers.
type SymbolChange struct {
	Change  string   `json:"change"`
	Name    string   `json:"name"`
	Input   string   `json:"input,omitempty"`
	Details []string `json:"details"`
}

// Note is a difference of a category that can be ignored.
type Note struct {
	Category string `json:"category"`
	Count    int    `json:"count"`
	Text     string `json:"text"`
}

// WriteJSON writes the report as indented JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(r)
}

// WriteText writes the report as text, with at most the given number of lines
// for each unit; a negative number means all.
func (r *Report) WriteText(w *textline.Writer, lines int) {
	switch {
	case r.Identical:
		w.Linef("%s and %s are identical", r.A, r.B)
	case r.Equal:
		w.Linef("%s and %s are equal%s", r.A, r.B, r.aside())
	default:
		w.Linef("--- %s", r.A)
		w.Linef("+++ %s", r.B)
	}
	for _, h := range r.Header {
		w.Line(h)
	}
	for i := range r.Sections {
		s := &r.Sections[i]
		w.Linef("section %s: %s", s.Name, changeText(s.Change, s.Details))
	}
	for i := range r.Units {
		r.Units[i].write(w, lines)
	}
	for i := range r.Symbols {
		s := &r.Symbols[i]
		of := ""
		if s.Input != "" {
			of = " of " + path.Base(s.Input)
		}
		w.Linef("symbol %s%s: %s", s.Name, of, changeText(s.Change, s.Details))
	}
	for i := range r.Other {
		w.Linef("%s: %s", r.Other[i].Category, r.Other[i].Text)
	}
	if r.Equal {
		return
	}
	if len(r.Meaningless) > 0 {
		w.Linef("without meaning: %s", r.meaninglessText())
	}
	if len(r.Ignored) > 0 {
		w.Linef("ignored: %s", r.ignoredText())
	}
}

// aside names the differences of equal objects, in parentheses.
func (r *Report) aside() string {
	var parts []string
	if len(r.Meaningless) > 0 {
		parts = append(parts, "without meaning: "+r.meaninglessText())
	}
	if len(r.Ignored) > 0 {
		parts = append(parts, "ignored: "+r.ignoredText())
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// ignoredText lists the ignored categories.
func (r *Report) ignoredText() string {
	return strings.Join(slices.Sorted(maps.Keys(r.Ignored)), ", ")
}

// meaninglessText lists the kinds with their numbers.
func (r *Report) meaninglessText() string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(r.Meaningless)) {
		parts = append(parts, fmt.Sprintf("%s %d", kind, r.Meaningless[kind]))
	}
	return strings.Join(parts, ", ")
}

func changeText(change string, details []string) string {
	if change == Changed {
		return strings.Join(details, ", ")
	}
	if len(details) == 0 {
		return change
	}
	return change + ", " + strings.Join(details, ", ")
}

// write writes a unit: a line such as "function f of switch.hyp.o: 3
// instructions differ", and the differences.
func (u *UnitChange) write(w *textline.Writer, lines int) {
	from := u.A
	if from == nil {
		from = u.B
	}
	of := ""
	if from.Input != "" {
		of = " of " + path.Base(from.Input)
	}
	w.Linef("%s %s%s: %s", u.Kind, u.Name, of, strings.Join(u.summary(), ", "))
	shown := u.Lines
	if lines >= 0 && len(shown) > lines {
		shown = shown[:lines]
	}
	for i := range shown {
		w.Linef("  %s %6s  %s", shown[i].Op, fmt.Sprintf("+%#x", shown[i].Offset), shown[i].Text)
	}
	if more := len(u.Lines) - len(shown); more > 0 {
		w.Linef("    … %d more lines; --lines=-1 shows all", more)
	}
}

// summary describes the changes of a unit.
func (u *UnitChange) summary() []string {
	var s []string
	for _, ch := range u.Changes {
		switch ch {
		case Changed:
			if u.Count > 0 {
				s = append(s, u.countText())
			}
			if u.A.Size != u.B.Size {
				s = append(s, fmt.Sprintf("size %#x -> %#x", u.A.Size, u.B.Size))
			}
		case Moved:
			s = append(s, fmt.Sprintf("moved from %s+%#x to %s+%#x", u.A.Section, u.A.Offset, u.B.Section, u.B.Offset))
		case Renamed:
			s = append(s, fmt.Sprintf("renamed to %s", u.B.Name))
			if u.A.Name == u.B.Name {
				s[len(s)-1] = fmt.Sprintf("now from %s", path.Base(u.B.Input))
			}
		case Added:
			s = append(s, fmt.Sprintf("added (%s+%#x, %#x bytes)", u.B.Section, u.B.Offset, u.B.Size))
		case Removed:
			s = append(s, fmt.Sprintf("removed (%s+%#x, %#x bytes)", u.A.Section, u.A.Offset, u.A.Size))
		}
	}
	return s
}

func (u *UnitChange) countText() string {
	noun := "data item"
	if u.Kind == "function" || u.Kind == "code" {
		noun = "instruction"
	}
	verb := "differ"
	if u.Count == 1 {
		verb = "differs"
	}
	return plural(u.Count, noun) + " " + verb
}

// plural returns "1 symbol", "2 symbols".
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
