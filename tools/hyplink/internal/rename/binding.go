package rename

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
)

// bindSymbols changes bindings by the symbols' new names, in objcopy's order: a
// global symbol may become weak, then a defined one local, and then a local one
// global again. Common symbols keep their binding.
func (opts *Options) bindSymbols(syms []elfobj.Symbol) {
	if opts.Weaken == nil && opts.Localize == nil && opts.KeepGlobal == nil && opts.Globalize == nil && !opts.LocalizeHidden {
		return
	}
	for i := range syms {
		s := &syms[i]
		if i == 0 || s.Section == elfobj.Common || !named(s) || s.Type() == elf.STT_FILE {
			continue
		}
		if s.Binding() == elf.STB_GLOBAL && opts.Weaken.Has(s.Name) {
			bind(s, elf.STB_WEAK)
		}
		if s.IsUndefined() {
			continue
		}
		if b := s.Binding(); (b == elf.STB_GLOBAL || b == elf.STB_WEAK) && opts.localizes(s) {
			bind(s, elf.STB_LOCAL)
		}
		if s.IsLocal() && opts.Globalize.Has(s.Name) {
			bind(s, elf.STB_GLOBAL)
		}
	}
}

func (opts *Options) localizes(s *elfobj.Symbol) bool {
	hidden := s.Visibility() == elf.STV_HIDDEN || s.Visibility() == elf.STV_INTERNAL
	return opts.Localize.Has(s.Name) || opts.KeepGlobal != nil && !opts.KeepGlobal.Has(s.Name) || opts.LocalizeHidden && hidden
}

func bind(s *elfobj.Symbol, b elf.SymBind) { s.Info = elfobj.SymInfo(b, s.Type()) }
