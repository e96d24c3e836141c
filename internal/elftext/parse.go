// SPDX-License-Identifier: Apache-2.0

package elftext

import (
	"debug/elf"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// Parse parses an object. Errors name the line.
func Parse(name, text string) (*elfobj.Object, error) {
	p := &parser{obj: &elfobj.Object{Name: name, Machine: machine.Named("AArch64")}, sections: map[string]elfobj.SectionIndex{}}
	p.obj.AddSymbol(elfobj.Symbol{})
	p.obj.Symbols = p.obj.Symbols[:1]
	for i, line := range strings.Split(text, "\n") {
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %q: %w", name, i+1, line, err)
		}
	}
	return p.obj, p.finish()
}

// parser is the state of Parse.
type parser struct {
	obj      *elfobj.Object
	sections map[string]elfobj.SectionIndex
	current  *elfobj.Section
	relocs   []pendingReloc
	groups   []string
	orders   map[*elfobj.Section]string
}

// pendingReloc is a relocation whose symbol may follow later.
type pendingReloc struct {
	section *elfobj.Section
	reloc   elfobj.Reloc
	symbol  string
}

func (p *parser) line(line string) error {
	if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	if strings.HasPrefix(line, " ") {
		return p.contents(strings.TrimSpace(line))
	}
	f := strings.Fields(line)
	switch f[0] {
	case "machine":
		return p.machine(f[1:])
	case "section":
		return p.section(f[1:])
	case "symbol":
		return p.symbol(f[1:])
	case "group":
		p.groups = append(p.groups, line)
		return nil
	}
	return fmt.Errorf("want machine, section, symbol or group")
}

func (p *parser) machine(f []string) error {
	if len(f) == 0 {
		return fmt.Errorf("want a machine")
	}
	m := machine.Named(f[0])
	if m == nil {
		return fmt.Errorf("unknown machine; supported are %s", machine.Supported())
	}
	p.obj.Machine = m
	for _, w := range f[1:] {
		if v, ok := strings.CutPrefix(w, "flags="); ok {
			n, err := number(v)
			if err != nil {
				return err
			}
			p.obj.Flags = uint32(n)
		} else {
			p.obj.BigEndian = w == "big"
		}
	}
	return nil
}

// parseFlags parses what FormatFlags writes.
func parseFlags(text string) (flags elf.SectionFlag, err error) {
	letters, digits, numeric := strings.Cut(text, "0x")
	if numeric {
		n, err := strconv.ParseUint(digits, 16, 32)
		if err != nil {
			return 0, fmt.Errorf("unknown section flags %s", text)
		}
		flags = elf.SectionFlag(n)
	}
	for _, c := range []byte(strings.TrimPrefix(letters, "-")) {
		i := slices.IndexFunc(flagLetters, func(l flagLetter) bool { return l.letter == c })
		if i < 0 {
			return 0, fmt.Errorf("unknown section flag %c", c)
		}
		flags |= flagLetters[i].flag
	}
	return flags, nil
}

// sectionTypes are the section types with names.
var sectionTypes = []elf.SectionType{elf.SHT_PROGBITS, elf.SHT_NOBITS, elf.SHT_NOTE, elf.SHT_INIT_ARRAY, elf.SHT_FINI_ARRAY, elf.SHT_PREINIT_ARRAY}

func (p *parser) section(f []string) error {
	if len(f) < 3 {
		return fmt.Errorf("want name, type and flags")
	}
	s := &elfobj.Section{Name: f[0], Addralign: 1}
	for _, t := range sectionTypes {
		if strings.TrimPrefix(t.String(), "SHT_") == f[1] {
			s.Type = t
		}
	}
	if s.Type == elf.SHT_NULL {
		base, text := elf.SectionType(0), f[1]
		if n, ok := strings.CutPrefix(text, "LOOS+"); ok { // as debug/elf formats unknown types
			base, text = elf.SHT_LOOS, n
		}
		n, err := number(text)
		if err != nil {
			return fmt.Errorf("unknown section type")
		}
		s.Type = base + elf.SectionType(n)
	}
	flags, err := parseFlags(f[2])
	if err != nil {
		return err
	}
	s.Flags = flags
	for _, a := range f[3:] {
		k, v, _ := strings.Cut(a, "=")
		if k == "order" {
			if p.orders == nil {
				p.orders = map[*elfobj.Section]string{}
			}
			p.orders[s] = v
			continue
		}
		n, err := number(v)
		if err != nil {
			return err
		}
		switch k {
		case "align":
			s.Addralign = n
		case "entsize":
			s.Entsize = n
		case "size":
			s.Size = n
			s.Data = nil
		default:
			return fmt.Errorf("unknown attribute %s", k)
		}
	}
	p.current = s
	i := p.obj.AddSection(s)
	if _, ok := p.sections[f[0]]; !ok {
		p.sections[f[0]] = i
	}
	return nil
}

// contents parses bytes, strings or a relocation of the current section.
func (p *parser) contents(t string) error {
	if p.current == nil {
		return fmt.Errorf("no section")
	}
	if strings.HasPrefix(t, "+") {
		return p.reloc(strings.Fields(t))
	}
	var data []byte
	for t != "" {
		if rest, ok := strings.CutPrefix(t, `"`); ok {
			str, after, ok := strings.Cut(rest, `"`)
			if !ok {
				return fmt.Errorf("unterminated string")
			}
			data, t = append(data, str...), strings.TrimSpace(after)
			continue
		}
		word, after, _ := strings.Cut(t, " ")
		b, err := hex.DecodeString(word)
		if err != nil {
			return err
		}
		data, t = append(data, b...), strings.TrimSpace(after)
	}
	s := p.current
	old := s.Contents()
	s.Size += uint64(len(data))
	s.Data = append(old[:len(old):len(old)], data...)
	return nil
}

