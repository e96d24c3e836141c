package partial

import (
	"debug/elf"
	"errors"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
)

// global is a symbol that objects share by its name.
type global struct {
	name    string
	in      *input // where it is defined; nil for an undefined or script symbol
	def     elfobj.Symbol
	script  *scriptSymbol // set when the linker script defines it
	out     uint32        // its index in the output
	binding elf.SymBind
	vis     elf.SymVis
	other   uint8 // processor bits of st_other
	seen    bool  // an input names it
	used    bool  // an input leaves it undefined
}

// defined reports whether an input defines the symbol, as common or otherwise.
func (g *global) defined() bool { return g.in != nil }

// resolveSymbols gives each name one definition (gABI, "Symbol Table", on
// STB_GLOBAL and STB_WEAK). Afterwards SymbolMap.Index of each input holds, for
// symbols that are not local, the index in l.globals.
func (l *linker) resolveSymbols() error {
	total := 0
	for _, in := range l.inputs {
		for i := range in.obj.Symbols {
			if !in.obj.Symbols[i].IsLocal() {
				total++
			}
		}
	}
	// Most globals are named twice or more: where they are defined and used.
	l.names.reset(total / 2)
	var errs []error
	for _, in := range l.inputs {
		syms := in.obj.Symbols
		in.symbols.Index = make([]uint32, len(syms))
		for i := 1; i < len(syms); i++ {
			s := &syms[i]
			if s.IsLocal() {
				continue
			}
			if s.Section == elfobj.Common && l.opts.NoCommon {
				errs = append(errs, &elfobj.Error{File: in.obj.Name, Offset: -1, What: fmt.Sprintf("common symbol %q of %d bytes", s.Name, s.Size),
					Advice: "compile with -fno-common, or use --common=keep"})
				continue
			}
			if err := refuseSymbol(in, s); err != nil {
				errs = append(errs, err)
				continue
			}
			n := l.intern(s.Name)
			in.symbols.Index[i] = n
			if err := l.globals.at(n).merge(in, s); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// refuseSymbol refuses symbols that a partial link cannot carry through.
func refuseSymbol(in *input, s *elfobj.Symbol) error {
	switch b := s.Binding(); {
	case b != elf.STB_GLOBAL && b != elf.STB_WEAK && b != stbGNUUnique:
		return &elfobj.Error{File: in.obj.Name, Offset: -1, What: fmt.Sprintf("symbol %q has unknown binding %d", s.Name, b), Advice: "the file is damaged: build it again"}
	case s.Name == "":
		return &elfobj.Error{File: in.obj.Name, Offset: -1, What: "a global symbol without a name", Advice: "the file is damaged: build it again"}
	case strings.IndexByte(s.Name, '@') >= 0:
		return &elfobj.Error{File: in.obj.Name, Offset: -1, What: fmt.Sprintf("symbol %q has a version", s.Name), Advice: "symbol versions belong to shared libraries: remove the .symver directive"}
	}
	return nil
}

// stbGNUUnique is STB_GNU_UNIQUE, which debug/elf calls STB_LOOS.
const stbGNUUnique elf.SymBind = 10

// merge adds what an object says of a symbol.
func (g *global) merge(in *input, s *elfobj.Symbol) error {
	g.other |= s.Other &^ 3
	g.vis = strictest(g.vis, s.Visibility())
	first := !g.seen
	g.seen = true
	discarded := s.Section > 0 && in.pieces[s.Section].discard == discardByGroup
	g.used = g.used || s.IsUndefined()
	if s.IsUndefined() || discarded {
		if g.defined() {
			return nil
		}
		if first {
			g.binding, g.def = s.Binding(), elfobj.Symbol{Info: s.Info, Size: s.Size}
			if discarded {
				g.def.Info, g.def.Size = elfobj.SymInfo(s.Binding(), elf.STT_NOTYPE), 0
			}
			return nil
		}
		// One strong reference makes the symbol needed.
		if s.Binding() != elf.STB_WEAK {
			g.binding = elf.STB_GLOBAL
		}
		if g.def.Type() == elf.STT_NOTYPE {
			g.def.Info = s.Info
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
		align := max(g.def.Value, s.Value)
		if s.Size > g.def.Size {
			g.define(in, s)
		}
		g.def.Value = align
	case new == rankStrong && (s.Binding() != stbGNUUnique || g.binding != stbGNUUnique):
		return &elfobj.Error{File: in.obj.Name, Section: sectionName(in, s), Offset: int64(s.Value),
			What:   fmt.Sprintf("symbol %q is defined again; the first definition is in %s: %s+%#x", g.name, g.in.obj.Name, sectionName(g.in, &g.def), g.def.Value),
			Advice: "make one of them static, weak, or give it another name"}
	}
	return nil
}

func (g *global) define(in *input, s *elfobj.Symbol) {
	g.in, g.def, g.binding = in, *s, s.Binding()
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

func (g *global) rank() int { return rank(&g.def) }

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
	switch s.Section {
	case elfobj.Absolute:
		return "*ABS*"
	case elfobj.Common:
		return "*COM*"
	case elfobj.Undefined:
		return "*UND*"
	}
	return in.pieces[s.Section].sec.Name
}

// refuseBitcode refuses objects whose code a compiler has yet to generate.
func (l *linker) refuseBitcode() error {
	var errs []error
	for _, in := range l.inputs {
		for _, s := range in.obj.Sections {
			if s != nil && (strings.HasPrefix(s.Name, ".gnu.lto_") || s.Name == ".llvm.lto") {
				errs = append(errs, &elfobj.Error{File: in.obj.Name, Section: s.Name, Offset: -1,
					What: "the object holds a compiler's intermediate code", Advice: "compile it without -flto"})
				break
			}
		}
	}
	return errors.Join(errs...)
}
