// Package layout says what is where in an object: its sections, the input
// sections that they are made of, and its symbols, each with the input that it
// came from.
//
// A link knows the inputs and writes them down as JSON (hyplink link --map). An
// object read from a file says less: its STT_FILE symbols tell which source its
// local symbols came from, and [Origins] infers the rest from their neighbours.
// Which of them a layout rests on is part of it ([Layout.Origin]).
//
// The JSON is the contract with everything that reads a map: the check, the
// comparison, and tools outside of this repository. Its fields are described
// at [Layout], [Section], [Input] and [Symbol]. A field may be added at any
// time; a change of meaning raises [Schema].
package layout

import (
	"debug/elf"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// Schema is the version of the JSON form.
const Schema = 1

// Where a layout's input names come from.
const (
	FromLink = "link"         // the link that made the object
	FromMap  = "map"          // the file that a link wrote with --map
	FromFile = "file-symbols" // STT_FILE symbols; inputs are names of sources
	FromNone = "none"         // nothing: the object has no STT_FILE symbols
)

// Layout is what is where in an object.
type Layout struct {
	Schema    int    `json:"schema"`
	Machine   string `json:"machine"`    // "AArch64", "x86-64", "RISC-V"
	ByteOrder string `json:"byte_order"` // "little" or "big"
	// Origin says where the names of inputs come from: FromLink, FromMap,
	// FromFile or FromNone.
	Origin   string    `json:"origin"`
	Sections []Section `json:"sections"` // in the order of the object
	// Symbols are those that stand in no section: undefined, absolute and
	// common ones, in the order of the object.
	Symbols []Symbol `json:"symbols"`
}

// Section is a section with contents or of the program's memory.
type Section struct {
	Name        string   `json:"name"`
	Type        string   `json:"type"`  // "PROGBITS", "NOBITS", "NOTE", …
	Flags       string   `json:"flags"` // letters as readelf has them: W A X M S L G T C
	Size        uint64   `json:"size"`  // bytes
	Align       uint64   `json:"align"` // bytes, at least 1
	Entsize     uint64   `json:"entsize,omitempty"`
	Relocations int      `json:"relocations"` // how many apply to the section
	Inputs      []Input  `json:"inputs"`      // by offset; what no input covers is padding or made by the linker
	Symbols     []Symbol `json:"symbols"`     // by offset
}

// Input is an input section in its place.
type Input struct {
	Offset  uint64 `json:"offset"` // bytes into the output section
	Size    uint64 `json:"size"`   // bytes
	File    string `json:"file"`   // the input object, as the link was given it
	Section string `json:"section"`
}

// Symbol is a symbol. Section symbols are left out.
type Symbol struct {
	Name       string `json:"name"`
	Offset     uint64 `json:"offset"`            // bytes into the section; the value of an absolute, the alignment of a common symbol
	Size       uint64 `json:"size"`              // bytes
	Type       string `json:"type"`              // "FUNC", "OBJECT", "NOTYPE", …
	Binding    string `json:"binding"`           // "LOCAL", "GLOBAL", "WEAK", "UNIQUE"
	Visibility string `json:"visibility"`        // "DEFAULT", "HIDDEN", "PROTECTED", "INTERNAL"
	Section    string `json:"section,omitempty"` // in Layout.Symbols: "*UND*", "*ABS*", "*COM*" or "*LIVEPATCH*"
	// File is the input that the symbol came from, empty when it is not known
	// or when the linker script defines it.
	File   string `json:"file,omitempty"`
	Script bool   `json:"script,omitempty"` // the linker script defines it
}

// Options say what is known of an object beside its bytes.
type Options struct {
	// Map is what the link of the object wrote; nil without one.
	Map *Layout
	// Script is the linker script of the link; its symbols have no input.
	Script *ldscript.Script
	// SymbolPrefix is what symbol names got after the link.
	SymbolPrefix string
}

// Of describes an object. An error says that the map belongs to another one.
func Of(o *elfobj.Object, opts Options) (*Layout, error) {
	origins, err := NewOrigins(o, opts)
	if err != nil {
		return nil, err
	}
	l := &Layout{Schema: Schema, Machine: o.Machine.Name, ByteOrder: "little", Origin: origins.From,
		Sections: make([]Section, 0, len(o.Sections)), Symbols: []Symbol{}}
	if o.BigEndian {
		l.ByteOrder = "big"
	}
	index := make([]int, len(o.Sections))
	for i, s := range o.Sections {
		if s == nil {
			continue
		}
		index[i] = len(l.Sections)
		l.Sections = append(l.Sections, Section{Name: s.Name, Type: sectionType(s.Type), Flags: Flags(s.Flags), Size: s.Size,
			Align: max(s.Addralign, 1), Entsize: s.Entsize, Relocations: s.RelocCount(),
			Inputs: origins.inputs(elfobj.SectionIndex(i)), Symbols: []Symbol{}})
	}
	for i := 1; i < len(o.Symbols); i++ {
		s := &o.Symbols[i]
		if s.Type() == elf.STT_SECTION || s.Type() == elf.STT_FILE || s.IsDropped() {
			continue
		}
		out := Symbol{Name: s.Name, Offset: s.Value, Size: s.Size, Type: symbolType(s.Type()), Binding: binding(s.Binding()),
			Visibility: strings.TrimPrefix(s.Visibility().String(), "STV_")}
		out.File, out.Script = origins.Symbol(uint32(i))
		if s.Section > 0 {
			sec := &l.Sections[index[s.Section]]
			sec.Symbols = append(sec.Symbols, out)
			continue
		}
		out.Section = special(s.Section)
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

// special names the places that are no sections.
func special(i elfobj.SectionIndex) string {
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
	if t == elf.STT_LOOS {
		return "GNU_IFUNC"
	}
	return strings.TrimPrefix(t.String(), "STT_")
}

func binding(b elf.SymBind) string {
	if b == elf.STB_LOOS {
		return "UNIQUE"
	}
	return strings.TrimPrefix(b.String(), "STB_")
}

// Flags writes section flags as letters, as readelf does.
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
	{1 << 31, 'E'}, // SHF_EXCLUDE
}