func (p *parser) reloc(f []string) error {
	if len(f) != 3 {
		return fmt.Errorf("want offset, type and symbol")
	}
	off, err := number(f[0][1:])
	if err != nil {
		return err
	}
	r := pendingReloc{section: p.current, symbol: f[2]}
	if i := strings.LastIndexAny(f[2], "+-"); i > 0 {
		n, err := number(f[2][i+1:])
		if err != nil {
			return err
		}
		r.symbol, r.reloc.Addend = f[2][:i], int64(n)
		if f[2][i] == '-' {
			r.reloc.Addend = -int64(n)
		}
	}
	typ, ok := p.obj.Machine.RelocNumber(f[1])
	if !ok {
		return fmt.Errorf("unknown relocation")
	}
	r.reloc.Offset, r.reloc.Type = off, typ
	p.relocs = append(p.relocs, r)
	return nil
}

var (
	bindings    = map[string]elf.SymBind{"LOCAL": elf.STB_LOCAL, "GLOBAL": elf.STB_GLOBAL, "WEAK": elf.STB_WEAK, "UNIQUE": elfobj.STBGNUUnique}
	symbolTypes = map[string]elf.SymType{
		"NOTYPE": elf.STT_NOTYPE, "OBJECT": elf.STT_OBJECT, "FUNC": elf.STT_FUNC, "SECTION": elf.STT_SECTION,
		"FILE": elf.STT_FILE, "TLS": elf.STT_TLS, "COMMON": elf.STT_COMMON, "IFUNC": elf.STT_GNU_IFUNC,
	}
)
var visibilities = map[string]elf.SymVis{"DEFAULT": elf.STV_DEFAULT, "HIDDEN": elf.STV_HIDDEN, "PROTECTED": elf.STV_PROTECTED, "INTERNAL": elf.STV_INTERNAL}

func (p *parser) symbol(f []string) error {
	if len(f) < 4 {
		return fmt.Errorf("want name, binding, type and section")
	}
	bind, ok := bindings[f[1]]
	if !ok {
		return fmt.Errorf("unknown binding %s", f[1])
	}
	typ, ok := symbolTypes[f[2]]
	if !ok {
		return fmt.Errorf("unknown symbol type %s", f[2])
	}
	s := elfobj.Symbol{Name: f[0], Info: elfobj.SymInfo(bind, typ)}
	if typ == elf.STT_SECTION {
		s.Name = ""
	}
	place := f[3]
	if i := strings.LastIndex(place, "+"); i > 0 {
		n, err := number(place[i+1:])
		if err != nil {
			return err
		}
		place, s.Value = place[:i], n
	}
	switch place {
	case "UND":
	case "ABS":
		s.Section = elfobj.Absolute
	case "COMMON":
		s.Section = elfobj.Common
	case "LIVEPATCH":
		s.Section = elfobj.Livepatch
	default:
		if s.Section, ok = p.sections[place]; !ok {
			return fmt.Errorf("no section %s", place)
		}
	}
	for _, a := range f[4:] {
		if v, ok := visibilities[a]; ok {
			s.Other |= uint8(v)
			continue
		}
		k, v, _ := strings.Cut(a, "=")
		n, err := number(v)
		if err != nil {
			return err
		}
		switch k {
		case "size":
			s.Size = n
		case "other":
			s.Other |= uint8(n)
		default:
			return fmt.Errorf("unknown attribute %s", k)
		}
	}
	p.obj.AddSymbol(s)
	return nil
}

// lookup finds a symbol by its name in the text.
func (p *parser) lookup(name string) (uint32, error) {
	if name == "-" {
		return 0, nil
	}
	for i := range p.obj.Symbols {
		if i > 0 && symbolName(p.obj, uint32(i)) == name {
			return uint32(i), nil
		}
	}
	return 0, fmt.Errorf("%s: no symbol %s", p.obj.Name, name)
}

// finish resolves references by name.
func (p *parser) finish() error {
	bySection := map[*elfobj.Section][]elfobj.Reloc{}
	for _, r := range p.relocs {
		n, err := p.lookup(r.symbol)
		if err != nil {
			return err
		}
		r.reloc.Symbol = n
		bySection[r.section] = append(bySection[r.section], r.reloc)
	}
	for s, rs := range bySection {
		s.Relocs = elfobj.EncodeRelocs(rs, p.obj.BigEndian)
	}
	for s, name := range p.orders {
		s.LinkOrder = p.sections[name]
	}
	for _, line := range p.groups {
		f := strings.Fields(line)[1:]
		n, err := p.lookup(f[0])
		if err != nil {
			return err
		}
		g := elfobj.Group{Name: ".group", Signature: int(n)}
		for _, m := range f[1:] {
			if m == "COMDAT" {
				g.Flags = elfobj.GroupComdat
				continue
			}
			i, ok := p.sections[m]
			if !ok {
				return fmt.Errorf("%s: no section %s", p.obj.Name, m)
			}
			p.obj.Sections[i].Flags |= elf.SHF_GROUP
			g.Members = append(g.Members, i)
		}
		p.obj.Groups = append(p.obj.Groups, g)
	}
	return nil
}
