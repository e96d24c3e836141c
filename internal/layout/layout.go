// SPDX-License-Identifier: Apache-2.0

// Package layout describes the layout of an object: its sections, their input
// sections and their symbols, each with the input that it came from.
//
// A link knows the inputs and writes them as JSON (hyplink link --map). Other
// objects say less: their STT_FILE symbols name the sources of local symbols,
// and [Origins] infers the rest from the local symbols nearby. [Layout.Origin]
// says which of these a layout is based on.
//
// The JSON is an interface to everything that reads a map: the check, the
// comparison, and tools outside this repository. See [Layout], [Section],
// [Input] and [Symbol] for its fields. Fields may be added at any time; a change
// in meaning increments [Schema].
package layout

import (
	"debug/elf"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// Schema is the version of the JSON format.
const Schema = 1

// Where a layout's input names come from.
const (
	FromLink = "link"         // the link that made the object
	FromMap  = "map"          // the file that a link wrote with --map
	FromFile = "file-symbols" // STT_FILE symbols, which name sources
	FromNone = "none"         // nowhere: the object has no STT_FILE symbols
)

// Layout is the layout of an object.
type Layout struct {
	Schema    int    `json:"schema"`
	Machine   string `json:"machine"`    // "AArch64", "x86-64", "RISC-V"
	ByteOrder string `json:"byte_order"` // "little" or "big"
	// Origin says where the names of inputs come from: FromLink, FromMap,
	// FromFile or FromNone.
	Origin   string    `json:"origin"`
	Sections []Section `json:"sections"` // in the order of the object
	// Symbols are the undefined, absolute and common symbols, in the order of
	// the object.
	Symbols []Symbol `json:"symbols"`
}

// Section is a section with contents or in memory, not a symbol, string or
// relocation table.
type Section struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"`  // "PROGBITS", "NOBITS", "NOTE", …
	Flags       string   `json:"flags"` // letters, as readelf prints them: W A X M S L G T C
	Size        uint64   `json:"size"`  // in bytes
	Align       uint64   `json:"align"` // in bytes, at least 1
	Entsize     uint64   `json:"entsize,omitempty"`
	Relocations int      `json:"relocations"` // the number of relocations that apply to the section
	Inputs      []Input  `json:"inputs"`      // sorted by offset; gaps are padding or contents made by the linker
	Symbols     []Symbol `json:"symbols"`     // sorted by offset
}

// Input is an input section of an output section.
type Input struct {
	Offset  uint64 `json:"offset"` // in bytes, from the start of the output section
	Size    uint64 `json:"size"`   // in bytes
	File    string `json:"file"`   // the input object, as on the linker's command line
	Section string `json:"section"`
}

// Symbol is a symbol other than a section or file symbol.
type Symbol struct {
	Name       string `json:"name"`
	Offset     uint64 `json:"offset"`            // in bytes, from the start of the section; the value of an absolute symbol; the alignment of a common symbol
	Size       uint64 `json:"size"`              // in bytes
	Type       string `json:"type"`              // "FUNC", "OBJECT", "NOTYPE", …
	Binding    string `json:"binding"`           // "LOCAL", "GLOBAL", "WEAK", "UNIQUE"
	Visibility string `json:"visibility"`        // "DEFAULT", "HIDDEN", "PROTECTED", "INTERNAL"
	Section    string `json:"section,omitempty"` // in Layout.Symbols: "*UND*", "*ABS*", "*COM*" or "*LIVEPATCH*"
	// File is the input that the symbol came from. It is empty if the input is
	// unknown or the linker script defines the symbol.
	File   string `json:"file,omitempty"`
	Script bool   `json:"script,omitempty"` // the linker script defines it
}

// Options are what is known about an object in addition to its bytes.
type Options struct {
	// Map is the map that the link of the object wrote, or nil.
	Map *Layout
	// Script is the linker script of the link; its symbols have no input.
	Script *ldscript.Script
	// SymbolPrefix and SymbolSuffix are what symbols got after the link.
	SymbolPrefix, SymbolSuffix string
}

// Bare returns the name that a symbol had before it got prefix and suffix.
func Bare(name, prefix, suffix string) string {
	return strings.TrimSuffix(strings.TrimPrefix(name, prefix), suffix)
}

