// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"debug/elf"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// rest returns a difference that no pass reported, or "". It is asked when nothing
// was, except orders and what is ignored: then sections, symbols and relocations
// have to be the same one by one, whatever a pass makes of them. Where they are,
// only orders, string tables and file offsets are left to differ.
//
// Ignored padding moves what follows it, so that nothing can be said then.
func (c *comparison) rest() string {
	if c.ignored[catPadding] {
		return ""
	}
	if text := c.restOfHeaders(); text != "" {
		return text
	}
	ids := newIdentities(c)
	for _, find := range []func(*identities) string{c.restOfSymbols, c.restOfSections, c.restOfGroups, c.restLeftOut} {
		if text := find(ids); text != "" {
			return text
		}
	}
	return ""
}

// restOfHeaders compares the header fields that an Object does not have.
func (c *comparison) restOfHeaders() string {
	removed, added := minus(c.a.o.Unkept, c.b.o.Unkept), minus(c.b.o.Unkept, c.a.o.Unkept)
	if !c.strict {
		n := len(removed) + len(added)
		isAddress := func(s string) bool { return strings.Contains(s, elfobj.UnkeptAddress) }
		removed, added = slices.DeleteFunc(removed, isAddress), slices.DeleteFunc(added, isAddress)
		c.report.count(kindAddresses, n-len(removed)-len(added))
	}
	if len(removed)+len(added) == 0 {
		return ""
	}
	return "header fields that are not kept differ: " + firstUnequal(removed, added)
}

// identity is all of a symbol but its place in the table. The section is that of a.
type identity struct {
	name        string
	section     elfobj.SectionIndex
	value, size uint64
	info, other uint8
	ordinal     int // among those that are the same
}

// identities give symbols that are the same in both objects the same number.
type identities struct {
	a, b     []int32 // by symbol; notCompared for those that are ignored
	unpaired string  // what has no counterpart, or ""
}

const notCompared = -2

func newIdentities(c *comparison) *identities {
	ids := &identities{}
	numbers := map[identity]int32{}
	number := func(v *view, isB bool) []int32 {
		out := make([]int32, len(v.o.Symbols))
		seen := map[identity]int{}
		for i := range v.o.Symbols {
			s := &v.o.Symbols[i]
			if i == 0 || s.IsDropped() || c.leavesOut(v, s) {
				out[i] = notCompared
				continue
			}
			id := identity{name: s.Name, section: s.Section, value: s.Value, size: s.Size, info: s.Info, other: s.Other}
			if isB && s.Section > 0 {
				id.section = c.pairs.secsToA[s.Section]
			}
			id.ordinal = seen[id]
			seen[id]++
			n, ok := numbers[id]
			switch {
			case !isB:
				n = int32(len(numbers))
				numbers[id] = n
			case !ok:
				n = none
			}
			out[i] = n
		}
		return out
	}
	ids.a, ids.b = number(c.a, false), number(c.b, true)
	// A section symbol says nothing, unless a relocation uses it.
	says := func(v *view, i int) bool { return v.o.Symbols[i].Type() != elf.STT_SECTION }
	paired := make([]bool, len(numbers))
	for j, n := range ids.b {
		if n >= 0 {
			paired[n] = true
		} else if n == none && ids.unpaired == "" && says(c.b, j) {
			ids.unpaired = c.b.symbolText(j) + " of " + c.b.o.Name
		}
	}
	for i, n := range ids.a {
		if n >= 0 && !paired[n] && says(c.a, i) {
			ids.unpaired = c.a.symbolText(i) + " of " + c.a.o.Name
			break
		}
	}
	return ids
}

// leavesOut reports whether a symbol is of an ignored category.
func (c *comparison) leavesOut(v *view, s *elfobj.Symbol) bool {
	if s.Section > 0 && c.skipSection(v.secs[s.Section].s.Name) {
		return true
	}
	bare := elfobj.Symbol{Name: v.name(s), Info: s.Info}
	return c.ignored[catFileSymbols] && s.Type() == elf.STT_FILE ||
		c.ignored[catMappingSymbols] && bare.IsMapping() ||
		c.ignored[catLocalLabels] && isLabel(s, bare.Name)
}

