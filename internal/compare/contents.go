// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// unitDiff is a pair of units that differ, split into items.
type unitDiff struct {
	itemsA, itemsB []item
	idsA, idsB     []int32
	runs           []run // common items
}

// newDiff splits a unit and its counterpart into items and matches these.
func (c *comparison) newDiff(i, j int32) *unitDiff {
	if c.refsA == nil {
		c.refsA, c.refsB = c.a.collectRefs(), c.b.collectRefs()
	}
	ua, ub := &c.a.units[i], &c.b.units[j]
	diff := &unitDiff{itemsA: c.a.items(ua, c.refsA[i]), itemsB: c.b.items(ub, c.refsB[j])}
	diff.idsA, diff.idsB = c.in.number(c, c.a, ua, diff.itemsA), c.in.number(c, c.b, ub, diff.itemsB)
	diff.runs = c.match.match(diff.idsA, diff.idsB)
	return diff
}

// sameAt reports whether both units have the same item at an offset. In a row of
// equal items, such as NOPs, any of them may count as new, but a reference to
// the nth one is unchanged.
func (diff *unitDiff) sameAt(d int64) bool {
	find := func(items []item, ids []int32) int32 {
		k, ok := slices.BinarySearchFunc(items, d, func(it item, d int64) int { return cmp.Compare(int64(it.off), d) })
		if !ok {
			return none
		}
		return ids[k]
	}
	x := find(diff.itemsA, diff.idsA)
	return x != none && x == find(diff.itemsB, diff.idsB)
}

// alignUnits finds the pairs of units that differ in more than their targets,
// and aligns them. The alignment maps references to offsets in these units, so
// that it must be known for all units before targets are compared.
func (c *comparison) alignUnits() {
	c.diffs, c.aligned = make([]*unitDiff, len(c.a.units)), make([]*alignment, len(c.a.units))
	for i := range c.a.units {
		j := c.pairs.toB[i]
		if j == none {
			continue
		}
		ua, ub := &c.a.units[i], &c.b.units[j]
		if c.equalExceptTargets(ua, ub) || sectionCategory(c.a.secs[ua.sec].s.Name) == catDebug {
			continue
		}
		diff := c.newDiff(int32(i), j)
		c.diffs[i] = diff
		al := &alignment{aEnd: int(ua.end - ua.start), bEnd: int(ub.end - ub.start)}
		for _, r := range diff.runs {
			for k := range r.n {
				x, y := &diff.itemsA[r.a+k], &diff.itemsB[r.b+k]
				if n := len(al.runs); n > 0 && al.runs[n-1].a+al.runs[n-1].n == x.off && al.runs[n-1].b+al.runs[n-1].n == y.off {
					al.runs[n-1].n += x.size
				} else {
					al.runs = append(al.runs, run{x.off, y.off, x.size})
				}
			}
		}
		c.aligned[i] = al
	}
}

// equalExceptTargets reports whether two units are equal except for distances in
// instructions and targets of relocations.
func (c *comparison) equalExceptTargets(ua, ub *unit) bool {
	if ua.end-ua.start != ub.end-ub.start {
		return false
	}
	ra, rb := c.a.relocs(ua), c.b.relocs(ub)
	if len(ra) != len(rb) {
		return false
	}
	for i := range ra {
		if ra[i].Type != rb[i].Type || ra[i].Offset-ua.start != rb[i].Offset-ub.start {
			return false
		}
	}
	da, db := c.a.data(ua), c.b.data(ub)
	if (da == nil) != (db == nil) {
		return false
	}
	if bytes.Equal(da, db) {
		return true
	}
	sa, sb := c.a.secs[ua.sec], c.b.secs[ub.sec]
	if !c.a.code.Fixed || sa.s.Flags&elf.SHF_EXECINSTR == 0 || sb.s.Flags&elf.SHF_EXECINSTR == 0 {
		return false
	}
	next := 0
	for off := 0; off < len(da); off += 4 {
		if off+4 > len(da) {
			return bytes.Equal(da[off:], db[off:])
		}
		wa, wb := binary.LittleEndian.Uint32(da[off:]), binary.LittleEndian.Uint32(db[off:])
		for next < len(ra) && ra[next].Offset-ua.start < uint64(off) {
			next++
		}
		if wa == wb {
			continue
		}
		relocated := next < len(ra) && ra[next].Offset-ua.start < uint64(off)+4
		pa, pb := c.a.code.Decode(da[off:], 0), c.b.code.Decode(db[off:], 0)
		if relocated || pa.Mask == nil || !bytes.Equal(pa.Mask, pb.Mask) || (wa^wb)&binary.LittleEndian.Uint32(pa.Mask) != 0 ||
			!sa.isCode(ua.start+uint64(off)) || !sb.isCode(ub.start+uint64(off)) {
			return false
		}
	}
	return true
}