// Of returns the layout of an object. It returns an error if the map belongs to
// another object.
func Of(o *elfobj.Object, opts Options) (*Layout, error) {
	origins, err := NewOrigins(o, opts)
	if err != nil {
		return nil, err
	}
	l := &Layout{
		Schema: Schema, Machine: o.Machine.Name, ByteOrder: "little", Origin: origins.From,
		Sections: make([]Section, 0, len(o.Sections)), Symbols: []Symbol{},
	}
	if o.BigEndian {
		l.ByteOrder = "big"
	}
	index := make([]int, len(o.Sections))
	for i, s := range o.Sections {
		if s == nil {
			continue
		}
		index[i] = len(l.Sections)
		l.Sections = append(l.Sections, Section{
			Name: s.Name, Type: sectionType(s.Type), Flags: Flags(s.Flags), Size: s.Size,
			Align: max(s.Addralign, 1), Entsize: s.Entsize, Relocations: s.RelocCount(),
			Inputs: origins.inputs(elfobj.SectionIndex(i)), Symbols: []Symbol{},
		})
	}
	for i := 1; i < len(o.Symbols); i++ {
		s := &o.Symbols[i]
		if s.Type() == elf.STT_SECTION || s.Type() == elf.STT_FILE || s.IsDropped() {
			continue
		}
		out := Symbol{
			Name: s.Name, Offset: s.Value, Size: s.Size, Type: symbolType(s.Type()), Binding: binding(s.Binding()),
			Visibility: strings.TrimPrefix(s.Visibility().String(), "STV_"),
		}
		out.File, out.Script = origins.Symbol(uint32(i))
		if s.Section > 0 {
			sec := &l.Sections[index[s.Section]]
			sec.Symbols = append(sec.Symbols, out)
			continue
		}
		out.Section = pseudoSection(s.Section)
		l.Symbols = append(l.Symbols, out)
	}
	for i := range l.Sections {
		slices.SortStableFunc(l.Sections[i].Symbols, func(a, b Symbol) int {
			switch {
			case a.Offset < b.Offset:
				return -1
			case a.Offset > b.Offset:
				return 1
			}
			return 0
		})
	}
	return l, nil
}

// pseudoSection names a section index that is not an index, as objdump does.
func pseudoSection(i elfobj.SectionIndex) string {
	switch i {
	case elfobj.Absolute:
		return "*ABS*"
	case elfobj.Common:
		return "*COM*"
	case elfobj.Livepatch:
		return "*LIVEPATCH*"
	}
	return "*UND*"
}

func sectionType(t elf.SectionType) string { return strings.TrimPrefix(t.String(), "SHT_") }

func symbolType(t elf.SymType) string {
	if t == elfobj.STTGNUIfunc {
		return "GNU_IFUNC"
	}
	return strings.TrimPrefix(t.String(), "STT_")
}

// SymbolKind describes a symbol as the text of a layout does: "GLOBAL FUNC HIDDEN".
func SymbolKind(s *elfobj.Symbol) string {
	text := binding(s.Binding()) + " " + symbolType(s.Type())
	if v := s.Visibility(); v != elf.STV_DEFAULT {
		text += " " + strings.TrimPrefix(v.String(), "STV_")
	}
	return text
}

func binding(b elf.SymBind) string {
	if b == elfobj.STBGNUUnique {
		return "UNIQUE"
	}
	return strings.TrimPrefix(b.String(), "STB_")
}

// Flags formats section flags as letters, as readelf does.
func Flags(f elf.SectionFlag) string {
	var b []byte
	for _, l := range flagLetters {
		if f&l.flag != 0 {
			b = append(b, l.letter)
			f &^= l.flag
		}
	}
	if f != 0 {
		b = append(b, 'x')
	}
	return string(b)
}

var flagLetters = []struct {
	flag   elf.SectionFlag
	letter byte
}{
	{elf.SHF_WRITE, 'W'},
	{elf.SHF_ALLOC, 'A'},
	{elf.SHF_EXECINSTR, 'X'},
	{elf.SHF_MERGE, 'M'},
	{elf.SHF_STRINGS, 'S'},
	{elf.SHF_INFO_LINK, 'I'},
	{elf.SHF_LINK_ORDER, 'L'},
	{elf.SHF_GROUP, 'G'},
	{elf.SHF_TLS, 'T'},
	{elf.SHF_COMPRESSED, 'C'},
	{elfobj.SHFExclude, 'E'},
}
