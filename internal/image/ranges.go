// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// interval is a range of addresses.
type interval struct{ start, end uint64 }

// claim is what one of the object's blocks has in the image.
type claim struct {
	interval
	sec *section
	off uint64
}

type claims []claim

// claims returns what the object's sections have in memory, by address.
func (a *audit) claims() claims {
	var c claims
	for _, sec := range a.secs {
		if sec == nil || sec.found.how == foundNot {
			continue
		}
		for i := range sec.blocks {
			b := &sec.blocks[i]
			c = append(c, claim{interval{b.at, b.at + b.end - b.start}, sec, b.start})
		}
	}
	slices.SortFunc(c, func(a, b claim) int { return cmp.Compare(a.start, b.start) })
	return c
}

// find returns the section and the offset of an address, or nil.
func (c claims) find(at uint64) (*section, uint64) {
	i, _ := slices.BinarySearchFunc(c, at+1, func(c claim, at uint64) int { return cmp.Compare(c.start, at) })
	if i == 0 || at >= c[i-1].end {
		return nil, 0
	}
	return c[i-1].sec, c[i-1].off + at - c[i-1].start
}

// touch returns the section that has one of some bytes, and where the first of them
// is in it, or nil.
func (c claims) touch(at, size uint64) (*section, uint64) {
	if s, off := c.find(at); s != nil {
		return s, off
	}
	i, _ := slices.BinarySearchFunc(c, at, func(c claim, at uint64) int { return cmp.Compare(c.start, at) })
	if i < len(c) && c[i].start < at+size && c[i].start < c[i].end {
		return c[i].sec, c[i].off
	}
	return nil, 0
}

// hypRange is a range of the image between two of the kernel's symbols that is the
// hypervisor's (arch/arm64/kernel/vmlinux.lds.S).
type hypRange struct {
	interval
	name string
}

// accountForRanges accounts for each byte of the hypervisor's ranges that is not
// the object's, and requires a range around each of the object's own sections.
func (a *audit) accountForRanges() error {
	ours := a.claims()
	a.checkOverlaps(ours)
	a.ranges = a.hypRanges()
	for _, r := range a.ranges {
		out := Range{Name: r.name, Start: a.link(r.start), Size: r.end - r.start, Others: []Other{}}
		pos := r.start
		for _, c := range ours {
			if c.end <= r.start || c.start >= r.end {
				continue
			}
			if c.start < r.start {
				a.wrongRange(r.name, r.start, "starts amid "+a.place(c.sec, c.off))
			}
			out.Object += min(c.end, r.end) - max(c.start, r.start)
			if c.start > pos {
				a.accountForGap(&out, interval{pos, c.start})
			}
			pos = max(pos, c.end)
		}
		if pos < r.end {
			a.accountForGap(&out, interval{pos, r.end})
		}
		if pos > r.end {
			a.wrongRange(r.name, r.start, fmt.Sprintf("ends at %#x, amid a section of the object", uint64(a.link(r.end))))
		}
		a.report.Ranges = append(a.report.Ranges, out)
	}
	for _, sec := range a.secs {
		if sec == nil || sec.found.how == foundNot || !strings.HasPrefix(sec.s.Name, ".hyp.") {
			continue
		}
		if !slices.ContainsFunc(a.ranges, func(r hypRange) bool { return sec.base >= r.start && sec.base < r.end }) {
			a.report.Bare = append(a.report.Bare, sec.s.Name)
		}
	}
	return nil
}

// checkOverlaps reports sections that would be at the same place.
func (a *audit) checkOverlaps(ours claims) {
	for i := 1; i < len(ours); i++ {
		if p, c := &ours[i-1], &ours[i]; c.start < p.end {
			a.differ(c.sec, c.off, Difference{Cause: CauseOverlap, Want: "a place of its own", Have: "the same place as " + a.place(p.sec, p.off)})
		}
	}
}

// wrongRange reports a range that does not fit the object's sections. Its bounds
// may be known from a single use, so that this is a check of those, too.
func (a *audit) wrongRange(name string, start uint64, have string) {
	a.report.Differences = append(a.report.Differences, Difference{
		Cause: CauseRange, Section: name, Address: a.link(start), Symbol: name,
		Want: "whole sections of the object between its bounds", Have: have,
	})
}

