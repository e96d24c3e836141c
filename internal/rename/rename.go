// SPDX-License-Identifier: Apache-2.0

// Package rename changes names in an object, and what follows from names:
// prefixes of symbols and sections, renames, binding, and the removal of
// sections and symbols. It does what objcopy of GNU binutils 2.40 does, and says
// so when two names clash. docs/rename.md compares the two.
//
// [Apply] reads as the list of its steps. Each step is in the file of its
// concern: strip.go, relative.go, symbols.go, binding.go, sections.go, clash.go.
package rename

import "github.com/rules-hyp/rules_hyp/internal/elfobj"

// Options say what changes. The zero value changes nothing.
type Options struct {
	// RemoveSections names the sections to take out, with their relocations
	// and symbols. One that matches the name of a group's section makes the group's
	// members ordinary sections.
	RemoveSections *Names
	// RemoveRelocs names the sections whose relocations to take out. See RelocNames.
	RemoveRelocs *Names
	// StripDebug takes out debug sections, STT_FILE symbols and section symbols
	// that no relocation uses.
	StripDebug bool
	// StripUnneeded does that, and takes out local and undefined symbols that
	// no relocation uses. Mapping symbols stay.
	StripUnneeded bool

	// RelativeSections names the sections in which 64-bit addresses become relative to
	// their places, as the kernel's relacheck makes them in .rodata.prel64: code that
	// runs before the kernel is relocated can use those.
	RelativeSections *Names

	// Redefine renames symbols before they get the prefix.
	Redefine *Redefinitions
	// SymbolPrefix goes in front of the names of the symbols of PrefixClasses.
	// Section symbols have no name of their own.
	SymbolPrefix string
	// SymbolSuffix goes at the end of these names.
	SymbolSuffix string
	// PrefixClasses are the symbols that get prefix and suffix; zero stands for all.
	PrefixClasses Classes
	// RedefinePrefixed renames symbols once they have the prefix.
	RedefinePrefixed *Redefinitions

	// The binding changes by the names that symbols have in the end. What is
	// undefined or common is never made local. See binding.go for the order.
	Weaken, Localize, KeepGlobal, Globalize *Names
	// LocalizeHidden makes hidden and internal symbols local.
	LocalizeHidden bool

	// RenameSections gives sections, and the sections of groups, new names,
	// before the prefixes.
	RenameSections map[string]string
	// SectionPrefix goes in front of the name of each section, and
	// AllocSectionPrefix instead for loaded sections
	// (SHF_ALLOC), if it is not empty.
	SectionPrefix, AllocSectionPrefix string
}

// Apply changes an object as the options say. After an error the object is in
// no defined state.
func Apply(o *elfobj.Object, opts Options) error {
	if err := opts.removeSections(o); err != nil {
		return err
	}
	if err := opts.stripSymbols(o); err != nil {
		return err
	}
	if err := opts.makeRelative(o); err != nil {
		return err
	}
	before := opts.symbolsBefore(o)
	opts.renameSymbols(o.Symbols)
	opts.bindSymbols(o.Symbols)
	if err := checkSymbols(o, before); err != nil {
		return err
	}
	return opts.renameSections(o)
}
