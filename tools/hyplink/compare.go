package main

import (
	"bytes"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// shownLines is how many lines of a function's difference are shown.
const shownLines = 40

// runCompare says how two objects differ. It exits with 1 when they do.
func runCompare(c *context) error {
	var ignore stringList
	c.flags.Var(&ignore, "ignore", "what does not count, separated by commas: "+compare.CategoryNames())
	mapA := c.flags.String("map-a", "", "what the link of A wrote with --map: names input objects")
	mapB := c.flags.String("map-b", "", "the same for B")
	asJSON := c.flags.Bool("json", false, "print the report as JSON (docs/compare.md has its fields)")
	strict := c.flags.Bool("strict", false, "count differences without meaning: "+compare.KindNames())
	lines := c.flags.Int("lines", shownLines, "how many lines of each function are shown at most; -1: all")
	paths, err := c.parse()
	if err != nil {
		return err
	}
	if len(paths) != 2 {
		return usagef("%d objects, want two", len(paths))
	}
	opts := compare.Options{Strict: *strict}
	for _, list := range ignore {
		names, err := compare.ParseCategories(list)
		if err != nil {
			return usagef("--ignore=%v", err)
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
	r, err := compare.Run(a, b, opts)
	if err != nil {
		return err
	}
	if *asJSON {
		err = r.WriteJSON(c.json)
	} else {
		r.WriteText(c.stdout, *lines)
	}
	if err == nil && !r.Equal {
		err = errSilent
	}
	return err
}
