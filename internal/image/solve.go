package image

// evidence is what the fields that refer to one address say about it. Those that
// say it alone count as whole; a page and an offset in one say it together.
type evidence struct {
	whole map[uint64]int
	pages []partial
	lows  []partial
	set   func(at uint64, f found)
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
				e.set = func(at uint64, f found) {
					r.section.found = f
					r.section.place(at)
				}
			}
		case r.unknown != nil:
			if e = bySymbol[r.unknown]; e == nil {
				e = add()
				bySymbol[r.unknown] = e
				e.set = func(at uint64, f found) { r.unknown.at, r.unknown.found = at, f }
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
		if at, f, ok := e.decide(); ok && at <= a.memory() {
			e.set(at, f)
			done = true
		}
	}
	return done
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
