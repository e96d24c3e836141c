// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"path/filepath"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// addSymbols makes the symbol table: a section symbol for each section, then
// the local symbols of each input after its STT_FILE symbol, then room for those
// of addGroups, then the global ones in the order in which inputs first name them,
// or in GNU ld's orders.
func (l *linker) addSymbols() error {
	inputs := l.symbolInputs()
	// Where the locals of each part of the inputs go is known once those of the
	// parts before it are counted.
	parts := workers(len(inputs))
	counts := make([]int, parts)
	_ = parallel.Parts(len(inputs), parts, func(part, from, to int) error {
		for _, in := range inputs[from:to] {
			counts[part] += l.addLocals(in, nil, 0)
		}
		return nil
	})
	total := 1 + len(l.outputs)
	starts := make([]int, parts)
	for i, n := range counts {
		starts[i] = total
		total += n
	}
	l.groupSymbols = total
	var groupSymbols int
	l.groups, groupSymbols = l.keptGroups()
	order := l.globalOrder()
	globalStarts, end := l.numberSymbols(order, parts, total+groupSymbols)
	syms := make([]elfobj.Symbol, end)
	for i, o := range l.outputs {
		syms[1+i] = elfobj.Symbol{Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_SECTION), Section: o.index}
	}
	l.out.Symbols = syms
	_ = parallel.Parts(len(order), parts, func(part, from, to int) error {
		next := globalStarts[part]
		for _, n := range order[from:to] {
			g := l.symbolTable.at(n)
			if g.out = elfobj.Discarded; l.keeps(g) {
				g.out, syms[next] = uint32(next), l.outputSymbol(g)
				next++
			}
		}
		return nil
	})
	return parallel.Parts(len(inputs), parts, func(part, from, to int) error {
		next := starts[part]
		for _, in := range inputs[from:to] {
			next += l.addLocals(in, syms, next)
			for k, n := range in.symbols.Index[in.firstGlobal:] {
				if s := &in.obj.Symbols[in.firstGlobal+k]; !s.IsLocal() {
					g := l.symbolTable.at(n)
					out := g.out
					if isThreadLocal(&g.def) {
						out |= elfobj.ThreadLocal
					}
					in.symbols.Index[in.firstGlobal+k] = out
					in.dropsSymbols = in.dropsSymbols || out == elfobj.Discarded
					in.threads = in.threads || isThreadLocal(s) && s.Section > 0
				}
			}
		}
		return nil
	})
}

// numberSymbols says where the global symbols of each part of their order are in
// the output's symbol table, in which they start at an index, and where they end.
func (l *linker) numberSymbols(order []uint32, parts, start int) (starts []int, end int) {
	starts = make([]int, parts)
	_ = parallel.Parts(len(order), parts, func(part, from, to int) error {
		for _, n := range order[from:to] {
			if l.keeps(l.symbolTable.at(n)) {
				starts[part]++
			}
		}
		return nil
	})
	for i, n := range starts {
		starts[i] = start
		start += n
	}
	return starts, start
}

// addLocals adds the local symbols of an input to the symbol table, from an
// index on, and returns how many there are. Without a table it only counts.
//
// Where no STT_FILE symbol comes before them, as in the output of an assembler,
// one with the object's base name is added, so that they are not taken for the
// previous file's (GNU ld does the same).
func (l *linker) addLocals(in *input, table []elfobj.Symbol, next int) (count int) {
	m := &in.symbols
	add := func(s elfobj.Symbol) uint32 {
		n := next + count
		count++
		if table != nil {
			table[n] = s
		}
		return uint32(n)
	}
	// An object of which nothing is linked leaves no trace (GNU ld too).
	named, linked := false, slices.ContainsFunc(in.sections, func(p inputSection) bool { return p.home() != nil })
	for i := 1; i < len(in.obj.Symbols); i++ {
		s := &in.obj.Symbols[i]
		if !s.IsLocal() {
			continue
		}
		if s.IsDropped() || !linked {
			m.Index[i] = elfobj.Discarded
			continue
		}
		var isec *inputSection
		if s.Section > 0 {
			if isec = &in.sections[s.Section]; isec.home() == nil {
				m.Index[i], in.dropsSymbols = elfobj.Discarded, true
				continue
			}
			in.namesCut = in.namesCut || isec.cuts != nil
		}
		if s.Type() == elf.STT_SECTION && isec != nil {
			if m.Bias == nil {
				m.Bias = make([]int64, localCount(in.obj))
			}
			home, bias := isec.home(), s.Value
			if isec.merged != nil {
				bias = 0 // redirect has made the addend an offset in the merged section
			}
			m.Index[i], m.Bias[i] = uint32(home.out.index), int64(home.offset+bias)
			if home.out.flags&elf.SHF_TLS != 0 {
				m.Index[i] |= elfobj.ThreadLocal
			}
			continue
		}
		switch {
		case s.Type() == elf.STT_FILE:
			named = true
		case !named:
			add(elfobj.Symbol{Name: filepath.Base(in.obj.Member()), Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_FILE), Section: elfobj.Absolute})
			named = true
		}
		out := *s
		if isec != nil {
			at, value := isec.locate(s.Value)
			out.Section, out.Value = at.out.index, at.offset+value
		}
		m.Index[i] = add(out)
		if isThreadLocal(s) {
			m.Index[i] |= elfobj.ThreadLocal
			in.threads = in.threads || isec != nil
		}
	}
	return count
}

// localCount is the index after the last local symbol.
func localCount(o *elfobj.Object) int {
	for i := len(o.Symbols) - 1; i > 0; i-- {
		if o.Symbols[i].IsLocal() {
			return i + 1
		}
	}
	return 1
}

// keeps reports whether a global symbol has a place in the output.
func (l *linker) keeps(g *symbol) bool {
	switch {
	case g.script != nil:
		return true
	case !g.defined():
		// A symbol that no input uses is of a section group that another
		// object supplies.
		return g.state&symbolUsed != 0
	case g.def.Section > 0:
		return g.in.sections[g.def.Section].home() != nil
	}
	return true
}

// outputSymbol is the output's entry for a global symbol.
func (l *linker) outputSymbol(g *symbol) elfobj.Symbol {
	s := g.def
	s.Info = elfobj.SymInfo(elf.SymBind(g.binding), g.def.Type())
	s.Other = g.other | g.vis
	switch {
	case g.script != nil:
		v := g.script.value
		s.Info, s.Size = elfobj.SymInfo(elf.STB_GLOBAL, l.aliasType(g.script)), 0
		s.Value, s.Section = v.N, elfobj.Absolute
		if v.Kind == ldscript.Relative {
			s.Section = l.byName[v.Section].index
		}
	case g.defined() && g.def.Section > 0:
		isec := &g.in.sections[g.def.Section]
		at, value := isec.locate(g.def.Value)
		s.Section, s.Value = at.out.index, at.offset+value
		if isec.comdat && l.opts.Groups == GroupFlatten {
			s.Info = elfobj.SymInfo(elf.STB_WEAK, s.Type())
		}
	}
	return s
}
