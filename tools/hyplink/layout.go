// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/picture"
)

// runLayout prints what is where in an object.
func runLayout(c *context) error {
	asJSON := c.flags.Bool("json", false, "print JSON (docs/layout.md has its fields)")
	mapFile := c.flags.String("map", "", "`FILE`: what the link of the object wrote with --map: adds the input sections")
	page := c.flags.String("html", "", "write a page for a browser to `FILE`, and print nothing unless --json is given: a map by size, a table, what refers to what")
	paths, err := c.parse()
	if err != nil {
		return err
	}
	if len(paths) != 1 {
		return usagef(errcode.Operands, "%d objects, want one", len(paths))
	}
	if err := checkPage(*page, paths[0], *mapFile); err != nil {
		return err
	}
	o, _, err := elfobj.ReadFile(paths[0])
	if err != nil {
		return err
	}
	opts, err := mapOption(*mapFile)
	if err != nil {
		return err
	}
	if *page != "" {
		err := writePage(*page, func(w io.Writer) error { return picture.WriteLayout(w, o, opts) })
		if err != nil || !*asJSON {
			return err
		}
	}
	l, err := layout.Of(o, opts)
	if err != nil {
		return err
	}
	if *asJSON {
		return l.WriteJSON(c.json)
	}
	l.WriteText(c.stdout)
	return nil
}

// mapOption reads a map when one is given.
func mapOption(path string) (layout.Options, error) {
	if path == "" {
		return layout.Options{}, nil
	}
	m, err := layout.ReadFile(path)
	return layout.Options{Map: m}, err
}
