// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/inputs"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/link"
)

// linkFlags are the options of a partial link.
type linkFlags struct {
	scriptFlags
	out, mapFile, orphan, group string
	common, merge, symbolOrder  string
	wholeArchive, fatalWarnings bool
	threads                     int
}

func (c *context) linkFlags() *linkFlags {
	f := &linkFlags{}
	f.scriptFlags.add(c, "linker script, preprocessed; without one, sections of one name are put together")
	c.flags.StringVar(&f.out, "o", "", "`FILE`: output file")
	c.flags.StringVar(&f.mapFile, "map", "", "`FILE`: also write what is where, as JSON, to this file (docs/layout.md)")
	c.flags.StringVar(&f.orphan, "orphan", "place", "`MODE`: sections that the script does not name: place, warn or error")
	c.flags.StringVar(&f.common, "common", "keep", "`MODE`: common symbols: keep or error")
	c.flags.StringVar(&f.merge, "merge-strings", "none", "`ORDER`: link strings and constants of mergeable sections that are the same once: none, in-order, lld14, lld15 or lld17 (docs/linker.md)")
	c.flags.BoolVar(&f.wholeArchive, "whole-archive", false, "take all members of archives, not only those that define something undefined")
	c.flags.BoolVar(&f.fatalWarnings, "fatal-warnings", false, "fail if there are warnings")
	c.flags.IntVar(&f.threads, "threads", 0, "how many processors to use; 0 for all. The output does not depend on it")
	c.symbolOrderFlag(&f.symbolOrder)
	c.flags.StringVar(&f.group, "group", "flatten", "`MODE`: section groups: flatten, keep or error")
	return f
}

// The words for what becomes of orphans, of strings and of groups, and for the order of symbols.
var (
	orphanModes = map[string]link.OrphanMode{"place": link.OrphanPlace, "warn": link.OrphanWarn, "error": link.OrphanError}
	mergeModes  = map[string]link.MergeMode{
		"none": link.MergeNone, "in-order": link.MergeInOrder,
		"lld14": link.MergeLLD14, "lld15": link.MergeLLD15, "lld17": link.MergeLLD17,
	}
	groupModes   = map[string]link.GroupMode{"flatten": link.GroupFlatten, "keep": link.GroupKeep, "error": link.GroupError}
	symbolOrders = map[string]link.SymbolOrder{"input": link.OrderInput, "gnu": link.OrderGNU}
)

// symbolOrderFlag defines the option that says how symbols are ordered.
func (c *context) symbolOrderFlag(order *string) {
	c.flags.StringVar(order, "symbol-order", "input", "`ORDER`: order of the symbols: input, that of the inputs, or gnu, that of GNU ld, by which a final link's output is the same to the last byte")
}

// parseSymbolOrder reads the value of that option.
func parseSymbolOrder(order string) (link.SymbolOrder, error) {
	o, ok := symbolOrders[order]
	if !ok {
		return 0, usagef(errcode.OptionValue, "--symbol-order=%s: want input or gnu", order)
	}
	return o, nil
}

// options checks the flags and reads the script.
func (f *linkFlags) options(c *context) (link.Options, error) {
	o := link.Options{Name: f.out, FatalWarnings: f.fatalWarnings, Warn: c.stderr.Line}
	var ok bool
	if o.Orphans, ok = orphanModes[f.orphan]; !ok {
		return o, usagef(errcode.OptionValue, "--orphan=%s: want place, warn or error", f.orphan)
	}
	if o.Groups, ok = groupModes[f.group]; !ok {
		return o, usagef(errcode.OptionValue, "--group=%s: want flatten, keep or error", f.group)
	}
	if o.Merge, ok = mergeModes[f.merge]; !ok {
		return o, usagef(errcode.OptionValue, "--merge-strings=%s: want none, in-order, lld14, lld15 or lld17", f.merge)
	}
	var err error
	if o.Symbols, err = parseSymbolOrder(f.symbolOrder); err != nil {
		return o, err
	}
	if f.threads < 0 {
		return o, usagef(errcode.OptionValue, "--threads=%d: want a number of processors, or 0 for all", f.threads)
	}
	if f.threads > 0 {
		runtime.GOMAXPROCS(f.threads)
	}
	if f.common != "keep" && f.common != "error" {
		return o, usagef(errcode.OptionValue, "--common=%s: want keep or error", f.common)
	}
	o.NoCommon = f.common == "error"
	if f.out == "" {
		return o, usagef(errcode.NoOutput, "no output; give -o FILE")
	}
	o.Script, err = f.scriptFlags.read()
	return o, err
}

// runLink links objects and does nothing more.
func runLink(c *context) error {
	f := c.linkFlags()
	return c.link(f, func() (stage, error) { return func(*elfobj.Object) error { return nil }, nil })
}

// link links the operands, hands the result to the later stages, and writes it.
// The stages are made once the command line is parsed.
func (c *context) link(f *linkFlags, prepare func() (stage, error)) error {
	paths, err := c.parse()
	if err != nil {
		return err
	}
	stages, err := prepare()
	if err != nil {
		return err
	}
	opts, err := f.options(c)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		return usagef(errcode.Operands, "no input objects")
	}
	if f.mapFile != "" && fileio.Same(f.mapFile, f.out) {
		return usagef(errcode.OutputIsInput, "-o and --map are both %s; give the map a file of its own", f.out)
	}
	ins := make([]inputs.Input, len(paths))
	for i, path := range paths {
		ins[i] = inputs.Input{Path: path, Whole: f.wholeArchive}
	}
	in, err := inputs.Read(ins)
	if err != nil {
		return err
	}
	o, err := linkInputs(in, opts)
	if err != nil {
		return err
	}
	if err := stages(o); err != nil {
		return err
	}
	in.ReleaseSymbols() // the result has its own
	if f.mapFile == "" {
		return o.WriteFile(f.out)
	}
	l, err := layout.Of(o, layout.Options{Script: opts.Script})
	if err != nil {
		return err
	}
	// The map is in place once the object is: it describes one that is there.
	return fileio.Write(f.mapFile, func(m *os.File) error {
		if err := l.WriteJSON(m); err != nil {
			return err
		}
		return o.WriteFile(f.out)
	})
}

// linkInputs links what was read.
func linkInputs(in *inputs.Result, opts link.Options) (*elfobj.Object, error) {
	opts.Mapped, opts.Warnings = in.Mapped, in.Warnings
	return link.Link(in.Objects, opts)
}
