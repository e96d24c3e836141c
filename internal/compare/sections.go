// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"debug/elf"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// header reports a difference of the objects as a whole.
func (c *comparison) header(format string, args ...any) {
	c.report.Header = append(c.report.Header, fmt.Sprintf(format, args...))
}

// prefixes finds the prefix of all names in each object. An object that kept
// its mapping symbols has no common prefix; then the other object's prefix is
// tried.
func prefixes(a, b *elfobj.Object) (string, string) {
	pa, pb := layout.Prefix(a), layout.Prefix(b)
	if pa != pb {
		if pa == "" && allStart(a, pb) {
			pa = pb
		} else if pb == "" && allStart(b, pa) {
			pb = pa
		}
	}
	return pa, pb
}

// allStart reports whether all defined global symbols start with a prefix.
func allStart(o *elfobj.Object, prefix string) bool {
	any := false
	for i := 1; i < len(o.Symbols); i++ {
		s := &o.Symbols[i]
		if s.IsLocal() || s.Section <= 0 {
			continue
		}
		if !strings.HasPrefix(s.Name, prefix) {
			return false
		}
		any = true
	}
	return any
}

func (c *comparison) compareHeaders() {
	a, b := c.a.o, c.b.o
	order := map[bool]string{false: "little-endian", true: "big-endian"}
	if a.BigEndian != b.BigEndian {
		c.header("byte order %s -> %s", order[a.BigEndian], order[b.BigEndian])
	}
	if a.Flags != b.Flags {
		c.header("processor flags %#x -> %#x", a.Flags, b.Flags)
	}
	if a.OSABI != b.OSABI || a.ABIVersion != b.ABIVersion {
		c.header("ABI %s %d -> %s %d", elf.OSABI(a.OSABI), a.ABIVersion, elf.OSABI(b.OSABI), b.ABIVersion)
	}
}

// compareSections compares section headers, and the contents of sections that
// are not split into units.
func (c *comparison) compareSections() {
	for i, sa := range c.a.secs {
		if sa == nil {
			continue
		}
		name := sa.s.Name
		j := c.pairs.secsToB[i]
		if j == 0 {
			c.section(name, Removed, []string{fmt.Sprintf("%#x bytes", sa.s.Size)})
			continue
		}
		sb := c.b.secs[j]
		details := c.sectionDetails(elfobj.SectionIndex(i), j)
		if sectionCategory(name) == catDebug || sa.s.Size == 0 && sb.s.Size == 0 {
			details = append(details, c.wholeSection(sa, sb)...)
		}
		if len(details) > 0 {
			c.section(name, Changed, details)
			c.changed[i] = true
		}
		c.comparePadding(elfobj.SectionIndex(i), sa, sb)
	}
	for j, sb := range c.b.secs {
		if sb != nil && c.pairs.secsToA[j] == 0 {
			c.section(sb.s.Name, Added, []string{fmt.Sprintf("%#x bytes", sb.s.Size)})
		}
	}
}

// section reports a difference of a section, unless the section is ignored.
func (c *comparison) section(name, change string, details []string) {
	if c.skipSection(name) {
		c.report.Ignored[sectionCategory(name)]++
		return
	}
	c.report.Sections = append(c.report.Sections, SectionChange{Change: change, Name: name, Details: details})
}

// sectionDetails compares two section headers.
func (c *comparison) sectionDetails(i, j elfobj.SectionIndex) []string {
	a, b := c.a.o.Sections[i], c.b.o.Sections[j]
	var d []string
	if a.Type != b.Type {
		d = append(d, fmt.Sprintf("type %s -> %s", a.Type, b.Type))
	}
	if a.Flags != b.Flags {
		d = append(d, fmt.Sprintf("flags %s -> %s", layout.Flags(a.Flags), layout.Flags(b.Flags)))
	}
	if a.Size != b.Size {
		d = append(d, fmt.Sprintf("size %#x -> %#x", a.Size, b.Size))
	}
	if max(a.Addralign, 1) != max(b.Addralign, 1) {
		d = append(d, fmt.Sprintf("alignment %#x -> %#x", max(a.Addralign, 1), max(b.Addralign, 1)))
	}
	if a.Entsize != b.Entsize {
		d = append(d, fmt.Sprintf("entry size %#x -> %#x", a.Entsize, b.Entsize))
	}
	if a.LinkOrder > 0 && b.LinkOrder > 0 && c.pairs.secsToB[a.LinkOrder] != b.LinkOrder || (a.LinkOrder > 0) != (b.LinkOrder > 0) {
		d = append(d, "SHF_LINK_ORDER refers to another section")
	}
	return d
}

// wholeSection compares the contents of sections that are not split into units.
func (c *comparison) wholeSection(sa, sb *secView) []string {
	var d []string
	n, first := 0, 0
	for k := range min(len(sa.data), len(sb.data)) {
		if sa.data[k] != sb.data[k] {
			if n == 0 {
				first = k
			}
			n++
		}
	}
	if n > 0 {
		d = append(d, fmt.Sprintf("%d bytes differ, the first at +%#x", n, first))
	}
	if len(sa.relocs) != len(sb.relocs) {
		return append(d, fmt.Sprintf("%d relocations -> %d", len(sa.relocs), len(sb.relocs)))
	}
	n = 0
	for k := range sa.relocs {
		if !c.relocEqual(&sa.relocs[k], &sb.relocs[k]) {
			if n == 0 {
				first = int(sa.relocs[k].Offset)
			}
			n++
		}
	}
	if n > 0 {
		d = append(d, fmt.Sprintf("%d relocations differ, the first at +%#x", n, first))
	}
	return d
}

