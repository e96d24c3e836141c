// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/sizes"
)

// shownRows is how many rows of each table of sizes are shown.
const shownRows = 20

// runSize lists the loaded bytes of an object by section, object and symbol. With
// --max-growth it exits with 1 when there are too many.
func runSize(c *context) error {
	asJSON := c.flags.Bool("json", false, "print JSON with all rows (docs/size.md has its fields)")
	asMarkdown := c.flags.Bool("markdown", false, "print Markdown, for the comment or summary of a CI job")
	top := c.flags.Int("top", shownRows, "how many rows of each table are shown at most; -1: all")
	mapFile := c.flags.String("map", "", "`FILE`: what the link of the object wrote with --map: names input objects")
	baseFile := c.flags.String("base", "", "`OBJ` to compare with: shows what changed")
	baseMap := c.flags.String("base-map", "", "`FILE`: the map of the base object")
	limit := c.flags.Int64("max-growth", 0, "fail if the object has more than `BYTES` more loaded bytes than the base object")
	paths, err := c.parse()
	given := c.given()
	switch {
	case err != nil:
		return err
	case len(paths) != 1:
		return usagef(errcode.Operands, "%d objects, want one", len(paths))
	case *asJSON && *asMarkdown:
		return usagef(errcode.OptionsDisagree, "--json and --markdown; give one of them")
	case *baseFile == "" && given["max-growth"]:
		return usagef(errcode.OptionsDisagree, "--max-growth without a base object; give --base=OBJ")
	case *baseFile == "" && given["base-map"]:
		return usagef(errcode.OptionsDisagree, "--base-map without a base object; give --base=OBJ")
	case *baseFile != "" && given["map"] != given["base-map"]:
		return usagef(errcode.OptionsDisagree, "the map of one object only; give --map and --base-map, or neither: inputs from a map and from FILE symbols are not the same")
	case given["max-growth"] && *limit < 0:
		return usagef(errcode.OptionValue, "--max-growth=%d: want 0 or more", *limit)
	}
	r, err := sizesOf(paths[0], *mapFile)
	if err != nil {
		return err
	}
	if *baseFile != "" {
		base, err := sizesOf(*baseFile, *baseMap)
		if err != nil {
			return err
		}
		r.Against(base)
	}
	switch {
	case *asJSON:
		err = r.WriteJSON(c.json)
	case *asMarkdown:
		_, err = io.WriteString(c.json, r.Markdown(*top))
	default:
		r.WriteText(c.stdout, *top)
	}
	if n, less := r.Growth(); err == nil && given["max-growth"] && !less && n > uint64(*limit) {
		err = errcode.TooLarge.Errorf("%s: %d bytes loaded, %d more than %s; --max-growth allows %d: make the object smaller, or raise the limit", r.Object, r.Loaded, n, r.Base, *limit)
	}
	return err
}

// sizesOf reads an object and its map, if there is one, and lists the sizes.
func sizesOf(path, mapFile string) (*sizes.Report, error) {
	o, _, err := elfobj.ReadFile(path)
	if err != nil {
		return nil, err
	}
	opts, err := mapOption(mapFile)
	if err != nil {
		return nil, err
	}
	m, err := sizes.Of(o, opts)
	if err != nil {
		return nil, err
	}
	return sizes.NewReport(m), nil
}
