// SPDX-License-Identifier: Apache-2.0

package linkcase

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/elfbuild"
)

const (
	alloc = elf.SHF_ALLOC
	exec  = elf.SHF_ALLOC | elf.SHF_EXECINSTR
	data  = elf.SHF_ALLOC | elf.SHF_WRITE
	merge = elf.SHF_ALLOC | elf.SHF_MERGE
)

// kinds are sections that compilers write, and some from hand-written assembly.
var kinds = []elfbuild.Section{
	{Name: ".text", Flags: exec},
	{Name: ".text.hot.f", Flags: exec},
	{Name: ".text.g", Flags: exec},
	{Name: ".idmap.text", Flags: exec},
	{Name: ".rodata", Flags: alloc},
	{Name: ".rodata.table", Flags: alloc},
	{Name: ".rodata.str1.1", Flags: merge | elf.SHF_STRINGS, Entsize: 1},
	{Name: ".rodata.str1.8", Flags: merge | elf.SHF_STRINGS, Entsize: 1, Align: 8},
	{Name: ".rodata.cst8", Flags: merge, Entsize: 8, Align: 8},
	{Name: ".rodata.cst16", Flags: merge, Entsize: 16, Align: 16},
	{Name: ".data", Flags: data},
	{Name: ".data.x", Flags: data},
	{Name: ".data..percpu", Flags: data},
	{Name: ".data..ro_after_init", Flags: data},
	{Name: ".bss", Type: elf.SHT_NOBITS, Flags: data},
	{Name: ".bss.x", Type: elf.SHT_NOBITS, Flags: data},
	{Name: "__ex_table", Flags: alloc},
	{Name: ".altinstructions", Flags: alloc},
	// Output sections of the scripts, which no pattern matches.
	{Name: ".hyp.text", Flags: exec},
	{Name: ".hyp.rodata", Flags: alloc},
	{Name: ".hyp.data", Flags: data},
	{Name: ".hyp.bss", Type: elf.SHT_NOBITS, Flags: data},
	{Name: ".init_array", Type: elf.SHT_INIT_ARRAY, Flags: data, Align: 8, Entsize: 8},
	{Name: ".note.test", Type: elf.SHT_NOTE, Flags: alloc, Align: 4},
	{Name: ".comment", Flags: elf.SHF_MERGE | elf.SHF_STRINGS, Entsize: 1, Align: 1},
	{Name: ".debug_info", Align: 1},
	{Name: ".debug_str", Flags: elf.SHF_MERGE | elf.SHF_STRINGS, Entsize: 1, Align: 1},
}

// maker builds one raw object.
type maker struct {
	*names
	f              *elfbuild.File
	id             int
	sectionSymbols map[int]int // section number -> section symbol
}

// raw generates an object as no compiler might write it.
func raw(n *names, id int) *elfbuild.File {
	m := &maker{names: n, f: &elfbuild.File{}, id: id, sectionSymbols: map[int]int{}}
	if chance(n.r, 3) {
		m.symbol(elfbuild.Symbol{Name: fmt.Sprintf("raw%d.c", id), Section: elfbuild.Absolute, Type: elf.STT_FILE})
	}
	for range 1 + n.r.IntN(7) {
		kind := pick(n.r, kinds...)
		if n.plain && kind.Flags&elf.SHF_MERGE != 0 {
			continue
		}
		// GNU ld places these depending on data, fills and common symbols in the
		// script (docs/divergences.md, described-section-split and
		// fill-before-orphans), which plain cases do not have.
		if !n.plain && strings.HasPrefix(kind.Name, ".hyp.") {
			continue
		}
		m.section(kind)
	}
	if !n.plain && chance(n.r, 3) {
		m.group()
	}
	for range n.r.IntN(5) {
		m.otherSymbol()
	}
	for i := range m.f.Sections {
		m.relocations(i + 1)
	}
	return m.f
}

func (m *maker) symbol(s elfbuild.Symbol) int {
	m.f.Symbols = append(m.f.Symbols, s)
	return len(m.f.Symbols)
}

