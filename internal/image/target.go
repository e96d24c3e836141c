// SPDX-License-Identifier: Apache-2.0

package image

import (
	"debug/elf"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// unknown is a symbol that the object leaves undefined: one of the kernel.
type unknown struct {
	name  string
	found found
	at    uint64
}

// findUndefined looks up the object's undefined symbols: the kernel has them under
// their name, by an alias, or without the prefix (arch/arm64/kernel/image-vars.h).
func (a *audit) findUndefined() error {
	a.unknown = map[uint32]*unknown{}
	a.eachField(func(_ *section, f *field) {
		s := &a.o.Symbols[f.symbol]
		if !s.IsUndefined() || a.unknown[f.symbol] != nil {
			return
		}
		u := &unknown{name: s.Name}
		a.unknown[f.symbol] = u
		for _, name := range []string{s.Name, a.bare(s.Name)} {
			if at, ok := a.symbols.one(name); ok {
				u.at, u.found = at, found{how: foundBySymbol}
				return
			}
		}
	})
	return nil
}

// bare returns a name without the object's prefix.
func (a *audit) bare(name string) string {
	if len(name) > len(a.prefix) && name[:len(a.prefix)] == a.prefix {
		return name[len(a.prefix):]
	}
	return name
}

// reference is what a field refers to: a place in a section, or a symbol of the
// kernel, and an offset from there.
type reference struct {
	section *section // nil: undefined or absolute
	from    uint64   // offset in section that delta is from
	unknown *unknown
	delta   int64
}

// refer returns what a field refers to. A reference against a section symbol is to
// the place that the addend names; one against another symbol follows that symbol.
func (a *audit) refer(f *field) reference {
	s := &a.o.Symbols[f.symbol]
	if s.Section <= 0 || a.secs[s.Section] == nil {
		return reference{unknown: a.unknown[f.symbol], delta: f.addend}
	}
	sec := a.secs[s.Section]
	if off := s.Value + uint64(f.addend); s.Type() == elf.STT_SECTION && off <= sec.s.Size {
		return reference{section: sec, from: off}
	}
	return reference{section: sec, from: s.Value, delta: f.addend}
}

// target returns the address that a field refers to, if that is known.
func (a *audit) target(f *field) (uint64, bool) {
	r := a.refer(f)
	switch {
	case r.section != nil:
		at, ok := r.section.address(r.from)
		return at + uint64(r.delta), ok
	case r.unknown != nil && r.unknown.found.how != foundNot:
		return r.unknown.at + uint64(r.delta), true
	}
	return 0, false
}

// sure reports whether the address that a field refers to is known from more than
// this one use.
func (a *audit) sure(f *field) bool {
	r := a.refer(f)
	switch {
	case r.section != nil:
		return r.section.found.sure()
	case r.unknown != nil:
		return r.unknown.found.sure()
	}
	return false
}

func (f found) sure() bool { return f.how == foundBySymbol || f.confirmed }

// describe names what a field refers to, by the object's symbols.
func (a *audit) describe(f *field) string {
	r := a.refer(f)
	if r.section == nil {
		return plus(a.o.SymbolName(f.symbol), f.addend)
	}
	return plus(a.place(r.section, r.from), r.delta)
}

// place names an offset of a section by the object's symbols.
func (a *audit) place(sec *section, off uint64) string {
	for i := sec.blockIndex(off); i >= 0; i-- {
		if b := &sec.blocks[i]; b.symbol != 0 {
			return plus(a.o.Symbols[b.symbol].Name, int64(off-b.start))
		}
	}
	return fmt.Sprintf("%s+%#x", sec.s.Name, off)
}

func plus(name string, n int64) string {
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s%+#x", name, n)
}

// isNumber reports whether a field holds a number instead of an address.
func (a *audit) isNumber(f *field) bool {
	return a.o.Symbols[f.symbol].Section == elfobj.Absolute
}
