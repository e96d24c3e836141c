// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"debug/elf"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// Classes is a set of kinds of symbols. Each symbol is of one kind.
type Classes uint8

// The kinds, in the order in which a symbol is tried for them.
const (
	File      Classes = 1 << iota // STT_FILE
	Mapping                       // $x, $d: they tell code from data and name nothing
	Undefined                     // references, weak ones too
	Common                        // SHN_COMMON
	Local                         // defined, STB_LOCAL
	Weak                          // defined, STB_WEAK
	Global                        // defined, any other binding

	Defined = Common | Local | Weak | Global
	All     = File | Mapping | Undefined | Defined
)

// classNames are the words for classes, in the order of the help text.
var classNames = []struct {
	name  string
	class Classes
}{
	{"all", All},
	{"defined", Defined},
	{"undefined", Undefined},
	{"local", Local},
	{"global", Global},
	{"weak", Weak},
	{"common", Common},
	{"file", File},
	{"mapping", Mapping},
}

// ParseClasses reads a list of classes with commas between them.
func ParseClasses(list string) (Classes, error) {
	var c Classes
	for _, word := range strings.Split(list, ",") {
		found := false
		for _, n := range classNames {
			if n.name == word {
				c, found = c|n.class, true
			}
		}
		if !found {
			var known []string
			for _, n := range classNames {
				known = append(known, n.name)
			}
			return 0, errcode.OptionValue.Errorf("%q is no class of symbols, want some of %s", word, strings.Join(known, ", "))
		}
	}
	return c, nil
}

// ClassOf is the kind of a symbol.
func ClassOf(s *elfobj.Symbol) Classes {
	switch {
	case s.Type() == elf.STT_FILE:
		return File
	case s.IsMapping():
		return Mapping
	case s.IsUndefined():
		return Undefined
	case s.Section == elfobj.Common:
		return Common
	}
	switch s.Binding() {
	case elf.STB_LOCAL:
		return Local
	case elf.STB_WEAK:
		return Weak
	}
	return Global
}

// Has reports whether a symbol is of one of the kinds. The empty set stands for
// all of them, as where no classes are given.
func (c Classes) Has(s *elfobj.Symbol) bool { return c == 0 || c&ClassOf(s) != 0 }

// named reports whether the symbol has a name that a rename may change.
func named(s *elfobj.Symbol) bool { return s.Name != "" && s.Type() != elf.STT_SECTION }

// renameSymbols gives symbols their new names.
func (opts *Options) renameSymbols(syms []elfobj.Symbol) {
	opts.Redefine.apply(syms)
	if c := opts.PrefixClasses; c == 0 || c == All {
		opts.affix(syms, named)
	} else {
		opts.affix(syms, func(s *elfobj.Symbol) bool { return named(s) && c.Has(s) })
	}
	opts.RedefinePrefixed.apply(syms)
}

// symbolsPerWorker is how many symbols are worth another processor.
const symbolsPerWorker = 1 << 16

// affix gives prefix and suffix to the names of the symbols that want them.
func (opts *Options) affix(syms []elfobj.Symbol, want func(*elfobj.Symbol) bool) {
	if opts.SymbolPrefix == "" && opts.SymbolSuffix == "" {
		return
	}
	_ = parallel.Parts(len(syms), parallel.Workers(len(syms), symbolsPerWorker), func(_, from, to int) error {
		affixSome(syms[from:to], opts.SymbolPrefix, opts.SymbolSuffix, want)
		return nil
	})
}

// nameBlock is how many bytes of new names share an allocation, or more where
// one name is longer.
const nameBlock = 64 << 10

// affixSome does what affix does for some of the symbols.
func affixSome(syms []elfobj.Symbol, prefix, suffix string, want func(*elfobj.Symbol) bool) {
	var b strings.Builder
	for i := range syms {
		s := &syms[i]
		if !want(s) {
			continue
		}
		if n := len(prefix) + len(s.Name) + len(suffix); b.Cap()-b.Len() < n {
			b.Reset() // the names stay with the symbols
			b.Grow(max(n, nameBlock))
		}
		start := b.Len()
		b.WriteString(prefix)
		b.WriteString(s.Name)
		b.WriteString(suffix)
		s.Name = b.String()[start:]
	}
}
