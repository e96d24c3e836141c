// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"debug/elf"
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// Origins answers from which input a place of an object came.
type Origins struct {
	// From says where the answers come from, as [Layout.Origin] does.
	From    string
	o       *elfobj.Object
	prefix  string
	suffix  string
	regions [][]Input         // by section index, by offset
	locals  []string          // FromFile: the source of each local symbol
	script  map[string]bool   // names that the linker script defines
	files   map[string]string // FromMap: inputs of absolute and common symbols
}

// NewOrigins finds out what is known of the inputs of o: from the link in
// memory, from its map, or from STT_FILE symbols. An error says that the map
// belongs to another object.
func NewOrigins(o *elfobj.Object, opts Options) (*Origins, error) {
	g := &Origins{From: FromNone, o: o, prefix: opts.SymbolPrefix, suffix: opts.SymbolSuffix, script: scriptNames(opts.Script)}
	if g.prefix == "" {
		g.prefix = Prefix(o)
	}
	switch {
	case opts.Map != nil:
		g.From = FromMap
		return g, g.fromMap(opts.Map)
	case linked(o):
		g.From = FromLink
		g.fromChunks()
	default:
		g.fromFileSymbols()
	}
	return g, nil
}

// bare returns a symbol's name in the link.
func (g *Origins) bare(name string) string { return Bare(name, g.prefix, g.suffix) }

// Prefix is what precedes the names of mapping symbols, which is what all
// names of the object were given as a prefix; empty when that is not plain.
func Prefix(o *elfobj.Object) string {
	prefix, found := "", false
	for i := range o.Symbols {
		s := &o.Symbols[i]
		dollar := strings.LastIndexByte(s.Name, '$')
		if dollar < 0 || !s.IsLocal() || s.Size != 0 || s.Type() != elf.STT_NOTYPE {
			continue
		}
		bare := elfobj.Symbol{Name: s.Name[dollar:]}
		switch {
		case !bare.IsMapping():
		case !found:
			prefix, found = s.Name[:dollar], true
		case prefix != s.Name[:dollar]:
			return ""
		}
	}
	return prefix
}

// linked reports whether the object was made by a link in this process.
func linked(o *elfobj.Object) bool {
	for _, s := range o.Sections {
		if s == nil {
			continue
		}
		for i := range s.Chunks {
			if f := s.Chunks[i].Source().File; f != "" && f != o.Name {
				return true
			}
		}
	}
	return false
}

func (g *Origins) fromChunks() {
	g.regions = make([][]Input, len(g.o.Sections))
	for i, s := range g.o.Sections {
		if s == nil {
			continue
		}
		for j := range s.Chunks {
			if src := s.Chunks[j].Source(); src.File != "" {
				c := &s.Chunks[j]
				g.regions[i] = append(g.regions[i], Input{c.Offset, c.Section.Size, src.File, src.Section})
			}
		}
	}
}

// fromMap takes the inputs of a map's sections. A section that the map does not
// have was added after the link, as the hyp relocations are.
func (g *Origins) fromMap(m *Layout) error {
	g.regions = make([][]Input, len(g.o.Sections))
	g.files = map[string]string{}
	if g.script == nil {
		g.script = map[string]bool{}
	}
	byName := make(map[string][]*Section, len(m.Sections))
	for i := range m.Sections {
		s := &m.Sections[i]
		byName[s.Name] = append(byName[s.Name], s)
		for j := range s.Symbols {
			if s.Symbols[j].Script {
				g.script[g.bare(s.Symbols[j].Name)] = true
			}
		}
	}
	for i := range m.Symbols {
		if s := &m.Symbols[i]; s.Script {
			g.script[g.bare(s.Name)] = true
		} else if s.File != "" {
			g.files[g.bare(s.Name)] = s.File
		}
	}
	for i, s := range g.o.Sections {
		if s == nil || len(byName[s.Name]) == 0 {
			continue
		}
		from := byName[s.Name][0]
		byName[s.Name] = byName[s.Name][1:]
		if from.Size != s.Size && s.IsAlloc() {
			return &elfobj.Error{
				Code: errcode.OtherMap, File: g.o.Name, Section: s.Name, Offset: -1,
				What:   fmt.Sprintf("has %d bytes, but %d in the map", s.Size, from.Size),
				Advice: "give the map that the link of this object wrote",
			}
		}
		g.regions[i] = from.Inputs
	}
	return nil
}

