// SPDX-License-Identifier: Apache-2.0

// Package check checks that a finished object is safe to link into the kernel
// and to run as its hypervisor.
//
// The rules come from failures that no other tool reports. An initialised
// variable in a section that the linker script does not name links without a
// warning and makes the hypervisor panic when it is used; a missing entry in
// .hyp.reloc hangs the boot; a symbol without the prefix binds to the kernel's
// symbol of the same name.
//
// [Rules] is the table of rules. Each finding has the rule's identifier, whose
// meaning never changes, so that policy files can refer to it. [Run] makes one
// pass each over the sections, the symbols and the relocations.
package check

import (
	"cmp"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/glob"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/lineinfo"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// Mode says whether an object has hyp relocations.
type Mode string

// Modes.
const (
	// Auto requires .hyp.reloc if the object defines __hyp_section_ symbols,
	// which have no other purpose.
	Auto     Mode = "auto"
	Required Mode = "required"
	Absent   Mode = "absent"
)

// Options configure a check.
type Options struct {
	// SymbolPrefix is the prefix that symbol names must have; if it is empty,
	// names are not checked.
	SymbolPrefix string
	// SymbolSuffix is the suffix that the same names must have; it may be empty.
	SymbolSuffix string
	// PrefixClasses are the classes of symbols that must have the prefix; the
	// zero value means all.
	PrefixClasses rename.Classes
	// SectionPrefix is the prefix of the hypervisor's section names; if it is
	// empty, every section is the hypervisor's. .hyp.reloc lists the addresses in
	// these sections.
	SectionPrefix string
	// Undefined lists the symbols that the object may leave undefined; nil
	// means none.
	Undefined *Names
	// AllowedSections are patterns for names of other sections that may be
	// loaded, in addition to DefaultSections unless NoDefaultSections is set.
	AllowedSections   []string
	NoDefaultSections bool
	// Script is the linker script of the link. Without it, only the section
	// prefix tells the hypervisor's sections from others.
	Script *ldscript.Script
	// Map is the link map written with --map; with it, findings name the input
	// objects.
	Map                    *layout.Layout
	RequireBTI, RequirePAC bool
	HypRelocations         Mode // "" means Auto
	// NoAbsolute refuses addresses in loaded sections, for code that runs elsewhere
	// than it is linked.
	NoAbsolute bool
	// ShadowCallStack says that hypervisor code has a shadow call stack of its own.
	ShadowCallStack bool
	// HostEvents are the tracing events of the host; nil if they are not known.
	HostEvents *HostEvents
	// Off lists findings to suppress.
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
	// unlinked says that the object is one of several that are to be linked.
	unlinked bool
	uses     uses
	lines    *lineinfo.Lines // nil before the first use
	lookups  int             // in lines
	// marked are the sections whose starts the script defines for .hyp.reloc.
	marked   map[elfobj.SectionIndex]bool
	pointers []pointer // the addresses that .hyp.reloc must list
	// conversions are the relocations against hyp_physvirt_offset, by section and
	// offset, of sections that were asked for.
	conversions map[elfobj.SectionIndex]map[uint64]bool
}

// Run checks an object. It returns an error if the object or the map is
// damaged; violations of rules are findings in the report.
func Run(o *elfobj.Object, opts Options) (*Report, error) {
	c, err := newChecker(o, opts)
	if err != nil {
		return nil, err
	}
	for _, pass := range []func() error{
		c.sections,
		c.symbols,
		c.relocations,
		c.hypRelocations,
		c.branchProtection,
		c.shadowCallStack,
		c.events,
	} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	c.addUses()
	return c.report(), nil
}

// newChecker returns a checker that has found nothing yet.
func newChecker(o *elfobj.Object, opts Options) (*checker, error) {
	origins, err := layout.NewOrigins(o, layout.Options{Map: opts.Map, Script: opts.Script, SymbolPrefix: opts.SymbolPrefix, SymbolSuffix: opts.SymbolSuffix})
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
	return c, nil
}

// report sorts the findings and moves the suppressed ones to their own list.
func (c *checker) report() *Report {
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.index, b.index), cmp.Compare(a.Offset, b.Offset))
	})
	r := &Report{Schema: Schema, Object: c.o.Name, Suppressed: []Suppressed{}, Unused: []Suppression{}}
	used := make([]bool, len(c.opts.Off))
	filters := make([]filter, len(c.opts.Off))
	for i := range filters {
		filters[i] = c.opts.Off[i].compile()
	}
	r.Findings = slices.DeleteFunc(c.findings, func(f Finding) bool {
		i := slices.IndexFunc(filters, func(s filter) bool { return s.matches(&f) })
		if i < 0 {
			return false
		}
		used[i] = true
		r.Suppressed = append(r.Suppressed, Suppressed{Finding: f, Reason: c.opts.Off[i].Reason})
		return true
	})
	for i, u := range used {
		if !u {
			r.Unused = append(r.Unused, c.opts.Off[i])
		}
	}
	r.Passed = len(r.Findings) == 0
	return r
}

// add records a finding at an offset in a section.
func (c *checker) add(r *Rule, sec elfobj.SectionIndex, off int64, f Finding) {
	f.ID, f.Rule, f.index, f.Offset = r.ID, r.Name, sec, off
	if sec > 0 {
		f.Section = c.o.Sections[sec].Name
		if f.Input == "" && off >= 0 {
			f.Input = c.origins.At(sec, uint64(off))
		}
		if off >= 0 {
			f.Source = c.line(sec, uint64(off))
		}
	}
	c.findings = append(c.findings, f)
}

// symbolAt returns the name of the symbol that covers an offset, or "".
func (c *checker) symbolAt(sec elfobj.SectionIndex, off uint64) string {
	if i, ok := c.places.At(sec, off); ok {
		return c.o.Symbols[i].Name
	}
	return ""
}

// isHyp reports whether a section's name says that it is the hypervisor's.
func (c *checker) isHyp(s *elfobj.Section) bool {
	return len(s.Name) >= len(c.opts.SectionPrefix) && s.Name[:len(c.opts.SectionPrefix)] == c.opts.SectionPrefix
}