// section adds a section with contents, its section symbol and other symbols.
func (m *maker) section(s elfbuild.Section) int {
	size := 8 * m.r.IntN(9)
	switch {
	case s.Type == elf.SHT_NOBITS:
		s.Size = uint64(size)
	case s.Flags&elf.SHF_STRINGS != 0:
		s.Data = []byte{}
		for range m.r.IntN(5) {
			s.Data = append(append(s.Data, pick(m.r, "one", "two", "a longer string", "", "string", "one")...), 0)
		}
	case s.Type == elf.SHT_NOTE:
		s.Data = binary.LittleEndian.AppendUint32(nil, 4)
		s.Data = binary.LittleEndian.AppendUint32(s.Data, 8)
		s.Data = binary.LittleEndian.AppendUint32(s.Data, 0x100)
		s.Data = append(s.Data, "Hyp\x00contents"...)
	case s.Flags&elf.SHF_EXECINSTR != 0:
		s.Data = make([]byte, 0, size)
		for range size / 4 {
			// MOVZ instructions, which no relocation here applies to.
			s.Data = binary.LittleEndian.AppendUint32(s.Data, 0xd2800000|uint32(m.r.IntN(1<<16))<<5|uint32(m.r.IntN(31)))
		}
	case s.Flags&elf.SHF_MERGE != 0: // constants
		s.Data = []byte{}
		for range m.r.IntN(4) {
			s.Data = append(s.Data, make([]byte, s.Entsize)...)
			s.Data[len(s.Data)-1] = byte(m.r.IntN(3))
		}
	default:
		s.Data = make([]byte, size)
		for i := range s.Data {
			s.Data[i] = byte(m.r.IntN(256))
		}
	}
	if s.Align == 0 {
		s.Align = 1 << m.r.IntN(8)
		if s.Flags&elf.SHF_EXECINSTR != 0 {
			s.Align = max(s.Align, 4)
			if m.plain {
				s.Align = 4
			}
		}
	}
	m.f.Sections = append(m.f.Sections, s)
	number := len(m.f.Sections)
	if s.Flags&elf.SHF_GROUP == 0 || chance(m.r, 2) {
		m.sectionSymbols[number] = m.symbol(elfbuild.Symbol{Section: number, Type: elf.STT_SECTION})
	}
	if s.Flags&(elf.SHF_MERGE|elf.SHF_GROUP) == 0 {
		for range m.r.IntN(3) {
			m.define(number)
		}
	}
	return number
}

// length returns a section's size in bytes.
func (m *maker) length(section int) uint64 {
	s := &m.f.Sections[section-1]
	return max(s.Size, uint64(len(s.Data)))
}

// define adds a symbol at a random offset in a section.
func (m *maker) define(section int) {
	at := 4 * uint64(m.r.IntN(int(m.length(section)/4)+1))
	s := elfbuild.Symbol{Section: section, Value: at, Size: uint64(m.r.IntN(3)) * 4, Type: elf.STT_OBJECT}
	if m.f.Sections[section-1].Flags&elf.SHF_EXECINSTR != 0 {
		s.Type = pick(m.r, elf.STT_FUNC, elf.STT_NOTYPE)
	}
	switch m.r.IntN(4) {
	case 0:
		s.Name = fmt.Sprintf("local_%d", m.r.IntN(3))
	case 1:
		s.Name, s.Bind = pick(m.r, m.weak...), elf.STB_WEAK
		for i := range m.f.Symbols {
			if m.f.Symbols[i].Name == s.Name {
				return
			}
		}
	case 2:
		s.Name = pick(m.r, "$x", "$d", "$x.1")
		s.Type, s.Size = elf.STT_NOTYPE, 0
	default:
		s.Name, s.Bind = fmt.Sprintf("global_%d_%d", m.id, len(m.f.Symbols)), elf.STB_GLOBAL
		s.Vis = pick(m.r, elf.STV_DEFAULT, elf.STV_DEFAULT, elf.STV_HIDDEN, elf.STV_PROTECTED)
		if s.Vis == elf.STV_DEFAULT {
			m.defined = append(m.defined, s.Name)
		}
	}
	m.symbol(s)
}

// otherSymbol adds a symbol that is not in a section.
func (m *maker) otherSymbol() {
	name := pick(m.r, append(append([]string{}, m.undefined...), m.defined...)...)
	s := elfbuild.Symbol{
		Name: name, Bind: pick(m.r, elf.STB_GLOBAL, elf.STB_GLOBAL, elf.STB_WEAK),
		Vis: pick(m.r, elf.STV_DEFAULT, elf.STV_DEFAULT, elf.STV_HIDDEN),
	}
	switch m.r.IntN(8) {
	case 0:
		s = elfbuild.Symbol{Name: fmt.Sprintf("absolute_%d", m.id), Section: elfbuild.Absolute, Value: 0x1234, Bind: elf.STB_GLOBAL}
	case 1:
		if m.plain {
			return
		}
		s = elfbuild.Symbol{Name: "shared", Section: elfbuild.Common, Value: 1 << m.r.IntN(5), Size: uint64(4 + m.r.IntN(40)), Bind: elf.STB_GLOBAL, Type: elf.STT_OBJECT}
	case 2:
		s = elfbuild.Symbol{Name: "local_absolute", Section: elfbuild.Absolute, Value: 77}
	}
	for i := range m.f.Symbols {
		if m.f.Symbols[i].Name == s.Name {
			return
		}
	}
	m.symbol(s)
}