// symbolText describes a symbol for a message.
func (v *view) symbolText(i int) string {
	s := &v.o.Symbols[i]
	where := "undefined"
	switch {
	case s.Section > 0:
		where = fmt.Sprintf("%s+%#x", v.secs[s.Section].s.Name, s.Value)
	case s.Section != elfobj.Undefined:
		where = fmt.Sprintf("%s %#x", s.Section.Special(), s.Value)
	}
	return fmt.Sprintf("symbol %q (%s, %s, %s, size %#x)", s.Name, s.Binding(), s.Type(), where, s.Size)
}

func (c *comparison) restOfSymbols(ids *identities) string {
	if ids.unpaired == "" {
		return ""
	}
	return ids.unpaired + " has no counterpart with the same attributes"
}

// restOfSections compares headers, contents and relocations.
func (c *comparison) restOfSections(ids *identities) string {
	for i, sa := range c.a.secs {
		if sa == nil || c.skipSection(sa.s.Name) {
			continue
		}
		j := c.pairs.secsToB[i]
		if j == 0 {
			return fmt.Sprintf("section %s has no counterpart", sa.s.Name)
		}
		sb := c.b.secs[j]
		if d := c.sectionDetails(elfobj.SectionIndex(i), j); len(d) > 0 {
			return fmt.Sprintf("section %s: %s", sa.s.Name, d[0])
		}
		if !bytes.Equal(sa.data, sb.data) {
			at := 0
			for at < min(len(sa.data), len(sb.data)) && sa.data[at] == sb.data[at] {
				at++
			}
			return fmt.Sprintf("section %s: bytes differ at +%#x", sa.s.Name, at)
		}
		if c.ignored[catRelocationForm] {
			continue // their places are compared, and padding's
		}
		for k := range max(len(sa.relocs), len(sb.relocs)) {
			if k >= len(sa.relocs) || k >= len(sb.relocs) {
				return fmt.Sprintf("section %s: %d relocations -> %d", sa.s.Name, len(sa.relocs), len(sb.relocs))
			}
			if x, y := &sa.relocs[k], &sb.relocs[k]; x.Offset != y.Offset || x.Type != y.Type || x.Addend != y.Addend || !c.sameSymbol(ids, x.Symbol, y.Symbol) {
				return fmt.Sprintf("section %s: relocation %d, at +%#x", sa.s.Name, k, x.Offset)
			}
		}
	}
	return ""
}

// sameSymbol reports whether a symbol of a and one of b are the same.
func (c *comparison) sameSymbol(ids *identities, i, j uint32) bool {
	if ids.a[i] == notCompared && ids.b[j] == notCompared {
		return c.a.o.Symbols[i].Name == c.b.o.Symbols[j].Name
	}
	return ids.a[i] == ids.b[j]
}

// restOfGroups compares section groups, in any order.
func (c *comparison) restOfGroups(ids *identities) string {
	groups := func(v *view, numbers []int32, isB bool) []string {
		var out []string
		for _, g := range v.o.Groups {
			var text strings.Builder
			fmt.Fprintf(&text, "%s, signature %d, flags %#x:", g.Name, numbers[g.Signature], g.Flags)
			for _, m := range g.Members {
				if isB && m > 0 {
					m = c.pairs.secsToA[m]
				}
				fmt.Fprintf(&text, " %d", m)
			}
			out = append(out, text.String())
		}
		slices.Sort(out)
		return out
	}
	if !slices.Equal(groups(c.a, ids.a, false), groups(c.b, ids.b, true)) {
		return "section groups have other names or members"
	}
	return ""
}

// restLeftOut compares the call graph profiles, which no other pass sees.
func (c *comparison) restLeftOut(ids *identities) string {
	x, y := &c.a.o.LeftOut, &c.b.o.LeftOut
	same := x.Name == y.Name && bytes.Equal(x.Data, y.Data) && slices.EqualFunc(x.Symbols, y.Symbols, func(i, j uint32) bool {
		return int(i) < len(ids.a) && int(j) < len(ids.b) && c.sameSymbol(ids, i, j)
	})
	if same {
		return ""
	}
	if x.Name == "" {
		x = y
	}
	return fmt.Sprintf("section %s, which is not linked, differs", x.Name)
}

// firstUnequal returns the first string that is not in both lists at its place.
func firstUnequal(a, b []string) string {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return b[i]
		case i >= len(b) || a[i] != b[i]:
			return a[i]
		}
	}
	return ""
}
