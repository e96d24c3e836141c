// SPDX-License-Identifier: Apache-2.0

package image

import "slices"

// evidence is what the fields that refer to one address say about it. Those that
// say it alone count as whole; a page and an offset in one say it together.
type evidence struct {
	whole map[uint64]int
	pages []partial
	lows  []partial
	// set gives the address to what it is of, and reports whether that may have it.
	set func(at uint64, f found) bool
}

// partial is a part of an address: address+delta has these bits.
type partial struct {
	delta, value uint64
}

// solve finds the sections and symbols that have no address yet, from the fields
// of sections that have one. It reports whether it found any.
func (a *audit) solve() bool {
	bySection := map[*section]*evidence{}
	bySymbol := map[*unknown]*evidence{}
	var order []*evidence
	add := func() *evidence {
		e := &evidence{whole: map[uint64]int{}}
		order = append(order, e)
		return e
	}
	a.eachField(func(s *section, f *field) {
		place, ok := s.address(f.off)
		if _, known := a.target(f); known || !ok || f.absolute {
			return
		}
		have, ok := a.read(place, f.size)
		if !ok || (have^number(s.data[f.off:f.off+uint64(f.size)]))&^f.bits&sizeMask(f.size) != 0 {
			return
		}
		r := a.refer(f)
		var e *evidence
		delta := uint64(r.delta)
		switch {
		case r.section != nil:
			delta += r.from
			if e = bySection[r.section]; e == nil {
				e = add()
				bySection[r.section] = e
				e.set = func(at uint64, f found) bool {
					r.section.found = f
					r.section.place(at)
					return true
				}
			}
		case r.unknown != nil:
			if e = bySymbol[r.unknown]; e == nil {
				e = add()
				bySymbol[r.unknown] = e
				e.set = func(at uint64, f found) bool { return a.setUnknown(r.unknown, at, f) }
			}
		default:
			return
		}
		switch l := a.o.Machine.Linked(f.typ, have, place); {
		case l.Whole():
			e.whole[l.Value-delta]++
		case l.Mask == pageSize-1:
			e.lows = append(e.lows, partial{delta, l.Value})
		default:
			e.pages = append(e.pages, partial{delta, l.Value})
		}
	})
	done := false
	for _, e := range order {
		// What is outside of the kernel is no address of it.
		if at, f, ok := e.decide(); ok && at <= a.memory() && e.set(at, f) {
			done = true
		}
	}
	return done
}

// confirm counts the fields of all sections that agree with an address that was
// solved: more may refer to it than those that it was solved from.
func (a *audit) confirm() error {
	type counts struct{ whole, pages, lows int }
	seen := map[*found]*counts{}
	a.eachField(func(s *section, f *field) {
		r := a.refer(f)
		var of *found
		switch {
		case r.section != nil && r.section.found.how == foundByUse:
			of = &r.section.found
		case r.unknown != nil && r.unknown.found.how == foundByUse:
			of = &r.unknown.found
		default:
			return
		}
		place, ok := s.address(f.off)
		have, in := a.read(place, f.size)
		target, known := a.target(f)
		if !ok || !in || !known {
			return
		}
		c := seen[of]
		if c == nil {
			c = &counts{}
			seen[of] = c
		}
		if f.absolute {
			if e := a.dynWant[place]; a.linked && e != nil && (e.count == 1 && e.addend == a.base+target || e.packed == 1 && have == a.base+target) {
				c.whole++
			}
			return
		}
		switch l := a.o.Machine.Linked(f.typ, have, place); {
		case !l.Agrees(target):
		case l.Whole():
			c.whole++
		case l.Mask == pageSize-1:
			c.lows++
		default:
			c.pages++
		}
	})
	for of, c := range seen {
		of.uses = c.whole + max(c.pages, c.lows)
		of.confirmed = c.whole+c.pages >= 2 && c.whole+c.lows >= 2
	}
	return nil
}

// setUnknown gives a symbol an address that was solved. Where the kernel has several
// symbols of its name it has to be one of those, and is known from both.
func (a *audit) setUnknown(u *unknown, at uint64, f found) bool {
	for _, name := range []string{u.name, a.bare(u.name)} {
		if list := a.symbols.byName[name]; len(list) > 0 {
			if !slices.Contains(list, at) {
				return false
			}
			f = found{how: foundBySymbol, uses: f.uses}
		}
	}
	u.at, u.found = at, f
	return true
}

// decide returns the address that most fields agree on.
func (e *evidence) decide() (at uint64, f found, ok bool) {
	votes := make(map[uint64]int, len(e.whole))
	for v, n := range e.whole {
		votes[v] += n
	}
	lows := map[uint64]int{}
	for _, p := range e.lows {
		lows[(p.value-p.delta)%pageSize]++
	}
	if low, n := majority(lows); n > 0 {
		for _, p := range e.pages {
			// The address plus delta is in the page.
			votes[p.value+(low+p.delta)%pageSize-p.delta]++
		}
	}
	at, n := majority(votes)
	if n == 0 {
		return 0, found{}, false
	}
	whole, pages, agree := e.whole[at], 0, 0
	for _, p := range e.pages {
		if (at+p.delta)&^(pageSize-1) == p.value {
			pages++
		}
	}
	for _, p := range e.lows {
		if (at+p.delta)%pageSize == p.value {
			agree++
		}
	}
	return at, found{how: foundByUse, uses: whole + max(pages, agree), confirmed: whole+pages >= 2 && whole+agree >= 2}, true
}

// sizeMask has the bits of a number of bytes.
func sizeMask(size int) uint64 { return ^uint64(0) >> (64 - 8*size) }