// group adds a COMDAT group of one or two sections. Other objects may have a group
// with the same signature.
func (m *maker) group() {
	signature := pick(m.r, m.groups...)
	text := m.section(elfbuild.Section{Name: ".text." + signature, Flags: exec | elf.SHF_GROUP})
	g := elfbuild.Group{Flags: 1, Members: []int{text}}
	if chance(m.r, 2) {
		g.Members = append(g.Members, m.section(elfbuild.Section{Name: ".rodata." + signature, Flags: alloc | elf.SHF_GROUP}))
	}
	// All groups with the same signature define the same symbols.
	g.Signature = m.symbol(elfbuild.Symbol{Name: signature, Section: text, Size: 4, Bind: pick(m.r, elf.STB_WEAK, elf.STB_GLOBAL), Type: elf.STT_FUNC})
	m.f.Groups = append(m.f.Groups, g)
}

// relocations adds relocations to a section, which do not overlap.
func (m *maker) relocations(section int) {
	s := &m.f.Sections[section-1]
	if s.Type == elf.SHT_NOBITS || s.Type == elf.SHT_NOTE || s.Flags&elf.SHF_MERGE != 0 || len(m.f.Symbols) == 0 {
		return
	}
	for at := uint64(0); at+8 <= uint64(len(s.Data)); at += 8 {
		if chance(m.r, 2) {
			if rel, ok := m.relocation(section, at); ok {
				s.Relocs = append(s.Relocs, rel)
			}
		}
	}
}

// relocation returns a relocation for the 8 bytes at an offset.
func (m *maker) relocation(section int, at uint64) (elfbuild.Reloc, bool) {
	s := &m.f.Sections[section-1]
	number := 1 + m.r.IntN(len(m.f.Symbols))
	t := m.f.Symbols[number-1]
	rel := elfbuild.Reloc{Offset: at, Symbol: number}
	merged := false
	if t.Section > 0 {
		of := &m.f.Sections[t.Section-1]
		merged = of.Flags&elf.SHF_MERGE != 0
		// Sections that are not loaded have no address, and references from outside
		// a group must use global symbols (gABI, "Section Groups").
		if of.Flags&elf.SHF_ALLOC == 0 && s.Flags&elf.SHF_ALLOC != 0 ||
			of.Flags&elf.SHF_GROUP != 0 && t.Bind == elf.STB_LOCAL {
			return rel, false
		}
	}
	if t.Type == elf.STT_FILE {
		return rel, false
	}
	if s.Flags&elf.SHF_EXECINSTR == 0 {
		rel.Type = uint32(pick(m.r, elf.R_AARCH64_ABS64, elf.R_AARCH64_ABS64, elf.R_AARCH64_ABS32, elf.R_AARCH64_PREL32, elf.R_AARCH64_PREL64))
		if s.Flags&elf.SHF_ALLOC == 0 {
			rel.Type = uint32(pick(m.r, elf.R_AARCH64_ABS64, elf.R_AARCH64_ABS32))
			clear(s.Data[at : at+8]) // as assemblers leave it
		}
		if !merged {
			rel.Addend = int64(m.r.IntN(5))*8 - 8
		}
		return rel, true
	}
	word := s.Data[at:]
	switch m.r.IntN(4) {
	case 0:
		if t.Section < 0 || merged {
			return rel, false
		}
		rel.Type = uint32(elf.R_AARCH64_CALL26)
		binary.LittleEndian.PutUint32(word, 0x94000000)
	case 1:
		if t.Section < 0 || merged {
			return rel, false
		}
		rel.Type = uint32(elf.R_AARCH64_JUMP26)
		binary.LittleEndian.PutUint32(word, 0x14000000)
	case 2:
		rel.Type = uint32(elf.R_AARCH64_ADR_PREL_PG_HI21)
		binary.LittleEndian.PutUint32(word, 0x90000001)
	default:
		rel.Type = uint32(elf.R_AARCH64_ADD_ABS_LO12_NC)
		binary.LittleEndian.PutUint32(word, 0x91000021)
		if !merged {
			rel.Addend = int64(m.r.IntN(4)) * 4
		}
	}
	return rel, true
}
