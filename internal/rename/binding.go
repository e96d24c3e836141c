// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// bindSymbols changes bindings by the symbols' new names, as objcopy does: what
// is global may become weak, what is global or weak and defined may become local,
// which goes before weak, and what was local at first may become global, or weak if
// that is asked for too (GNU objcopy since 2.47, and LLVM's). Common
// symbols keep their binding. Visibility stays, as in LLVM's objcopy and in GNU's
// before 2.47, which drops that of what becomes local: linkers do not look at it.
func (opts *Options) bindSymbols(syms []elfobj.Symbol) {
	if opts.Weaken == nil && opts.Localize == nil && opts.KeepGlobal == nil && opts.Globalize == nil && !opts.LocalizeHidden {
		return
	}
	for i := range syms {
		s := &syms[i]
		if i == 0 || s.Section == elfobj.Common || !named(s) || s.Type() == elf.STT_FILE {
			continue
		}
		switch old := s.Binding(); {
		case (old == elf.STB_GLOBAL || old == elf.STB_WEAK) && !s.IsUndefined() && opts.localizes(s):
			bind(s, elf.STB_LOCAL)
		case (old == elf.STB_GLOBAL || old == elfobj.STBGNUUnique) && opts.Weaken.Has(s.Name):
			bind(s, elf.STB_WEAK)
		case old == elf.STB_LOCAL && opts.Globalize.Has(s.Name):
			if bind(s, elf.STB_GLOBAL); opts.Weaken.Has(s.Name) {
				bind(s, elf.STB_WEAK)
			}
		}
	}
}

func (opts *Options) localizes(s *elfobj.Symbol) bool {
	hidden := s.Visibility() == elf.STV_HIDDEN || s.Visibility() == elf.STV_INTERNAL
	return opts.Localize.Has(s.Name) || opts.KeepGlobal != nil && !opts.KeepGlobal.Has(s.Name) || opts.LocalizeHidden && hidden
}

func bind(s *elfobj.Symbol, b elf.SymBind) { s.Info = elfobj.SymInfo(b, s.Type()) }