// comparePadding compares the padding between units. If units of the section
// changed, padding changes with them, and only its fill is compared.
func (c *comparison) comparePadding(i elfobj.SectionIndex, sa, sb *secView) {
	if c.changed[i] {
		if ka, kb := fills(sa.gaps), fills(sb.gaps); ka != "" && kb != "" && ka != kb {
			c.note(catPadding, 1, fmt.Sprintf("%s: %s -> %s", sa.s.Name, ka, kb))
		}
		return
	}
	n, first := 0, ""
	for k := range max(len(sa.gaps), len(sb.gaps)) {
		if k < len(sa.gaps) && k < len(sb.gaps) && sa.gaps[k] == sb.gaps[k] {
			what := c.inGap(sa, sb, sa.gaps[k])
			if what == "" {
				continue
			}
			if n++; n == 1 {
				first = what + " in " + gapAt(sa.gaps, k)
			}
			continue
		}
		if n++; n == 1 {
			first = gapAt(sa.gaps, k) + " -> " + gapAt(sb.gaps, k)
		}
	}
	if n > 0 {
		c.note(catPadding, n, fmt.Sprintf("%s: padding differs in %s, the first: %s", sa.s.Name, plural(n, "place"), first))
	}
}

// inGap says what differs in a gap that both sections have: NOPs of other lengths,
// traps in place of them, or relocations, such as RISC-V's R_RISCV_ALIGN.
func (c *comparison) inGap(sa, sb *secView, g gap) string {
	if sa.data != nil && sb.data != nil && !bytes.Equal(sa.data[g.off:g.off+g.size], sb.data[g.off:g.off+g.size]) {
		return "other bytes"
	}
	ra, rb := sa.relocsIn(g.off, g.off+g.size), sb.relocsIn(g.off, g.off+g.size)
	if !slices.EqualFunc(ra, rb, func(x, y elfobj.Reloc) bool { return c.relocEqual(&x, &y) }) {
		return "other relocations"
	}
	return ""
}

// gapAt describes a gap.
func gapAt(gaps []gap, k int) string {
	if k >= len(gaps) {
		return "none"
	}
	return fmt.Sprintf("%d bytes of %s at +%#x", gaps[k].size, gaps[k].fill, gaps[k].off)
}

// fills lists the kinds of padding.
func fills(gaps []gap) string {
	var kinds []string
	for _, g := range gaps {
		if !slices.Contains(kinds, g.fill) {
			kinds = append(kinds, g.fill)
		}
	}
	slices.Sort(kinds)
	return strings.Join(kinds, ", ")
}

// compareOrder compares the order of sections and the order of units in them.
func (c *comparison) compareOrder() {
	var positions []int32
	var names []string
	for i, sa := range c.a.secs {
		if sa != nil && c.pairs.secsToB[i] != 0 && !c.skipSection(sa.s.Name) {
			positions = append(positions, int32(c.pairs.secsToB[i]))
			names = append(names, sa.s.Name)
		}
	}
	var moved []string
	for i, stays := range inOrder(positions) {
		if !stays {
			moved = append(moved, names[i])
		}
	}
	if len(moved) > 0 {
		c.note(catSectionOrder, len(moved), "sections in a different order: "+list(moved))
	}
	for i, sa := range c.a.secs {
		if sa != nil && sa.s.IsAlloc() && c.pairs.secsToB[i] != 0 && !c.skipSection(sa.s.Name) {
			c.orderOf(sa, c.pairs.secsToB[i])
		}
	}
}

// orderOf reports the units of a section that moved among the others.
func (c *comparison) orderOf(sa *secView, inB elfobj.SectionIndex) {
	var units []int
	var positions []int32
	for i := sa.first; i < sa.last; i++ {
		if j := c.pairs.toB[i]; j != none && c.b.units[j].sec == inB {
			units = append(units, i)
			positions = append(positions, j)
		}
	}
	for k, stays := range inOrder(positions) {
		if stays {
			continue
		}
		ua, ub := &c.a.units[units[k]], &c.b.units[positions[k]]
		if n, ok := c.reported[units[k]]; ok {
			u := &c.report.Units[n]
			u.Changes = append(u.Changes, Moved)
			continue
		}
		u := c.unitChange(ua, ub)
		u.Changes = append(u.Changes, Moved)
		c.report.Units = append(c.report.Units, *u)
	}
}

// compareGroups compares section groups.
func (c *comparison) compareGroups() {
	describe := func(v *view) []string {
		var out []string
		for _, g := range v.o.Groups {
			var members []string
			for _, m := range g.Members {
				members = append(members, v.o.Sections[m].Name)
			}
			out = append(out, fmt.Sprintf("group %s, flags %#x: %s", v.o.SymbolName(uint32(g.Signature)), g.Flags, strings.Join(members, " ")))
		}
		return out
	}
	da, db := describe(c.a), describe(c.b)
	for _, g := range da {
		if !slices.Contains(db, g) {
			c.header("%s: removed", g)
		}
	}
	for _, g := range db {
		if !slices.Contains(da, g) {
			c.header("%s: added", g)
		}
	}
	if slices.Equal(da, db) {
		return
	}
	slices.Sort(da)
	slices.Sort(db)
	if slices.Equal(da, db) {
		c.header("section groups are in a different order")
	}
}

// list joins the first few names and counts the rest.
func list(names []string) string {
	const limit = 8
	if len(names) > limit {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:limit], ", "), len(names)-limit)
	}
	return strings.Join(names, ", ")
}