// fromFileSymbols uses that a local symbol belongs to the STT_FILE symbol
// before it (gABI, "Symbol Table"), and that the contents of one input are
// contiguous: a byte belongs to the source of the local symbol at or before it.
// On AArch64 each input section starts with a local symbol, $x or $d.
func (g *Origins) fromFileSymbols() {
	o := g.o
	g.regions = make([][]Input, len(o.Sections))
	file, any := "", false
	for i := 1; i < len(o.Symbols); i++ {
		s := &o.Symbols[i]
		switch {
		case !s.IsLocal() || s.Type() == elf.STT_SECTION || s.IsDropped():
			continue
		case s.Type() == elf.STT_FILE:
			file = g.bare(s.Name)
			any = any || file != ""
			continue
		case file == "":
			continue
		}
		if g.locals == nil {
			g.locals = make([]string, len(o.Symbols))
		}
		g.locals[i] = file
		if s.Section > 0 {
			g.regions[s.Section] = append(g.regions[s.Section], Input{Offset: s.Value, File: file})
		}
	}
	if any {
		g.From = FromFile
	}
	for i, r := range g.regions {
		sort.SliceStable(r, func(a, b int) bool { return r[a].Offset < r[b].Offset })
		g.regions[i] = joinRegions(r, o.Sections[i])
	}
}

// joinRegions turns the offsets of local symbols into adjacent regions. Of
// several at one offset the last one is right: a label at the end of an input
// section has the offset at which the next input section starts.
func joinRegions(r []Input, s *elfobj.Section) []Input {
	out := r[:0]
	for i := range r {
		if n := len(out); n > 0 && out[n-1].Offset == r[i].Offset {
			out = out[:n-1]
		}
		if n := len(out); n > 0 && out[n-1].File == r[i].File {
			continue
		}
		out = append(out, r[i])
	}
	for i := range out {
		end := s.Size
		if i+1 < len(out) {
			end = out[i+1].Offset
		}
		if end > out[i].Offset {
			out[i].Size = end - out[i].Offset
		}
	}
	return out
}

// inputs lists the input sections of a section that are known for certain.
func (g *Origins) inputs(i elfobj.SectionIndex) []Input {
	if g.From == FromFile || g.From == FromNone || g.regions[i] == nil {
		return []Input{}
	}
	return g.regions[i]
}

// Known reports whether all inputs of a section are known, so that bytes of none are
// padding or the linker's own. A section that was renamed after the link, or added, is
// not in its map.
func (g *Origins) Known(sec elfobj.SectionIndex) bool {
	return (g.From == FromLink || g.From == FromMap) && sec > 0 && int(sec) < len(g.regions) && g.regions[sec] != nil
}

// Region returns the input that brought a byte of a section, with the extent of
// what it brought there. ok is false where that is not known, or where the
// byte is the linker's own.
func (g *Origins) Region(sec elfobj.SectionIndex, off uint64) (in Input, ok bool) {
	if sec <= 0 || int(sec) >= len(g.regions) {
		return Input{}, false
	}
	r := g.regions[sec]
	i := sort.Search(len(r), func(i int) bool { return r[i].Offset > off }) - 1
	if i < 0 {
		return Input{}, false
	}
	// A symbol may be at the end of its input section, if nothing follows there.
	if end := r[i].Offset + r[i].Size; off > end || off == end && r[i].Size != 0 && off < g.o.Sections[sec].Size {
		return Input{}, false
	}
	return r[i], true
}

// At returns the input that brought a byte of a section, empty when that is not
// known.
func (g *Origins) At(sec elfobj.SectionIndex, off uint64) string {
	in, _ := g.Region(sec, off)
	return in.File
}

// Symbol returns the input that a symbol came from, empty when that is not
// known, and whether the linker script defines the symbol.
func (g *Origins) Symbol(i uint32) (file string, script bool) {
	s := &g.o.Symbols[i]
	if !s.IsLocal() && s.Size == 0 && g.script[g.bare(s.Name)] {
		return "", true
	}
	if g.locals != nil && g.locals[i] != "" {
		return g.locals[i], false
	}
	if s.Section > 0 {
		return g.At(s.Section, s.Value), false
	}
	return g.files[g.bare(s.Name)], false
}

// scriptNames lists the symbols that a script may define.
func scriptNames(s *ldscript.Script) map[string]bool {
	if s == nil {
		return nil
	}
	names := map[string]bool{}
	for _, a := range s.Assignments() {
		if !a.IsDot() {
			names[a.Name] = true
		}
	}
	return names
}

// Next returns where, after a place of a section, the next input starts or the
// input of that place ends. ok is false when neither is known.
func (g *Origins) Next(sec elfobj.SectionIndex, off uint64) (next uint64, ok bool) {
	if sec <= 0 || int(sec) >= len(g.regions) {
		return 0, false
	}
	r := g.regions[sec]
	i := sort.Search(len(r), func(i int) bool { return r[i].Offset > off })
	if i > 0 {
		if end := r[i-1].Offset + r[i-1].Size; end > off {
			return end, true
		}
	}
	if i < len(r) {
		return r[i].Offset, true
	}
	return 0, false
}

// Stem returns the name of a file without directory and extensions, so that
// switch.c, switch.hyp.o and out/switch.nvhe.o are equal.
func Stem(file string) string {
	s := path.Base(file)
	if file == "" {
		return ""
	}
	for _, ext := range []string{".o", ".hyp", ".nvhe", ".pi", ".stub", ".c", ".S", ".s", ".cc", ".cpp"} {
		if t := strings.TrimSuffix(s, ext); t != "" {
			s = t
		}
	}
	return s
}
