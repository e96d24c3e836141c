// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/picture"
	"github.com/rules-hyp/rules_hyp/internal/sizes"
)

// shownLines is how many lines of a function's difference are shown.
const shownLines = 40

// runCompare says how two objects differ. It exits with 1 when they do, unless
// that is allowed.
func runCompare(c *context) error {
	var ignore stringList
	c.flags.Var(&ignore, "ignore", "`CATEGORIES`: what does not count, separated by commas: "+compare.CategoryNames())
	mapA := c.flags.String("map-a", "", "`FILE`: what the link of A wrote with --map: names input objects")
	mapB := c.flags.String("map-b", "", "`FILE`: the same for B")
	asJSON := c.flags.Bool("json", false, "print the report as JSON (docs/compare.md has its fields)")
	strict := c.flags.Bool("strict", false, "count differences without meaning: "+compare.KindNames())
	lines := c.flags.Int("lines", shownLines, "how many lines of each function are shown at most; -1: all")
	allow := c.flags.Bool("allow-differences", false, "exit with 0 if both objects can be read, also when they differ")
	page := c.flags.String("html", "", "write a page for a browser to `FILE` as well: what differs, with instructions side by side")
	paths, err := c.parse()
	if err != nil {
		return err
	}
	if len(paths) != 2 {
		return usagef(errcode.Operands, "%d objects, want two", len(paths))
	}
	if err := checkPage(*page, paths[0], paths[1], *mapA, *mapB); err != nil {
		return err
	}
	opts := compare.Options{Strict: *strict, Sides: *page != ""}
	for _, list := range ignore {
		names, err := compare.ParseCategories(list)
		if err != nil {
			return usagef(errcode.OptionValue, "--ignore=%v", err)
		}
		opts.Ignore = append(opts.Ignore, names...)
	}
	for _, m := range []struct {
		path string
		to   **layout.Layout
	}{{*mapA, &opts.MapA}, {*mapB, &opts.MapB}} {
		if m.path != "" {
			if *m.to, err = layout.ReadFile(m.path); err != nil {
				return err
			}
		}
	}
	a, ma, err := elfobj.ReadFile(paths[0])
	if err != nil {
		return err
	}
	b, mb, err := elfobj.ReadFile(paths[1])
	if err != nil {
		return err
	}
	opts.SameBytes = bytes.Equal(ma.Data, mb.Data)
	var grown *sizes.Report
	if *page != "" {
		// Before Run, which may change both objects.
		if grown, err = growth(a, b, &opts); err != nil {
			return err
		}
	}
	r, err := compare.Run(a, b, opts)
	if err != nil {
		return err
	}
	if *page != "" {
		if err := writePage(*page, func(w io.Writer) error { return picture.WriteCompare(w, r, grown) }); err != nil {
			return err
		}
	}
	if *asJSON {
		err = r.WriteJSON(c.json)
	} else {
		r.WriteText(c.stdout, *lines)
	}
	if err == nil && !r.Equal && !*allow {
		err = errSilent
	}
	return err
}

// growth compares the sizes of two objects.
func growth(a, b *elfobj.Object, opts *compare.Options) (*sizes.Report, error) {
	ma, err := sizes.Of(a, layout.Options{Map: opts.MapA})
	if err != nil {
		return nil, err
	}
	mb, err := sizes.Of(b, layout.Options{Map: opts.MapB})
	if err != nil {
		return nil, err
	}
	r := sizes.NewReport(mb)
	r.Against(sizes.NewReport(ma))
	return r, nil
}
