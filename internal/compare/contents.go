package compare

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// shape is a pair of units that are not alike, cut into items, with the items
// that they have in common.
type shape struct {
	itemsA, itemsB []item
	idsA, idsB     []int32
	runs           []run // of items
}

// newShape cuts a unit and its counterpart into items and matches them.
func (c *comparison) newShape(i, j int32) *shape {
	if c.refsA == nil {
		c.refsA, c.refsB = c.a.collectRefs(), c.b.collectRefs()
	}
	ua, ub := &c.a.units[i], &c.b.units[j]
	sh := &shape{itemsA: c.a.items(ua, c.refsA[i]), itemsB: c.b.items(ub, c.refsB[j])}
	sh.idsA, sh.idsB = c.in.number(c, c.a, ua, sh.itemsA), c.in.number(c, c.b, ub, sh.itemsB)
	sh.runs = c.match.match(sh.idsA, sh.idsB)
	return sh
}

// sameAt reports whether both units have the same item at a distance from their
// starts. Of several that are alike in a row, such as NOP, any may count as the
// new one; a reference to one of them is right as long as its number stays.
func (sh *shape) sameAt(d int64) bool {
	find := func(items []item, ids []int32) int32 {
		k, ok := slices.BinarySearchFunc(items, d, func(it item, d int64) int { return cmp.Compare(int64(it.off), d) })
		if !ok {
			return none
		}
		return ids[k]
	}
	x := find(sh.itemsA, sh.idsA)
	return x != none && x == find(sh.itemsB, sh.idsB)
}