// compareUnits compares pairs of units, and reports units without a
// counterpart.
func (c *comparison) compareUnits() {
	c.findUnmoved()
	c.changed = make([]bool, len(c.a.secs))
	for i := range c.a.units {
		ua := &c.a.units[i]
		name := c.a.secs[ua.sec].s.Name
		if sectionCategory(name) == catDebug {
			continue // compared as a whole
		}
		j := c.pairs.toB[i]
		if c.skipSection(name) {
			if j == none || !c.equalExceptTargets(ua, &c.b.units[j]) {
				c.report.Ignored[sectionCategory(name)]++
			}
			continue
		}
		if j == none {
			if c.pairs.secsToB[ua.sec] != 0 {
				c.changed[ua.sec] = true
			}
			c.reportUnpaired(c.a, ua, Removed)
			continue
		}
		c.compareUnit(int32(i), j)
	}
	for j := range c.b.units {
		ub := &c.b.units[j]
		if name := c.b.secs[ub.sec].s.Name; c.pairs.toA[j] == none && !c.skipSection(name) && sectionCategory(name) != catDebug {
			if s := c.pairs.secsToA[ub.sec]; s != 0 {
				c.changed[s] = true
			}
			c.reportUnpaired(c.b, ub, Added)
		}
	}
}

// findUnmoved finds the sections whose units have the same offsets in both
// objects, so that equal bytes have equal meaning.
func (c *comparison) findUnmoved() {
	c.unmoved = make([]bool, len(c.a.secs))
	for i, sa := range c.a.secs {
		if sa == nil || c.pairs.secsToB[i] == 0 {
			continue
		}
		sb := c.b.secs[c.pairs.secsToB[i]]
		unmoved := sa.last-sa.first == sb.last-sb.first
		for k := 0; unmoved && k < sa.last-sa.first; k++ {
			ua, ub := &c.a.units[sa.first+k], &c.b.units[sb.first+k]
			unmoved = c.pairs.toB[sa.first+k] == int32(sb.first+k) && ua.start == ub.start && ua.end == ub.end && c.aligned[sa.first+k] == nil
		}
		c.unmoved[i] = unmoved
	}
}

// compareUnit compares a unit with its counterpart.
func (c *comparison) compareUnit(i, j int32) {
	ua, ub := &c.a.units[i], &c.b.units[j]
	diff := c.diffs[i]
	if diff == nil {
		if c.sameReferences(ua, ub) {
			c.reportUnit(i, ua, ub, nil)
			return
		}
		diff = c.newDiff(i, j)
	}
	u := c.unitChange(ua, ub)
	c.addLines(u, ua, ub, diff)
	if c.side {
		u.Sides = c.sides(ua, ub, diff)
	}
	if len(u.Lines) > 0 || u.A.Size != u.B.Size {
		u.Changes = append(u.Changes, Changed)
	}
	c.reportUnit(i, ua, ub, u)
}

// addLines adds the items that differ to the report.
func (c *comparison) addLines(u *UnitChange, ua, ub *unit, diff *unitDiff) {
	minus, plus := 0, 0
	flush := func() {
		u.Count += max(minus, plus)
		minus, plus = 0, 0
	}
	remove := func(it *item) {
		u.Lines = append(u.Lines, Line{"-", uint64(it.off), c.a.itemText(ua, it)})
		minus++
	}
	add := func(it *item) {
		u.Lines = append(u.Lines, Line{"+", uint64(it.off), c.b.itemText(ub, it)})
		plus++
	}
	x, y := 0, 0
	for _, r := range append(slices.Clip(diff.runs), run{len(diff.itemsA), len(diff.itemsB), 0}) {
		for ; x < r.a; x++ {
			remove(&diff.itemsA[x])
		}
		for ; y < r.b; y++ {
			add(&diff.itemsB[y])
		}
		for k := 0; k < r.n; k++ {
			p, q := &diff.itemsA[r.a+k], &diff.itemsB[r.b+k]
			if c.sameTargets(ua, ub, p, q) {
				flush()
				continue
			}
			remove(p)
			add(q)
		}
		x, y = r.a+r.n, r.b+r.n
	}
	flush()
}

// sameTargets reports whether two matching items refer to the same places.
func (c *comparison) sameTargets(ua, ub *unit, p, q *item) bool {
	for i := range p.relocs {
		if !c.same(c.a.relocTarget(&p.relocs[i]), c.b.relocTarget(&q.relocs[i])) {
			return false
		}
	}
	if p.mask != nil && !c.same(c.a.branchTarget(ua, p), c.b.branchTarget(ub, q)) {
		return false
	}
	return true
}

