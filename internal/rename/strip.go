// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"debug/elf"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// debugPrefixes start the names of debug sections (BFD, _bfd_elf_make_section_from_shdr).
var debugPrefixes = []string{".debug", ".zdebug", ".gnu.debuglto_.debug_", ".gnu.linkonce.wi.", ".line", ".stab"}

// isDebug reports whether a section is debug information. A section that is
// loaded never is, whatever its name.
func isDebug(s *elfobj.Section) bool {
	return !s.IsAlloc() && (s.Name == ".gdb_index" ||
		slices.ContainsFunc(debugPrefixes, func(p string) bool { return strings.HasPrefix(s.Name, p) }))
}

// removeSections takes out sections, relocations and groups.
func (opts *Options) removeSections(o *elfobj.Object) error {
	debug := opts.StripDebug || opts.StripUnneeded
	if opts.RemoveSections == nil && opts.RemoveRelocs == nil && !debug {
		return nil
	}
	remove := make([]bool, len(o.Sections))
	for i, s := range o.Sections {
		switch {
		case s == nil:
		case opts.RemoveSections.Has(s.Name) || debug && isDebug(s):
			remove[i] = true
		case opts.RemoveRelocs.Has(s.Name):
			s.DropRelocs()
		}
	}
	groups := make([]bool, len(o.Groups))
	for i := range o.Groups {
		groups[i] = opts.RemoveSections.Has(o.Groups[i].Name)
	}
	if slices.Contains(groups, true) {
		o.RemoveGroups(groups)
	}
	if !slices.Contains(remove, true) {
		return nil
	}
	return o.RemoveSections(remove)
}

// stripSymbols takes out symbols that nobody needs.
func (opts *Options) stripSymbols(o *elfobj.Object) error {
	if !opts.StripDebug && !opts.StripUnneeded {
		return nil
	}
	needed, err := neededSymbols(o)
	if err != nil {
		return err
	}
	for i := range o.Symbols {
		if s := &o.Symbols[i]; i > 0 && !needed[i] && opts.strips(s) {
			s.Drop()
		}
	}
	return nil
}

// strips reports whether a symbol goes that no relocation or group uses.
func (opts *Options) strips(s *elfobj.Symbol) bool {
	switch s.Type() {
	case elf.STT_FILE, elf.STT_SECTION:
		return true
	}
	return opts.StripUnneeded && (s.IsLocal() && !s.IsMapping() || s.IsUndefined())
}

// neededSymbols marks the symbols that relocations and groups use.
func neededSymbols(o *elfobj.Object) ([]bool, error) {
	needed := make([]bool, len(o.Symbols))
	for _, s := range o.Sections {
		if s == nil {
			continue
		}
		for rel, err := range o.Relocations(s) {
			if err != nil {
				return nil, err
			}
			needed[rel.Symbol] = true
		}
	}
	for i := range o.Groups {
		needed[o.Groups[i].Signature] = true
	}
	return needed, nil
}