// hypRanges returns the ranges that the kernel's symbols, or those that the object
// refers to, enclose.
func (a *audit) hypRanges() []hypRange {
	known := map[string]uint64{}
	add := func(name string, at uint64) {
		if !strings.HasPrefix(name, "__hyp_") {
			return
		}
		if other, ok := known[name]; ok && other != at {
			a.wrongRange(name, other, fmt.Sprintf("%s is at %#x as well", name, uint64(a.link(at))))
			return
		}
		known[name] = at
	}
	for _, u := range a.unknown {
		if u.found.how != foundNot {
			add(a.bare(u.name), u.at)
		}
	}
	for _, s := range a.symbols.sorted {
		add(s.name, s.at)
	}
	var list []hypRange
	for name, start := range known {
		what, ok := strings.CutSuffix(name, "_start")
		if !ok {
			what, ok = strings.CutSuffix(name, "_begin")
		}
		end, both := known[what+"_end"]
		switch what = strings.TrimPrefix(what, "__"); {
		case !ok || !both:
		case start > end || end > a.memory():
			a.wrongRange(what, start, fmt.Sprintf("ends at %#x", uint64(a.link(end))))
		case start < end:
			list = append(list, hypRange{interval{start, end}, what})
		}
	}
	slices.SortFunc(list, func(a, b hypRange) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.name, b.name)) })
	return list
}

// pad counts padding, and reports a dynamic relocation by which the kernel, when it
// boots, writes there what is in no image.
func (a *audit) pad(r *Range, gap interval) {
	if gap.start >= gap.end {
		return
	}
	r.Padding += gap.end - gap.start
	i, _ := slices.BinarySearch(a.otherWrites, max(gap.start, 7)-7)
	for ; i < len(a.otherWrites) && a.otherWrites[i] < gap.end; i++ {
		at := a.otherWrites[i]
		a.report.Differences = append(a.report.Differences, Difference{
			Cause: CauseExtraRelocation, Section: r.Name, Address: a.link(at), Symbol: a.name(at),
			Want: "no dynamic relocation between the object's sections", Have: "one that writes here when the kernel boots",
		})
	}
}

// accountForGap accounts for bytes of a range that are not the object's.
func (a *audit) accountForGap(r *Range, gap interval) {
	end := min(gap.end, uint64(len(a.img)))
	if gap.start >= end {
		a.pad(r, gap) // in .bss
		return
	}
	a.pad(r, interval{end, gap.end})
	for _, added := range a.added {
		if added.start >= gap.start && added.end <= end {
			r.Linker += added.end - added.start
			if added.start > gap.start {
				a.accountForGap(r, interval{gap.start, added.start})
			}
			if added.end < end {
				a.accountForGap(r, interval{added.end, end})
			}
			return
		}
	}
	size := end - gap.start
	used := uint64(len(bytes.TrimRight(a.img[gap.start:end], "\x00")))
	if used == 0 || isFill(a.img[gap.start:end], a.o.Machine.Code.Nop) {
		a.pad(r, interval{gap.start, end})
		return
	}
	if a.tableGap(r, interval{gap.start, end}) {
		return
	}
	// Up to the next word, as zeros may end the last one.
	used = min((used+3)&^3, size)
	a.pad(r, interval{gap.start + used, end})
	a.accountForCode(r, interval{gap.start, gap.start + used})
}

// accountForCode accounts for bytes that are no padding: those of another object
// start at a symbol of it.
func (a *audit) accountForCode(r *Range, code interval) {
	end := code.end
	if at, ok := a.strangerIn(code); ok {
		end = at
	}
	start := code.start
	if others := a.othersIn(interval{start, end}); len(others) > 0 {
		lead := a.img[start:others[0].at]
		if len(bytes.TrimRight(lead, "\x00")) == 0 || isFill(lead, a.o.Machine.Code.Nop) {
			start = end
			a.pad(r, interval{code.start, others[0].at})
			r.Other += end - others[0].at
			r.Others = append(r.Others, Other{Name: others[0].name, Address: a.link(others[0].at), Size: end - others[0].at, Symbols: len(others)})
		}
	}
	if start == code.end {
		return
	}
	r.Unexplained += code.end - start
	a.report.Differences = append(a.report.Differences, Difference{
		Cause: CauseUnexplained, Section: r.Name, Offset: start, Address: a.link(start), Symbol: a.name(start),
		Want: "padding, or bytes of another object with a symbol", Have: fmt.Sprintf("%d bytes of neither", code.end-start),
	})
}