// alignUnits finds the pairs of units that differ in more than in where their
// references lead, and what they have in common. What refers into the middle of
// such a unit is compared through that, so it has to be known of all units
// before references are compared.
func (c *comparison) alignUnits() {
	c.shapes, c.aligned = make([]*shape, len(c.a.units)), make([]*alignment, len(c.a.units))
	for i := range c.a.units {
		j := c.pairs.toB[i]
		if j == none {
			continue
		}
		ua, ub := &c.a.units[i], &c.b.units[j]
		if c.alike(ua, ub) || sectionCategory(c.a.secs[ua.sec].s.Name) == catDebug {
			continue
		}
		sh := c.newShape(int32(i), j)
		c.shapes[i] = sh
		al := &alignment{aEnd: int(ua.end - ua.start), bEnd: int(ub.end - ub.start)}
		for _, r := range sh.runs {
			for k := range r.n {
				x, y := &sh.itemsA[r.a+k], &sh.itemsB[r.b+k]
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

// alike reports whether two units are equal but for the distances in their
// instructions and what their relocations refer to.
func (c *comparison) alike(ua, ub *unit) bool {
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

// compareUnits compares pairs of units, and reports those without counterpart.
func (c *comparison) compareUnits() {
	c.findStill()
	c.touched = make([]bool, len(c.a.secs))
	for i := range c.a.units {
		ua := &c.a.units[i]
		name := c.a.secs[ua.sec].s.Name
		if sectionCategory(name) == catDebug {
			continue // compared as a whole
		}
		j := c.pairs.toB[i]
		if c.skipSection(name) {
			if j == none || !c.alike(ua, &c.b.units[j]) {
				c.report.Ignored[sectionCategory(name)]++
			}
			continue
		}
		if j == none {
			if c.pairs.secsToB[ua.sec] != 0 {
				c.touched[ua.sec] = true
			}
			c.lonely(c.a, ua, Removed)
			continue
		}
		c.compareUnit(int32(i), j)
	}
	for j := range c.b.units {
		ub := &c.b.units[j]
		if name := c.b.secs[ub.sec].s.Name; c.pairs.toA[j] == none && !c.skipSection(name) && sectionCategory(name) != catDebug {
			if s := c.pairs.secsToA[ub.sec]; s != 0 {
				c.touched[s] = true
			}
			c.lonely(c.b, ub, Added)
		}
	}
}

// findStill finds the sections whose units all stand where they stood, so that
// equal bytes have equal meaning.
func (c *comparison) findStill() {
	c.still = make([]bool, len(c.a.secs))
	for i, sa := range c.a.secs {
		if sa == nil || c.pairs.secsToB[i] == 0 {
			continue
		}
		sb := c.b.secs[c.pairs.secsToB[i]]
		still := sa.last-sa.first == sb.last-sb.first
		for k := 0; still && k < sa.last-sa.first; k++ {
			ua, ub := &c.a.units[sa.first+k], &c.b.units[sb.first+k]
			still = c.pairs.toB[sa.first+k] == int32(sb.first+k) && ua.start == ub.start && ua.end == ub.end && c.aligned[sa.first+k] == nil
		}
		c.still[i] = still
	}
}

// compareUnit compares a unit with its counterpart.
func (c *comparison) compareUnit(i, j int32) {
	ua, ub := &c.a.units[i], &c.b.units[j]
	sh := c.shapes[i]
	if sh == nil {
		if c.sameReferences(ua, ub) {
			c.identity(i, ua, ub, nil)
			return
		}
		sh = c.newShape(i, j)
	}
	u := c.unitChange(ua, ub)
	c.lines(u, ua, ub, sh)
	if len(u.Lines) > 0 || u.A.Size != u.B.Size {
		u.Changes = append(u.Changes, Changed)
	}
	c.identity(i, ua, ub, u)
}

// lines writes down the items that differ.
func (c *comparison) lines(u *UnitChange, ua, ub *unit, sh *shape) {
	minus, plus := 0, 0
	flush := func() {
		u.Count += max(minus, plus)
		minus, plus = 0, 0
	}
	remove := func(it *item) {
		u.Lines = append(u.Lines, Line{"-", uint64(it.off), c.a.describe(ua, it)})
		minus++
	}
	add := func(it *item) {
		u.Lines = append(u.Lines, Line{"+", uint64(it.off), c.b.describe(ub, it)})
		plus++
	}
	x, y := 0, 0
	for _, r := range append(slices.Clip(sh.runs), run{len(sh.itemsA), len(sh.itemsB), 0}) {
		for ; x < r.a; x++ {
			remove(&sh.itemsA[x])
		}
		for ; y < r.b; y++ {
			add(&sh.itemsB[y])
		}
		for k := 0; k < r.n; k++ {
			p, q := &sh.itemsA[r.a+k], &sh.itemsB[r.b+k]
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

// sameTargets reports whether two items that are alike refer to the same.
func (c *comparison) sameTargets(ua, ub *unit, p, q *item) bool {
	for i := range p.relocs {
		if !c.same(c.a.follow(&p.relocs[i]), c.b.follow(&q.relocs[i])) {
			return false
		}
	}
	if p.mask != nil && !c.same(c.a.local(ua, p), c.b.local(ub, q)) {
		return false
	}
	return true
}

// sameReferences reports whether units that are alike refer to the same.
func (c *comparison) sameReferences(ua, ub *unit) bool {
	ra, rb := c.a.relocs(ua), c.b.relocs(ub)
	for i := range ra {
		if !c.same(c.a.follow(&ra[i]), c.b.follow(&rb[i])) {
			return false
		}
	}
	sa := c.a.secs[ua.sec]
	if c.still[ua.sec] && bytes.Equal(c.a.data(ua), c.b.data(ub)) || sa.s.Flags&elf.SHF_EXECINSTR == 0 || sa.data == nil {
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
			if !c.same(c.a.local(ua, &x), c.b.local(ub, &y)) {
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

// identity reports that a unit is in another section, or under another name,
// than it was. u is the report so far; nil when the contents are equal.
func (c *comparison) identity(i int32, ua, ub *unit, u *UnitChange) {
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
	c.touched[ua.sec] = true
	c.reported[int(i)] = len(c.report.Units)
	c.report.Units = append(c.report.Units, *u)
}

// alias reports whether the symbol of a unit of a is another name of its
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

// heading names a unit where its input is named as well.
func (v *view) heading(u *unit) string {
	if u.symbol == 0 && u.file != "" {
		return v.secs[u.sec].s.Name
	}
	return v.unitTitle(u)
}

// lonely reports a unit without counterpart.
func (c *comparison) lonely(v *view, u *unit, change string) {
	ch := UnitChange{Changes: []string{change}, Kind: v.kind(u), Name: v.heading(u), Lines: []Line{}}
	if change == Added {
		ch.B = v.placeOf(u)
	} else {
		ch.A = v.placeOf(u)
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

// kind says what a unit is.
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

// sectionCategory is the category that a whole section belongs to, if any.
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

// relocEqual reports whether relocations of sections that are compared as a
// whole say the same.
func (c *comparison) relocEqual(x, y *elfobj.Reloc) bool {
	return x.Offset == y.Offset && x.Type == y.Type && c.same(c.a.follow(x), c.b.follow(y))
}
