// SPDX-License-Identifier: Apache-2.0

package link

import (
	"cmp"
	"debug/elf"
	"fmt"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// resolveSymbols gives each name one definition (gABI, "Symbol Table", on
// STB_GLOBAL and STB_WEAK). Afterwards SymbolMap.Index of each input holds, for
// symbols that are not local, the index in l.symbolTable.
func (l *linker) resolveSymbols() error {
	errs := make([][]numberedError, len(l.symbolTable.shards))
	warnings := make([][]numberedWarning, len(l.symbolTable.shards))
	_ = parallel.Run(len(l.symbolTable.shards), func(n int) error {
		// Most global symbols are named at least twice: where they are defined and used.
		l.symbolTable.shards[n].table.Reserve(int(l.symbolTable.references) / 2 / len(l.symbolTable.shards))
		errs[n], warnings[n] = l.resolveShard(n)
		return nil
	})
	l.commonWarnings = slices.Concat(warnings...)
	slices.SortFunc(l.commonWarnings, func(a, b numberedWarning) int { return cmp.Compare(a.number, b.number) })
	return joinInOrder(errs)
}

// reference is where an input names a global symbol.
type reference struct {
	in   *input
	sym  int // index in the input's symbols
	hash uint32
}

// resolveShard resolves the names of a shard.
func (l *linker) resolveShard(n int) (errs []numberedError, warnings []numberedWarning) {
	resolve := func(m reference) {
		s, number := &m.in.obj.Symbols[m.sym], m.in.references+uint32(m.sym-m.in.firstGlobal)
		if err := l.refuseSymbol(m.in, s); err != nil {
			errs = append(errs, numberedError{number, err})
			return
		}
		shard := &l.symbolTable.shards[n]
		g := shard.intern(s.Name, m.hash, number)
		m.in.symbols.Index[m.sym] = g<<l.symbolTable.bits | uint32(n)
		sym := shard.at(g)
		err := l.checkStorage(sym, m.in, s)
		if err == nil {
			if (sym.def.Section == elfobj.Common) != (s.Section == elfobj.Common) {
				if w := sym.compareCommon(m.in, s); w != nil {
					warnings = append(warnings, numberedWarning{number, w})
				}
			}
			err = sym.merge(m.in, s)
			shard.lost = shard.lost || sym.state&symbolLost != 0
		}
		if err != nil {
			errs = append(errs, numberedError{number, err})
		}
	}
	// Looked up one by one, each of millions of names would wait for memory
	// several times; those of a batch wait together.
	batch := make([]reference, 0, 32)
	for k := range l.inputs {
		in := &l.inputs[k]
		for i, hash := range in.hashes {
			if l.symbolTable.shardOf(hash) != n || in.obj.Symbols[in.firstGlobal+i].IsLocal() {
				continue
			}
			if batch = append(batch, reference{in, in.firstGlobal + i, hash}); len(batch) == cap(batch) {
				l.symbolTable.shards[n].touch(batch)
				for _, m := range batch {
					resolve(m)
				}
				batch = batch[:0]
			}
		}
	}
	for _, m := range batch {
		resolve(m)
	}
	return errs, warnings
}

// refuseSymbol refuses symbols that a partial link cannot carry through.
func (l *linker) refuseSymbol(in *input, s *elfobj.Symbol) error {
	switch b := s.Binding(); {
	case s.Section == elfobj.Common && l.opts.NoCommon:
		return &elfobj.Error{
			Code: errcode.CommonSymbol, File: in.obj.Name, Offset: -1, What: fmt.Sprintf("common symbol %q of %d bytes", s.Name, s.Size),
			Advice: "compile with -fno-common, or use --common=keep",
		}
	case b != elf.STB_GLOBAL && b != elf.STB_WEAK && b != elfobj.STBGNUUnique:
		return &elfobj.Error{Code: errcode.DamagedSymbols, File: in.obj.Name, Offset: -1, What: fmt.Sprintf("symbol %q has unknown binding %d", s.Name, b), Advice: elfobj.Damaged}
	case s.Name == "":
		return &elfobj.Error{Code: errcode.DamagedSymbols, File: in.obj.Name, Offset: -1, What: "a global symbol without a name", Advice: elfobj.Damaged}
	}
	return nil
}

// merge adds what an object says of a symbol.
func (g *symbol) merge(in *input, s *elfobj.Symbol) error {
	g.other |= s.Other &^ 3
	g.constrain(s.Visibility())
	first := g.state&symbolSeen == 0
	g.state |= symbolSeen
	discarded := s.Section > 0 && in.sections[s.Section].discard.elsewhere()
	if s.IsUndefined() {
		g.state |= symbolUsed
	}
	if s.IsUndefined() || discarded {
		if g.defined() {
			return nil
		}
		ref := elfobj.Symbol{Name: s.Name, Info: s.Info, Size: s.Size}
		if discarded {
			ref.Info, ref.Size = referenceTo(s), 0
			g.state |= symbolLost
		}
		if first {
			g.binding, g.def = uint8(s.Binding()), ref
			if g.binding == uint8(elfobj.STBGNUUnique) {
				g.binding = uint8(elf.STB_GLOBAL)
			}
			return nil
		}
		// One strong reference makes the symbol needed.
		if s.Binding() != elf.STB_WEAK {
			g.binding = uint8(elf.STB_GLOBAL)
		}
		if g.def.Type() == elf.STT_NOTYPE {
			g.def.Info = ref.Info
		}
		return nil
	}
	if !g.defined() {
		g.define(in, s)
		return nil
	}
	switch old, new := g.rank(), rank(s); {
	case new > old:
		g.define(in, s)
	case new < old:
	case s.Section == elfobj.Common:
		// The larger size and the stricter alignment of all common symbols.
		// The type is that of the first: STT_COMMON, which few assemblers write, or STT_OBJECT.
		g.def.Value = max(g.def.Value, s.Value)
		if s.Size > g.def.Size {
			g.in, g.def.Size = in, s.Size
		}
	case new == rankStrong && s.Section == elfobj.Absolute && g.def.Section == elfobj.Absolute && s.Value == g.def.Value:
		// One number under one name, as headers of assembly define constants: it does not matter whose it is.
	case new == rankStrong: // of unique symbols too: they are one at run time, but only a COMDAT group makes two definitions one
		return &elfobj.Error{
			Code: errcode.DuplicateSymbol, File: in.obj.Name, Section: sectionName(in, s), Offset: int64(s.Value),
			What:   fmt.Sprintf("symbol %q is defined again; the first definition is in %s: %s+%#x", g.def.Name, g.in.obj.Name, sectionName(g.in, &g.def), g.def.Value),
			Advice: "make one of them static, weak, or give it another name",
		}
	}
	return nil
}

// referenceTo is the st_info of a reference to what an object defined before its
// copy was left out. Only a definition resolves itself (STT_GNU_IFUNC): to others it is a
// function.
func referenceTo(s *elfobj.Symbol) uint8 {
	if s.Type() == elfobj.STTGNUIfunc {
		return elfobj.SymInfo(s.Binding(), elf.STT_FUNC)
	}
	return s.Info
}

func (g *symbol) define(in *input, s *elfobj.Symbol) {
	g.in, g.def, g.binding = in, *s, uint8(s.Binding())
}

// Strength of definitions: a strong one replaces a common one, which replaces
// a weak one.
const (
	rankWeak = iota
	rankCommon
	rankStrong
)

func rank(s *elfobj.Symbol) int {
	switch {
	case s.Section == elfobj.Common:
		return rankCommon
	case s.Binding() == elf.STB_WEAK:
		return rankWeak
	}
	return rankStrong
}

func (g *symbol) rank() int { return rank(&g.def) }

// constrain merges a visibility into the symbol's.
func (g *symbol) constrain(v elf.SymVis) { g.vis = uint8(strictest(elf.SymVis(g.vis), v)) }

// strictest merges visibilities: the most constraining one wins (gABI, "Symbol
// Visibility"). In the order internal, hidden, protected, default the numbers
// are 1, 2, 3, 0.
func strictest(a, b elf.SymVis) elf.SymVis {
	if a == elf.STV_DEFAULT {
		return b
	}
	if b == elf.STV_DEFAULT {
		return a
	}
	return min(a, b)
}

// sectionName names the place of a definition for messages.
func sectionName(in *input, s *elfobj.Symbol) string {
	if s.Section <= 0 {
		return s.Section.Special()
	}
	return in.sections[s.Section].sec.Name
}
