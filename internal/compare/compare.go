// Package compare says how two objects differ, in terms of what their sources
// say: functions, variables, symbols and sections.
//
// A function that grows moves everything behind it, and changes the distances
// in every branch over it. Compared byte by byte, all of that differs. Here each
// object is cut into units, a unit being what a symbol covers or what one input
// brought without a symbol; units of two objects are paired by name and source,
// wherever they stand; and what an instruction or a relocation refers to is
// compared as a place in a unit. Inside a unit that changed, a longest common
// subsequence of its instructions tells which of them are new, and what refers
// into its middle is compared through that.
//
// Nothing is left out unless [Options] says so: two objects are equal when
// their bytes are. What the model does not see, such as the order of names in a
// string table, is reported as a difference of the encoding.
//
// [Run] reads as the list of its passes.
package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// Options say how to compare.
type Options struct {
	// Ignore names what does not count; see Categories.
	Ignore []string
	// MapA and MapB are what the links of the objects wrote with --map; they
	// name input objects instead of sources. Either may be nil.
	MapA, MapB *layout.Layout
	// SameBytes says that the two files are equal, byte for byte.
	SameBytes bool
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

// Categories are the kinds of differences that --ignore takes.
var Categories = []Category{
	{catDebug, "debug information: sections .debug_*, .zdebug_*, .stab*, .gdb_index and .line"},
	{catComment, "the compiler's name and version: section .comment"},
	{catNotes, "sections .note and .note.*"},
	{catFileSymbols, "STT_FILE symbols"},
	{catMappingSymbols, "mapping symbols ($x, $d)"},
	{catLocalLabels, "labels of the assembler (.L…)"},
	{catSymbolOrder, "the order of the symbol table"},
	{catSectionOrder, "the order of sections"},
	{catRelocationForm, "by which symbol a relocation names the same place, and the order of relocations"},
	{catPadding, "what fills the room between functions and variables"},
	{catEncoding, "what is left when everything else is equal: string tables, offsets in the file"},
}

// ParseCategories reads a list of categories with commas between them.
func ParseCategories(list string) ([]string, error) {
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.ContainsFunc(Categories, func(k Category) bool { return k.Name == name }) {
			return nil, fmt.Errorf("%s: want some of %s", name, CategoryNames())
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
	shapes  []*shape     // by unit of a: of units that are not alike
	aligned []*alignment // by unit of a: nil where places stay
	refsA   map[int32][]uint64
	refsB   map[int32][]uint64
	in      interner
	match   matcher
	still   []bool // by section of a: units and places are those of b
	touched []bool // by section of a: a difference in it is reported
	// reported is the place in the report of each unit of a that is in it.
	reported map[int]int
	report   *Report
}

// Run compares two objects. An error says that one of them, or a map, is
// damaged.
func Run(a, b *elfobj.Object, opts Options) (*Report, error) {
	r := &Report{Schema: Schema, A: a.Name, B: b.Name, Identical: opts.SameBytes, Equal: true, Ignored: map[string]int{},
		Header: []string{}, Sections: []SectionChange{}, Units: []UnitChange{}, Symbols: []SymbolChange{}, Other: []Note{}}
	if opts.SameBytes {
		return r, nil
	}
	c := &comparison{ignored: map[string]bool{}, report: r, in: interner{ids: map[string]int32{}}, reported: map[int]int{}, match: matcher{steps: maxSteps}}
	for _, name := range opts.Ignore {
		c.ignored[name] = true
	}
	pa, pb := prefixes(a, b)
	sa, sb, err := findSources(a, b, opts.MapA, opts.MapB)
	if err != nil {
		return nil, err
	}
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
		// Instructions of two processors have nothing in common.
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

// finish decides what the result is.
func (c *comparison) finish() *Report {
	r := c.report
	found := len(r.Header) + len(r.Sections) + len(r.Units) + len(r.Symbols) + len(r.Other)
	if found == 0 && len(r.Ignored) == 0 {
		c.note(catEncoding, 1, "the objects say the same in other words: string tables, or offsets in the file, differ")
	}
	r.Equal = len(r.Header)+len(r.Sections)+len(r.Units)+len(r.Symbols)+len(r.Other) == 0
	return r
}

// note adds a difference of a category, unless it is ignored.
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