// sameReferences reports whether two units that are equalExceptTargets refer to
// the same places.
func (c *comparison) sameReferences(ua, ub *unit) bool {
	ra, rb := c.a.relocs(ua), c.b.relocs(ub)
	for i := range ra {
		if !c.same(c.a.relocTarget(&ra[i]), c.b.relocTarget(&rb[i])) {
			return false
		}
	}
	sa := c.a.secs[ua.sec]
	if c.unmoved[ua.sec] && bytes.Equal(c.a.data(ua), c.b.data(ub)) || sa.s.Flags&elf.SHF_EXECINSTR == 0 || sa.data == nil {
		return true
	}
	da, db := c.a.data(ua), c.b.data(ub)
	next := 0
	for off := 0; off < len(da); {
		if !sa.isCode(ua.start + uint64(off)) {
			off += c.a.code.Unit
			continue
		}
		pa := c.a.code.Decode(da[off:], int64(ua.start)+int64(off))
		for next < len(ra) && ra[next].Offset-ua.start < uint64(off) {
			next++
		}
		relocated := next < len(ra) && ra[next].Offset-ua.start < uint64(off+pa.Size)
		if pa.Mask != nil && !relocated {
			pb := c.b.code.Decode(db[off:], int64(ub.start)+int64(off))
			x, y := item{target: pa.Target}, item{target: pb.Target}
			if !c.same(c.a.branchTarget(ua, &x), c.b.branchTarget(ub, &y)) {
				return false
			}
		}
		off += pa.Size
	}
	return true
}

// unitChange starts the report of a pair of units.
func (c *comparison) unitChange(ua, ub *unit) *UnitChange {
	u := &UnitChange{Changes: []string{}, Kind: c.a.kind(ua), Name: c.a.heading(ua), A: c.a.placeOf(ua), B: c.b.placeOf(ub), Lines: []Line{}}
	return u
}

// reportUnit adds a unit to the report if it changed, is in another section, or
// has another name. u is the report so far, nil if the contents are equal.
func (c *comparison) reportUnit(i int32, ua, ub *unit, u *UnitChange) {
	var changes []string
	sa, sb := c.a.secs[ua.sec], c.b.secs[ub.sec]
	if sa.s.Name != sb.s.Name || sa.sequence != sb.sequence {
		changes = append(changes, Moved)
	}
	if c.a.unitName(ua) != c.b.unitName(ub) && !c.alias(ua, ub) || c.a.stem(ua) != c.b.stem(ub) && ua.file != "" && ub.file != "" {
		changes = append(changes, Renamed)
	}
	if len(changes) == 0 && (u == nil || len(u.Changes) == 0) {
		return
	}
	if u == nil {
		u = c.unitChange(ua, ub)
	}
	u.Changes = append(u.Changes, changes...)
	c.changed[ua.sec] = true
	c.reported[int(i)] = len(c.report.Units)
	c.report.Units = append(c.report.Units, *u)
}

// alias reports whether the name of a unit of a is also a name of its
// counterpart.
func (c *comparison) alias(ua, ub *unit) bool {
	name := c.a.unitName(ua)
	for _, n := range c.b.places.All(ub.sec) {
		if s := &c.b.o.Symbols[n]; s.Value == ub.start && c.b.name(s) == name {
			return true
		}
	}
	return false
}

// heading returns the title of a unit for a line that also shows its input.
func (v *view) heading(u *unit) string {
	if u.symbol == 0 && u.file != "" {
		return v.secs[u.sec].s.Name
	}
	return v.unitTitle(u)
}

// reportUnpaired reports a unit without a counterpart.
func (c *comparison) reportUnpaired(v *view, u *unit, change string) {
	ch := UnitChange{Changes: []string{change}, Kind: v.kind(u), Name: v.heading(u), Lines: []Line{}}
	if change == Added {
		ch.B = v.placeOf(u)
	} else {
		ch.A = v.placeOf(u)
	}
	if c.side {
		ch.Sides = c.wholeSides(v, u)
	}
	c.report.Units = append(c.report.Units, ch)
}

func (v *view) placeOf(u *unit) *Place {
	p := &Place{Input: u.file, Section: v.secs[u.sec].s.Name, Offset: u.start, Size: u.end - u.start}
	if u.symbol != 0 {
		p.Name = v.o.Symbols[u.symbol].Name
	}
	return p
}

// kind returns the kind of a unit for the report.
func (v *view) kind(u *unit) string {
	sv := v.secs[u.sec]
	code := sv.s.Flags&elf.SHF_EXECINSTR != 0 && sv.isCode(u.start)
	switch {
	case u.symbol == 0 && code:
		return "code"
	case u.symbol == 0:
		return "data"
	case code:
		return "function"
	case sv.s.Flags&elf.SHF_WRITE == 0:
		return "constant"
	}
	return "variable"
}

// sectionCategory returns the category of a section, or "".
func sectionCategory(name string) string {
	has := func(p string) bool { return len(name) >= len(p) && name[:len(p)] == p }
	switch {
	case has(".debug_"), has(".zdebug_"), has(".stab"), name == ".gdb_index", name == ".line":
		return catDebug
	case name == ".comment":
		return catComment
	case name == ".note", has(".note."):
		return catNotes
	}
	return ""
}

// relocEqual reports whether two relocations are equal and have the same target.
func (c *comparison) relocEqual(x, y *elfobj.Reloc) bool {
	return x.Offset == y.Offset && x.Type == y.Type && c.same(c.a.relocTarget(x), c.b.relocTarget(y))
}
