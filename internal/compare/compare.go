// SPDX-License-Identifier: Apache-2.0

// Package compare reports how two objects differ in terms of functions,
// variables, symbols and sections.
//
// A function that grows moves everything after it and changes the distance of
// every branch across it, so that a comparison byte by byte is of little use.
// This package splits each object into units: the bytes that a symbol covers, or
// bytes of one input that no symbol covers. It pairs the units of both objects
// by name and source, wherever they are, and compares the target of an
// instruction or a relocation as an offset in a unit. In a unit that changed, a
// longest common subsequence shows which instructions are new; references to
// offsets in such a unit are compared by that alignment.
//
// Nothing else is left out unless [Options] says so: objects are equal only if
// the bytes are, after the differences of [Kinds] were taken out of both, which
// are counted, or if they differ in nothing but orders among [Kinds]. In a strict comparison they are differences, and what the model
// does not cover, such as the order of names in a string table, is reported as a
// difference in encoding.
//
// [Run] is the list of the passes.
package compare

import (
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// Options configure a comparison.
type Options struct {
	// Ignore lists names of Categories to ignore.
	Ignore []string
	// MapA and MapB are the objects' link maps, written with --map; they name
	// input objects instead of sources. Either may be nil.
	MapA, MapB *layout.Layout
	// Strict counts differences without meaning (Kinds) as differences.
	Strict bool
	// SameBytes says that the files are equal byte for byte.
	SameBytes bool
	// Sides fills UnitChange.Sides.
	Sides bool
}

// Category is a kind of difference that can be ignored.
type Category struct{ Name, What string }

// The names of the categories.
const (
	catDebug          = "debug"
	catComment        = "comment"
	catNotes          = "notes"
	catFileSymbols    = "file-symbols"
	catMappingSymbols = "mapping-symbols"
	catLocalLabels    = "local-labels"
	catSymbolOrder    = "symbol-order"
	catSectionOrder   = "section-order"
	catRelocationForm = "relocation-form"
	catPadding        = "padding"
	catEncoding       = "encoding"
)

// Categories are the values of --ignore.
var Categories = []Category{
	{catDebug, "debug information: sections .debug_*, .zdebug_*, .stab*, .gdb_index and .line"},
	{catComment, "the compiler's name and version: section .comment"},
	{catNotes, "sections .note and .note.*"},
	{catFileSymbols, "STT_FILE symbols"},
	{catMappingSymbols, "mapping symbols ($x, $d)"},
	{catLocalLabels, "assembler-local labels (.L…)"},
	{catSymbolOrder, "the order of the symbol table"},
	{catSectionOrder, "the order of sections"},
	{catRelocationForm, "which symbol a relocation uses to refer to the same place, and the order of relocations"},
	{catPadding, "padding between functions and variables"},
	{catEncoding, "string tables and file offsets, if everything else is equal"},
}

// ParseCategories reads a list of categories with commas between them.
func ParseCategories(list string) ([]string, error) {
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.ContainsFunc(Categories, func(k Category) bool { return k.Name == name }) {
			return nil, errcode.OptionValue.Errorf("%s: want some of %s", name, CategoryNames())
		}
	}
	return names, nil
}

// CategoryNames lists the categories with commas between them.
func CategoryNames() string {
	names := make([]string, len(Categories))
	for i, k := range Categories {
		names[i] = k.Name
	}
	return strings.Join(names, ", ")
}

// comparison is the state of one run.
type comparison struct {
	a, b    *view
	ignored map[string]bool
	pairs   pairs
	diffs   []*unitDiff  // by unit of a; nil if equalExceptTargets
	aligned []*alignment // by unit of a; nil if offsets in it did not change
	refsA   map[int32][]uint64
	refsB   map[int32][]uint64
	in      interner
	match   matcher
	unmoved []bool // by section of a: its units have the same offsets in b
	changed []bool // by section of a: a difference in it is reported
	// reported is the index in Report.Units of each reported unit of a.
	reported map[int]int
	report   *Report
	strict   bool
	side     bool // fill UnitChange.Sides
}

// Run compares two objects, and may change both. It returns an error if an object
// or a map is damaged.
func Run(a, b *elfobj.Object, opts Options) (*Report, error) {
	r := &Report{
		Schema: Schema, A: a.Name, B: b.Name, Identical: opts.SameBytes, Equal: true, Ignored: map[string]int{},
		Header: []string{}, Sections: []SectionChange{}, Units: []UnitChange{}, Symbols: []SymbolChange{}, Other: []Note{}, Meaningless: map[string]int{},
	}
	if opts.SameBytes {
		return r, nil
	}
	c := &comparison{ignored: map[string]bool{}, report: r, in: interner{ids: map[string]int32{}}, reported: map[int]int{}, match: matcher{steps: maxSteps}, side: opts.Sides, strict: opts.Strict}
	for _, name := range opts.Ignore {
		c.ignored[name] = true
	}
	sa, sb, err := findSources(a, b, opts.MapA, opts.MapB)
	if err != nil {
		return nil, err
	}
	if !opts.Strict && removeMeaningless(a, b, r) {
		return r, nil
	}
	pa, pb := prefixes(a, b)
	if c.a, err = newView(a, sa, pa); err != nil {
		return nil, err
	}
	if c.b, err = newView(b, sb, pb); err != nil {
		return nil, err
	}
	if pa != pb {
		c.header("symbol prefix %q -> %q", pa, pb)
	}
	if a.Machine != b.Machine {
		// Code of two machines has nothing in common.
		c.header("machine %s -> %s", a.Machine.Name, b.Machine.Name)
		return c.finish(), nil
	}
	c.pairUnits()
	for _, pass := range []func(){
		c.compareHeaders,
		c.alignUnits,
		c.compareUnits,
		c.compareSections,
		c.compareOrder,
		c.compareSymbols,
		c.compareGroups,
		c.compareForms,
	} {
		pass()
	}
	return c.finish(), nil
}

// finish sets the result of the comparison.
func (c *comparison) finish() *Report {
	r := c.report
	found := len(r.Header) + len(r.Sections) + len(r.Units) + len(r.Symbols) + len(r.Other)
	if c.onlyOrder() {
		if text := c.rest(); text != "" {
			c.header("%s", text)
		} else if found == 0 && len(r.Ignored) == 0 {
			c.encoding()
		}
	}
	if !c.strict && c.onlyOrder() {
		for _, note := range r.Other {
			r.count(note.Category, note.Count)
		}
		r.Other = []Note{}
	}
	r.Equal = len(r.Header)+len(r.Sections)+len(r.Units)+len(r.Symbols)+len(r.Other) == 0
	return r
}

// encoding reports that only what no pass compares differs.
func (c *comparison) encoding() {
	if !c.strict && !c.ignored[catEncoding] && !c.ignored[catPadding] { // see rest
		if len(c.report.Meaningless) == 0 {
			c.report.count(kindEncoding, 1)
		}
		return
	}
	c.note(catEncoding, 1, "only string tables or file offsets differ")
}

// note reports a difference of a category, unless the category is ignored.
func (c *comparison) note(category string, count int, text string) {
	if c.ignored[category] {
		c.report.Ignored[category] += count
		return
	}
	c.report.Other = append(c.report.Other, Note{Category: category, Count: count, Text: text})
}

// skipSection reports whether a section is ignored.
func (c *comparison) skipSection(name string) bool {
	cat := sectionCategory(name)
	if cat == "" || !c.ignored[cat] {
		return false
	}
	return true
}
