// SPDX-License-Identifier: Apache-2.0

package image

import "fmt"

// maxShown is how many differences of one function or object are listed.
const maxShown = 8

// explainBlock names the cause of what differs in a block if that is known better,
// and keeps the first differences.
func (a *audit) explainBlock(sec *section, b *block, first int) {
	if other := a.codeOf(sec, b); other != nil {
		a.report.Differences = a.report.Differences[:first]
		a.differ(sec, b.start, Difference{Cause: CauseExchanged, Want: a.place(sec, b.start), Have: "the code of " + a.place(sec, other.start)})
		return
	}
	if n := len(a.report.Differences) - first - maxShown; n > 0 {
		a.report.Differences = a.report.Differences[:first+maxShown]
		a.report.Differences[first+maxShown-1].More = n
	}
	a.compareSize(sec, b)
}

// compareSize reports a function whose distance to the next symbol differs.
func (a *audit) compareSize(sec *section, b *block) {
	if b.symbol == 0 {
		return
	}
	next, known := a.symbols.after(b.at)
	for i := range sec.blocks {
		if o := &sec.blocks[i]; o.start > b.start && len(a.shipped(o)) > 0 {
			if want, have := o.start-b.start, next.at-b.at; known && want != have {
				a.differ(sec, b.start, Difference{
					Cause: CauseSize, Want: fmt.Sprintf("%#x bytes up to %s", want, a.place(sec, o.start)),
					Have: fmt.Sprintf("%#x bytes up to %s", have, next.name),
				})
			}
			return
		}
	}
}

// minExchanged is how many bytes a function has at least whose code is looked for in
// others: shorter ones resemble each other.
const minExchanged = 16

// codeOf returns another function, or object, of the same size whose contents are
// in the place of a block.
func (a *audit) codeOf(sec *section, b *block) *block {
	size := a.sizeOf(b)
	have := a.bytesAt(b.at, int(size))
	if have == nil || size < minExchanged || a.sameBytes(sec.data[b.start:b.start+size], have, sec.mask[b.start:b.start+size]) {
		return nil
	}
	for i := range sec.blocks {
		o := &sec.blocks[i]
		if o == b || a.sizeOf(o) != size {
			continue
		}
		if a.sameBytes(sec.data[o.start:o.start+size], have, sec.mask[o.start:o.start+size]) {
			return o
		}
	}
	return nil
}

// sizeOf returns the size of a block's symbol, or 0.
func (a *audit) sizeOf(b *block) uint64 {
	if b.symbol == 0 {
		return 0
	}
	return min(a.o.Symbols[b.symbol].Size, b.end-b.start)
}

// replacement is code that replaces other code when the kernel boots.
type replacement struct {
	sec      *section
	off, end uint64
	of       string
}

// Offsets in an entry of .altinstructions (struct alt_instr): distances to the code
// and to its replacement, then the CPU feature and the sizes of both.
const (
	altSection   = ".altinstructions"
	altNew       = 4
	altNewLength = 11
	altSize      = 12
)

// readAlternatives finds the replacements that the object's alternatives name.
func (a *audit) readAlternatives() {
	for _, sec := range a.secs {
		if sec == nil || sec.s.Name != altSection || len(sec.data)%altSize != 0 {
			continue
		}
		var old *field
		for i := range sec.fields {
			f := &sec.fields[i]
			switch f.off % altSize {
			case 0:
				old = f
			case altNew:
				r := a.refer(f)
				size := uint64(sec.data[f.off-altNew+altNewLength])
				if r.section != nil && old != nil && old.off == f.off-altNew && size > 0 {
					off := r.from + uint64(r.delta)
					a.alts = append(a.alts, replacement{r.section, off, off + size, a.describe(old)})
				}
			}
		}
	}
}

// differ adds a difference at an offset of a section, with what is known of the
// place.
func (a *audit) differ(sec *section, off uint64, d Difference) {
	d.Section, d.Offset = sec.s.Name, off
	d.Symbol = a.place(sec, off)
	if at, ok := sec.address(off); ok {
		d.Address = a.link(at)
	}
	d.Input = a.origins.At(sec.index, off)
	if e, ok := a.entry(sec, off); ok {
		d.Symbol = e
	}
	for i := range a.alts {
		if r := &a.alts[i]; r.sec == sec && off >= r.off && off < r.end && (d.Cause == CauseInstruction || d.Cause == CauseTarget) {
			d.Cause = CauseAlternative
			d.Symbol = "the replacement of " + r.of
			break
		}
	}
	a.report.Differences = append(a.report.Differences, d)
}

// tables are the sections whose entries start with a reference to the code that
// they are about.
var tables = map[string]struct {
	entry string
	least uint64 // how many bytes an entry has at least
}{
	altSection:     {"alternative", altSize},
	"__bug_table":  {"bug entry", 8},
	"__jump_table": {"jump label", 16},
	exTable:        {"exception table entry", 8},
	".hyp.reloc":   {"hyp relocation", 4},
}

// entry names the table entry at an offset by the code that it is about.
func (a *audit) entry(sec *section, off uint64) (string, bool) {
	table, ok := tables[sec.s.Name]
	what := table.entry
	if !ok || len(sec.fields) == 0 {
		return "", false
	}
	size := period(sec)
	n := off / size
	for i := range sec.fields {
		if f := &sec.fields[i]; f.off == n*size {
			return fmt.Sprintf("%s %d, of %s", what, n, a.describe(f)), true
		}
	}
	return fmt.Sprintf("%s %d", what, n), true
}

// maxEntry is how many bytes an entry of a table may have.
const maxEntry = 64

// period returns the size of a table's entries: the smallest distance at which the
// relocations repeat.
func period(sec *section) uint64 {
	size := uint64(len(sec.data))
	for p := max(tables[sec.s.Name].least, 4); p < size && p <= maxEntry; p += 4 {
		if size%p == 0 && uint64(len(sec.fields))%(size/p) == 0 && repeats(sec.fields, p, len(sec.fields)/int(size/p)) {
			return p
		}
	}
	return max(size, 1)
}

func repeats(fields []field, p uint64, n int) bool {
	if n == 0 {
		return false
	}
	for i := n; i < len(fields); i++ {
		if fields[i].off != fields[i-n].off+p {
			return false
		}
	}
	return fields[n-1].off < p
}