// strangerIn returns the first symbol in a range that is one of the hypervisor by
// its prefix, but not one of the object: no alias of a symbol of the kernel, and
// no bound.
func (a *audit) strangerIn(r interval) (at uint64, ok bool) {
	for _, s := range a.symbolsIn(r) {
		bare := a.bare(s.name)
		if bare != s.name && !isBoundary(bare) && !slices.Contains(a.symbols.byName[bare], s.at) {
			return s.at, true
		}
	}
	return 0, false
}

// isFill reports whether b is made of an instruction that does nothing.
func isFill(b, nop []byte) bool {
	if len(nop) == 0 || len(b)%len(nop) != 0 {
		return false
	}
	for ; len(b) > 0; b = b[len(nop):] {
		if !bytes.HasPrefix(b, nop) {
			return false
		}
	}
	return true
}

// othersIn returns the kernel's symbols in a range that are not the object's.
func (a *audit) othersIn(r interval) []symbol {
	var list []symbol
	for _, s := range a.symbolsIn(r) {
		if !strings.HasPrefix(s.name, a.prefix) && !isBoundary(s.name) {
			list = append(list, s)
		}
	}
	return list
}

// symbolsIn returns the kernel's symbols in a range.
func (a *audit) symbolsIn(r interval) []symbol {
	find := func(at uint64) int {
		i, _ := slices.BinarySearchFunc(a.symbols.sorted, at, func(s symbol, at uint64) int { return cmp.Compare(s.at, at) })
		return i
	}
	return a.symbols.sorted[find(r.start):find(r.end)]
}

// isBoundary reports whether a symbol marks the start or the end of a range.
func isBoundary(name string) bool {
	for _, suffix := range []string{"_start", "_end", "_begin"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return strings.HasPrefix(name, "__start_") || strings.HasPrefix(name, "__stop_")
}

// exTable is the table of exceptions that is among the hypervisor's code.
const exTable = "__kvm_ex_table"

// tableGap accounts for entries of other objects before and after those that the
// object has in the exception table of the hypervisor's text. Each has to refer
// to code of the kernel that is outside of the hypervisor's ranges.
func (a *audit) tableGap(r *Range, gap interval) bool {
	var sec *section
	for _, s := range a.secs {
		if s != nil && s.s.Name == exTable && s.found.how != foundNot && len(s.fields) > 0 {
			sec = s
		}
	}
	if sec == nil {
		return false
	}
	size := period(sec)
	first, last := gap.start, gap.end
	switch {
	case gap.end == sec.base: // up to the object's entries, after padding
		first += (gap.end - gap.start) % size
		if len(bytes.TrimLeft(a.img[gap.start:first], "\x00")) > 0 {
			return false
		}
	case gap.start == sec.base+sec.s.Size: // from there on, before padding
		used := uint64(len(bytes.TrimRight(a.img[gap.start:gap.end], "\x00")))
		last = gap.start + (used+size-1)/size*size
		if last > gap.end {
			return false
		}
	default:
		return false
	}
	var others []Other
	for at := first; at < last; at += size {
		for i := range sec.fields {
			f := &sec.fields[i]
			if f.off >= size {
				break
			}
			v, ok := a.read(at+f.off, f.size)
			if !ok {
				return false
			}
			target := a.o.Machine.Linked(f.typ, v, at+f.off).Value
			if target >= uint64(len(a.img)) || a.inHypRange(target) {
				return false
			}
			if f.off == 0 {
				others = append(others, Other{Name: "exception table entry of " + a.name(target), Address: a.link(at), Size: size, Symbols: 1})
			}
		}
	}
	r.Others = append(r.Others, others...)
	r.Other += last - first
	a.pad(r, interval{gap.start, first})
	a.pad(r, interval{last, gap.end})
	return true
}

func (a *audit) inHypRange(at uint64) bool {
	for _, r := range a.ranges {
		if at >= r.start && at < r.end {
			return true
		}
	}
	return false
}

// link returns the link address of an address, or the address itself where that
// is not known.
func (a *audit) link(at uint64) Hex {
	if a.linked {
		return Hex(at + a.base)
	}
	return Hex(at)
}
