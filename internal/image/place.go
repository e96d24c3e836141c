// SPDX-License-Identifier: Apache-2.0

package image

import (
	"fmt"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// placeBySymbols finds the sections whose symbols the kernel has. Each block is at
// its own symbol, so that code that moved is still compared with itself.
func (a *audit) placeBySymbols() error {
	for _, sec := range a.secs {
		if sec == nil {
			continue
		}
		votes := map[uint64]int{}
		for i := range sec.blocks {
			for _, at := range a.shipped(&sec.blocks[i]) {
				votes[at-sec.blocks[i].start]++
			}
		}
		base, n := a.firstMajority(sec, votes)
		if n == 0 {
			continue
		}
		sec.found = found{how: foundBySymbol, uses: n, confirmed: n > 1}
		sec.place(base)
		for i := range sec.blocks {
			b := &sec.blocks[i]
			at := a.shipped(b)
			switch {
			case slices.Contains(at, b.at):
			case len(at) == 1:
				b.at = at[0]
			case i > 0:
				a.follow(sec, b, &sec.blocks[i-1])
			}
		}
	}
	return nil
}

// firstMajority returns the address that most symbols of a section say; of several
// the one that the first of them says.
func (a *audit) firstMajority(sec *section, votes map[uint64]int) (base uint64, n int) {
	for _, k := range votes {
		n = max(n, k)
	}
	for i := range sec.blocks {
		for _, at := range a.shipped(&sec.blocks[i]) {
			if base = at - sec.blocks[i].start; votes[base] == n {
				return base, n
			}
		}
	}
	return 0, 0
}

// follow places a block with no symbol of its own: after the one before, unless its
// contents are not there, but where most of the section is.
func (a *audit) follow(sec *section, b, before *block) {
	after := before.at + before.end - before.start
	if have := a.bytesAt(b.at, int(b.end-b.start)); sec.data != nil && have != nil && a.sameBytes(sec.data[b.start:b.end], have, sec.mask[b.start:b.end]) {
		if have = a.bytesAt(after, int(b.end-b.start)); have == nil || !a.sameBytes(sec.data[b.start:b.end], have, sec.mask[b.start:b.end]) {
			return
		}
	}
	b.at = after
}

// place puts a section at an address.
func (s *section) place(base uint64) {
	s.base = base
	for i := range s.blocks {
		s.blocks[i].at = base + s.blocks[i].start
	}
}

// shipped returns where the kernel's symbols say that a block is.
func (a *audit) shipped(b *block) []uint64 {
	if b.symbol == 0 {
		return nil
	}
	return a.symbols.byName[a.o.Symbols[b.symbol].Name]
}

// majority returns the value with the most votes, of several the smallest.
func majority(votes map[uint64]int) (value uint64, n int) {
	for v, k := range votes {
		if k > n || k == n && v < value {
			value, n = v, k
		}
	}
	return value, n
}

// maxRounds is how often addresses that were found may lead to others.
const maxRounds = 8

// placeByUses finds the sections and symbols that the kernel has no symbols for:
// from the fields that refer to them, or from what their own fields refer to.
func (a *audit) placeByUses() error {
	if !slices.ContainsFunc(a.secs, func(s *section) bool { return s != nil && s.found.how != foundNot }) {
		return a.errorf(errcode.NoHypervisor, "the kernel has none of its symbols: it was built without a hypervisor (CONFIG_KVM), or with one of another prefix than %s, or its table has other symbols; give its System.map, or another kernel", a.prefix)
	}
	for range maxRounds {
		if !a.solve() && !a.placeByContent() {
			break
		}
	}
	return nil
}

// tableBounds are the kernel's symbols around its tables, of which the object has a
// part (arch/arm64/kernel/vmlinux.lds.S).
var tableBounds = map[string][2]string{
	".altinstructions": {"__alt_instructions", "__alt_instructions_end"},
	"__bug_table":      {"__start___bug_table", "__stop___bug_table"},
	"__jump_table":     {"__start___jump_table", "__stop___jump_table"},
	"__ex_table":       {"__start___ex_table", "__stop___ex_table"},
	"__kvm_ex_table":   {"__start___kvm_ex_table", "__stop___kvm_ex_table"},
	".hyp.reloc":       {"__hyp_reloc_begin", "__hyp_reloc_end"},
	".hyp.event_ids":   {"__hyp_event_ids_start", "__hyp_event_ids_end"},
}

// checkTables reports tables that were found where the kernel does not look, or in
// two places: what is compared has to be what the kernel uses.
func (a *audit) checkTables() error {
	for _, sec := range a.secs {
		if sec == nil || sec.found.how == foundNot {
			continue
		}
		for _, at := range sec.found.twice {
			a.differ(sec, 0, Difference{Cause: CauseTwice, Want: "one place in the kernel that fits", Have: fmt.Sprintf("another one at %#x", uint64(a.link(at)))})
		}
		bounds, ok := tableBounds[sec.s.Name]
		if !ok {
			continue
		}
		start, ok1 := a.symbols.one(bounds[0])
		end, ok2 := a.symbols.one(bounds[1])
		if ok1 && ok2 && (sec.base < start || sec.base+sec.s.Size > end) {
			a.differ(sec, 0, Difference{
				Cause: CauseRange, Want: "between " + bounds[0] + " and " + bounds[1],
				Have: fmt.Sprintf("%#x, and these are %#x and %#x", uint64(a.link(sec.base)), uint64(a.link(start)), uint64(a.link(end))),
			})
		}
	}
	return nil
}

// Content search.
const (
	// maxAnchors is how many fields of a section are looked for.
	maxAnchors = 64
	// anchorUnit is what the addresses of tables are multiples of.
	anchorUnit = 4
	// maxHits is how many words of an image may be taken for an anchor. Kernels have
	// a few thousand.
	maxHits = 1 << 20
)

// anchor is a distance of four bytes in a section to a known address.
type anchor struct {
	section int // in the list of sections that are looked for
	off     uint64
}

// placeByContent finds tables that nothing refers to, such as .altinstructions: a
// word of the image that is the distance to an address which a field of a table
// has its distance to says where that table may be. Most fields have to agree.
func (a *audit) placeByContent() bool {
	var sought []*section
	var counts []int // of their anchors
	anchors := map[uint64][]anchor{}
	low, high := ^uint64(0), uint64(0)
	for _, sec := range a.secs {
		if sec == nil || sec.found.how != foundNot || sec.data == nil {
			continue
		}
		var known []*field
		for i := range sec.fields {
			f := &sec.fields[i]
			if _, ok := a.target(f); ok && f.size == 4 && a.o.Machine.RelocKind(f.typ) == machine.KindRelative && f.bits == 0xffffffff {
				known = append(known, f)
			}
		}
		if len(known) < 2 {
			continue
		}
		count := min(len(known), maxAnchors)
		for i := range count {
			f := known[i*len(known)/count]
			t, _ := a.target(f)
			anchors[t] = append(anchors[t], anchor{len(sought), f.off})
			low, high = min(low, t), max(high, t)
		}
		sought, counts = append(sought, sec), append(counts, count)
	}
	if len(sought) == 0 {
		return false
	}
	votes := make([]map[uint64]int, len(sought))
	for i := range votes {
		votes[i] = map[uint64]int{}
	}
	hits := 0
	for at := uint64(0); at+4 <= uint64(len(a.img)) && hits < maxHits; at += anchorUnit {
		w := a.img[at : at+4]
		t := at + uint64(int64(int32(uint32(w[0])|uint32(w[1])<<8|uint32(w[2])<<16|uint32(w[3])<<24)))
		if t-low > high-low {
			continue
		}
		for _, n := range anchors[t] {
			votes[n.section][at-n.off]++
			hits++
		}
	}
	done := false
	for i, sec := range sought {
		base, n := majority(votes[i])
		if n < 2 || 2*n < counts[i] {
			continue
		}
		sec.found = found{how: foundByContent, uses: n, confirmed: true}
		for v, k := range votes[i] {
			if k >= 2 && 2*k >= counts[i] && v-base+sec.s.Size >= 2*sec.s.Size {
				sec.found.twice = append(sec.found.twice, v)
			}
		}
		slices.Sort(sec.found.twice)
		sec.place(base)
		done = true
	}
	return done
}
