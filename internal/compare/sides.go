// SPDX-License-Identifier: Apache-2.0

package compare

// Side is a line of a unit in both objects, side by side: equal, or one that differs
// in A, in B or in both.
type Side struct {
	// Skipped is how many lines are left out here, equal ones unless Cut; the other
	// fields are unset.
	Skipped int
	Cut     bool // the rest of the unit is left out
	Same    bool
	A, B    *Line // nil: the object does not have it
}

// sideContext is how many equal lines are shown before and after one that differs.
const sideContext = 6

// maxSides is how many lines a unit has at most, so that a page with a large table
// that is new stays of a size that a browser can show.
const maxSides = 4000

// entry is a pair of items of two units, -1 where a unit has none.
type entry struct {
	a, b int
	same bool
}

// entries pairs the items of a diff: those that are equal, and between them the
// first that is new with the first that it replaced, and so on.
func (c *comparison) entries(ua, ub *unit, diff *unitDiff) []entry {
	var out []entry
	var removed, added []int
	flush := func() {
		for i := range max(len(removed), len(added)) {
			e := entry{-1, -1, false}
			if i < len(removed) {
				e.a = removed[i]
			}
			if i < len(added) {
				e.b = added[i]
			}
			out = append(out, e)
		}
		removed, added = removed[:0], added[:0]
	}
	x, y := 0, 0
	for _, r := range append(diff.runs[:len(diff.runs):len(diff.runs)], run{len(diff.itemsA), len(diff.itemsB), 0}) {
		for ; x < r.a; x++ {
			removed = append(removed, x)
		}
		for ; y < r.b; y++ {
			added = append(added, y)
		}
		for k := range r.n {
			if c.sameTargets(ua, ub, &diff.itemsA[r.a+k], &diff.itemsB[r.b+k]) {
				flush()
				out = append(out, entry{r.a + k, r.b + k, true})
				continue
			}
			removed, added = append(removed, r.a+k), append(added, r.b+k)
		}
		x, y = r.a+r.n, r.b+r.n
	}
	flush()
	return out
}

// sides returns the lines of two units side by side, with what is equal far from a
// difference left out.
func (c *comparison) sides(ua, ub *unit, diff *unitDiff) []Side {
	list := c.entries(ua, ub, diff)
	// near[i] says that a difference is within the context of entry i.
	near := make([]bool, len(list))
	for _, backward := range []bool{false, true} {
		left := 0
		for n := range list {
			i := n
			if backward {
				i = len(list) - 1 - n
			}
			if !list[i].same {
				left = sideContext + 1
			}
			if left > 0 {
				near[i] = true
				left--
			}
		}
	}
	var out []Side
	for i, e := range list {
		if !near[i] {
			if n := len(out); n == 0 || out[n-1].Skipped == 0 {
				out = append(out, Side{})
			}
			out[len(out)-1].Skipped++
			continue
		}
		if len(out) >= maxSides {
			return append(out, Side{Skipped: len(list) - i, Cut: true})
		}
		s := Side{Same: e.same}
		if e.a >= 0 {
			s.A = c.a.line("-", ua, &diff.itemsA[e.a])
		}
		if e.b >= 0 {
			s.B = c.b.line("+", ub, &diff.itemsB[e.b])
		}
		out = append(out, s)
	}
	return out
}

// line formats an item.
func (v *view) line(op string, u *unit, it *item) *Line {
	return &Line{op, uint64(it.off), v.itemText(u, it)}
}

// wholeSides returns all lines of a unit that only one object has.
func (c *comparison) wholeSides(v *view, u *unit) []Side {
	list := v.items(u, nil)
	out := make([]Side, min(len(list), maxSides))
	for i := range out {
		if v == c.a {
			out[i].A = v.line("-", u, &list[i])
		} else {
			out[i].B = v.line("+", u, &list[i])
		}
	}
	if rest := len(list) - len(out); rest > 0 {
		out = append(out, Side{Skipped: rest, Cut: true})
	}
	return out
}
