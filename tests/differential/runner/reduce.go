// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"encoding/json"
	"os"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
	"github.com/rules-hyp/rules_hyp/tests/elfbuild"
)

// RunInTempDir runs a case in a temporary directory.
func RunInTempDir(t *Tools, c *linkcase.Case) (*Result, error) {
	dir, err := os.MkdirTemp("", "differential")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return t.Run(c, dir)
}

// ReduceFailing reduces a failing case as long as it fails with the same kind of
// difference.
func ReduceFailing(t *Tools, c *linkcase.Case) *linkcase.Case {
	first, err := RunInTempDir(t, c)
	if err != nil || len(first.Diffs) == 0 {
		return c
	}
	return Reduce(c, func(c *linkcase.Case) bool {
		r, err := RunInTempDir(t, c)
		return err == nil && r.Kind() == first.Kind()
	})
}

// Reduce removes inputs, lines, sections, symbols and relocations from a case, as
// long as it still fails.
func Reduce(c *linkcase.Case, fails func(*linkcase.Case) bool) *linkcase.Case {
	for smaller := true; smaller; {
		smaller = false
		for _, candidates := range []func(*linkcase.Case) []func(*linkcase.Case){withoutInput, withoutLines, withoutParts} {
			// The last candidate comes first, so that removing it does not change the
			// indices of the others.
			edits := candidates(c)
			for i := len(edits) - 1; i >= 0; i-- {
				next := clone(c)
				edits[i](next)
				if text(next) != text(c) && fails(next) {
					c, smaller = next, true
				}
			}
		}
	}
	return c
}

func text(c *linkcase.Case) string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // a Case can always be encoded
	}
	return string(data)
}

func clone(c *linkcase.Case) *linkcase.Case {
	next := &linkcase.Case{}
	if err := json.Unmarshal([]byte(text(c)), next); err != nil {
		panic(err)
	}
	return next
}

func withoutInput(c *linkcase.Case) (edits []func(*linkcase.Case)) {
	for i := range c.Inputs {
		if len(c.Inputs) > 1 {
			edits = append(edits, func(c *linkcase.Case) {
				if len(c.Inputs) > 1 {
					c.Inputs = slices.Delete(c.Inputs, i, i+1)
				}
			})
		}
	}
	return append(edits, func(c *linkcase.Case) { c.Script = "" }, func(c *linkcase.Case) { c.Prefix = "" }, func(c *linkcase.Case) { c.KeepGroups = false })
}

// withoutLines removes lines from scripts, sources and flags.
func withoutLines(c *linkcase.Case) (edits []func(*linkcase.Case)) {
	add := func(text string, at func(*linkcase.Case) *string) {
		// One line at a time, then two, for a section and its closing brace.
		for n := 1; n <= 2; n++ {
			for i := range strings.Count(text, "\n") {
				edits = append(edits, func(c *linkcase.Case) {
					lines := strings.SplitAfter(*at(c), "\n")
					if i+n <= len(lines) {
						*at(c) = strings.Join(slices.Delete(lines, i, i+n), "")
					}
				})
			}
		}
	}
	add(c.Script, func(c *linkcase.Case) *string { return &c.Script })
	for n := range c.Inputs {
		add(c.Inputs[n].Asm, func(c *linkcase.Case) *string { return &c.Inputs[n].Asm })
		add(c.Inputs[n].C, func(c *linkcase.Case) *string { return &c.Inputs[n].C })
		for i := range c.Inputs[n].Flags {
			edits = append(edits, func(c *linkcase.Case) {
				if f := c.Inputs[n].Flags; i < len(f) {
					c.Inputs[n].Flags = slices.Delete(f, i, i+1)
				}
			})
		}
	}
	return edits
}

// withoutParts removes sections, symbols, groups and relocations from raw objects.
func withoutParts(c *linkcase.Case) (edits []func(*linkcase.Case)) {
	for n := range c.Inputs {
		if c.Inputs[n].Raw == nil {
			continue
		}
		add := func(count int, edit func(f *elfbuild.File, i int)) {
			for i := range count {
				edits = append(edits, func(c *linkcase.Case) { edit(c.Inputs[n].Raw, i) })
			}
		}
		f := c.Inputs[n].Raw
		add(len(f.Sections), dropSection)
		add(len(f.Symbols), dropSymbol)
		add(len(f.Groups), func(f *elfbuild.File, i int) {
			if i < len(f.Groups) {
				f.Groups = slices.Delete(f.Groups, i, i+1)
			}
		})
		for s := range f.Sections {
			add(len(f.Sections[s].Relocs), func(f *elfbuild.File, i int) {
				if s < len(f.Sections) && i < len(f.Sections[s].Relocs) {
					f.Sections[s].Relocs = slices.Delete(f.Sections[s].Relocs, i, i+1)
				}
			})
		}
		add(len(f.Sections), func(f *elfbuild.File, i int) {
			if i < len(f.Sections) && f.Sections[i].Data != nil {
				clear(f.Sections[i].Data)
			}
		})
		add(len(f.Sections), func(f *elfbuild.File, i int) {
			if i < len(f.Sections) {
				f.Sections[i].Align = 1
			}
		})
	}
	return edits
}

// dropSection removes a section with its symbols and renumbers the others.
func dropSection(f *elfbuild.File, i int) {
	if i >= len(f.Sections) {
		return
	}
	for k := len(f.Symbols) - 1; k >= 0; k-- {
		if f.Symbols[k].Section == i+1 {
			dropSymbol(f, k)
		}
	}
	f.Sections = slices.Delete(f.Sections, i, i+1)
	for k := range f.Symbols {
		if f.Symbols[k].Section > i+1 {
			f.Symbols[k].Section--
		}
	}
	f.Groups = slices.DeleteFunc(f.Groups, func(g elfbuild.Group) bool { return slices.Contains(g.Members, i+1) })
	for g := range f.Groups {
		for k, m := range f.Groups[g].Members {
			if m > i+1 {
				f.Groups[g].Members[k]--
			}
		}
	}
}

// dropSymbol removes a symbol and the relocations against it, and renumbers the
// others.
func dropSymbol(f *elfbuild.File, i int) {
	if i >= len(f.Symbols) {
		return
	}
	f.Symbols = slices.Delete(f.Symbols, i, i+1)
	f.Groups = slices.DeleteFunc(f.Groups, func(g elfbuild.Group) bool { return g.Signature == i+1 })
	for g := range f.Groups {
		if f.Groups[g].Signature > i+1 {
			f.Groups[g].Signature--
		}
	}
	for s := range f.Sections {
		f.Sections[s].Relocs = slices.DeleteFunc(f.Sections[s].Relocs, func(r elfbuild.Reloc) bool { return r.Symbol == i+1 })
		for k := range f.Sections[s].Relocs {
			if f.Sections[s].Relocs[k].Symbol > i+1 {
				f.Sections[s].Relocs[k].Symbol--
			}
		}
	}
}
