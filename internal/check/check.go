// Package check holds a finished object to what its users rely on: the kernel
// that links it, and the hypervisor that runs from it.
//
// The rules come from failures that no tool reports. An initialised variable in
// a section that the linker script does not name links without a word and makes
// the hypervisor panic when it is used; a missing entry of .hyp.reloc hangs the
// boot; a symbol without the prefix meets the kernel's own of that name.
//
// [Rules] is the table of the rules; each finding carries the rule's
// identifier, which never changes its meaning, so that a policy file can name
// it. [Run] goes over the sections, the symbols and the relocations once each.
package check

import (
	"cmp"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/glob"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// Mode says whether an object has hyp relocations.
type Mode string

// Modes.
const (
	// Auto wants .hyp.reloc when the object defines __hyp_section_ symbols,
	// which exist for nothing else.
	Auto     Mode = "auto"
	Required Mode = "required"
	Absent   Mode = "absent"
)

// DefaultSectionPrefix starts the names of the hypervisor's own sections.
const DefaultSectionPrefix = ".hyp"

// Options say what an object is held to.
type Options struct {
	// SymbolPrefix starts each symbol's name; empty checks no names.
	SymbolPrefix string
	// PrefixClasses are the kinds of symbols that have the prefix; none stands
	// for all of them.
	PrefixClasses rename.Classes
	// SectionPrefix starts the name of each section that is the hypervisor's
	// own; empty takes every section for one.
	SectionPrefix string
	// Undefined lists what the object may leave for the final link to define;
	// nil is an empty list.
	Undefined *Names
	// AllowedSections are patterns of further section names that may be
	// loaded. DefaultSections are always allowed, unless NoDefaultSections.
	AllowedSections   []string
	NoDefaultSections bool
	// Script is the linker script of the link. Without it, the section prefix
	// alone tells the hypervisor's sections from others.
	Script *ldscript.Script
	// Map is what the link wrote with --map; it names input objects.
	Map                    *layout.Layout
	RequireBTI, RequirePAC bool
	HypRelocations         Mode // "" is Auto
	// Off switches findings off.
	Off []Suppression
}

// checker is the state of one run.
type checker struct {
	o       *elfobj.Object
	opts    Options
	origins *layout.Origins
	places  *layout.Places
	// outputs are the script's output sections; nil without a script.
	outputs map[string]bool
	// allowed are the loaded sections that need not be the hypervisor's own.
	allowed  []glob.Pattern
	tables   []glob.Pattern // of compilerTables
	findings []Finding
	uses     uses
	pointers []pointer // what .hyp.reloc has to list
}

// Run checks an object. An error says that the object or the map is damaged; a
// rule that is broken is a finding of the report.
func Run(o *elfobj.Object, opts Options) (*Report, error) {
	origins, err := layout.NewOrigins(o, layout.Options{Map: opts.Map, Script: opts.Script, SymbolPrefix: opts.SymbolPrefix})
	if err != nil {
		return nil, err
	}
	if opts.Undefined == nil {
		opts.Undefined = &Names{}
	}
	c := &checker{o: o, opts: opts, origins: origins, places: layout.NewPlaces(o)}
	c.allowed, c.tables = allowedSections(opts), tablePatterns()
	if opts.Script != nil {
		c.outputs = map[string]bool{}
		for _, s := range opts.Script.OutputSections() {
			c.outputs[s.Name] = !s.Discard
		}
	}
	for _, pass := range []func() error{
		c.sections,
		c.symbols,
		c.relocations,
		c.hypRelocations,
		c.branchProtection,
	} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	c.addUses()
	return c.report(), nil
}

// report sorts the findings and takes out those that are switched off.
func (c *checker) report() *Report {
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.index, b.index), cmp.Compare(a.Offset, b.Offset))
	})
	r := &Report{Schema: Schema, Object: c.o.Name, Findings: []Finding{}, Suppressed: []Suppressed{}, Unused: []Suppression{}}
	used := make([]bool, len(c.opts.Off))
	filters := make([]filter, len(c.opts.Off))
	for i := range filters {
		filters[i] = c.opts.Off[i].compile()
	}
	for _, f := range c.findings {
		i := slices.IndexFunc(filters, func(s filter) bool { return s.matches(&f) })
		if i < 0 {
			r.Findings = append(r.Findings, f)
			continue
		}
		used[i] = true
		r.Suppressed = append(r.Suppressed, Suppressed{Finding: f, Reason: c.opts.Off[i].Reason})
	}
	for i, u := range used {
		if !u {
			r.Unused = append(r.Unused, c.opts.Off[i])
		}
	}
	r.Passed = len(r.Findings) == 0
	return r
}

// add notes a finding about a place in a section.
func (c *checker) add(r *Rule, sec elfobj.SectionIndex, off int64, f Finding) {
	f.ID, f.Rule, f.index, f.Offset = r.ID, r.Name, sec, off
	if sec > 0 {
		f.Section = c.o.Sections[sec].Name
		if f.Input == "" && off >= 0 {
			f.Input = c.origins.At(sec, uint64(off))
		}
	}
	c.findings = append(c.findings, f)
}

// symbolAt names the symbol that a place belongs to, empty when none does.
func (c *checker) symbolAt(sec elfobj.SectionIndex, off uint64) string {
	if i, ok := c.places.At(sec, off); ok {
		return c.o.Symbols[i].Name
	}
	return ""
}

// isHyp reports whether a section is the hypervisor's own, by its name.
func (c *checker) isHyp(s *elfobj.Section) bool {
	return len(s.Name) >= len(c.opts.SectionPrefix) && s.Name[:len(c.opts.SectionPrefix)] == c.opts.SectionPrefix
}
