package partial

import (
	"debug/elf"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/ldscript"
)

// typeOutputs decides type, flags and entry size of each output section from
// its pieces.
func (l *linker) typeOutputs() error {
	var errs []error
	for _, o := range l.outputs {
		if err := o.typeFrom(o.pieces); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// notMerged are the flags that do not spread from a piece to its output
// section: groups are flattened, and merging and order need all pieces alike.
const notMerged = elf.SHF_GROUP | elf.SHF_MERGE | elf.SHF_STRINGS | elf.SHF_LINK_ORDER | elf.SHF_COMPRESSED | elf.SHF_INFO_LINK

func (o *output) typeFrom(pieces []*piece) error {
	if len(pieces) == 0 {
		o.typ, o.flags = scriptOnly(o.desc)
		return nil
	}
	first := pieces[0]
	o.typ, o.entsize = first.sec.Type, first.sec.Entsize
	merge := first.sec.Flags & (elf.SHF_MERGE | elf.SHF_STRINGS)
	link, linked := first.linkTarget(), true
	for _, p := range pieces {
		s := p.sec
		o.flags |= s.Flags &^ notMerged
		if s.Type != o.typ {
			// Contents win over none; other types that differ become plain
			// contents, as GNU ld makes them.
			o.typ = elf.SHT_PROGBITS
		}
		if s.Entsize != o.entsize {
			o.entsize, merge = 0, 0
		}
		if s.Flags&(elf.SHF_MERGE|elf.SHF_STRINGS) != merge || p.cutsEntries() {
			merge = 0
		}
		if s.Flags&elf.SHF_TLS != first.sec.Flags&elf.SHF_TLS {
			return p.errorAt(-1, "give thread-local and other data output sections of their own",
				"thread-local data in %s together with other data (%s of %s)", o.name, first.sec.Name, first.in.obj.Name)
		}
		linked = linked && s.Flags&elf.SHF_LINK_ORDER != 0
		if t := p.linkTarget(); t != link {
			if linked {
				return p.errorAt(-1, "give them output sections of their own, or bring what they follow into one section",
					"follows section %s, but %s of %s in the same output section %s follows %s", t.nameOr("(none)"), first.sec.Name, first.in.obj.Name, o.name, link.nameOr("(none)"))
			}
		}
	}
	// A mergeable section needs the size of its entries, or nobody can merge it.
	if merge&elf.SHF_MERGE != 0 && o.entsize != 0 {
		o.flags |= merge
	} else if first.sec.Flags&elf.SHF_MERGE != 0 {
		o.entsize = 0
	}
	if linked && first.sec.Flags&elf.SHF_LINK_ORDER != 0 {
		o.flags |= elf.SHF_LINK_ORDER
		o.linkTo = link
	}
	if o.key.group != nil {
		o.flags |= elf.SHF_GROUP
	}
	return nil
}

// cutsEntries reports whether the entries of a mergeable section behind the
// piece would not start at multiples of their size, where whoever merges them
// looks for them: the piece ends inside an entry, or is aligned into one.
func (p *piece) cutsEntries() bool {
	e, a := p.sec.Entsize, p.align()
	return e > 0 && (p.size()%e != 0 || a%e != 0 && e%a != 0)
}

// scriptOnly is the type and the flags of an output section that no input
// section goes to. They are GNU ld's: space is writable and has no contents;
// data is read-only, unless an assignment or FILL comes before it.
func scriptOnly(d *ldscript.OutputSection) (elf.SectionType, elf.SectionFlag) {
	assigned, moved := false, false
	for _, st := range d.Contents {
		switch s := st.(type) {
		case *ldscript.Data:
			if assigned {
				return elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE
			}
			return elf.SHT_PROGBITS, elf.SHF_ALLOC
		case *ldscript.Assignment:
			assigned, moved = true, moved || s.IsDot()
		case *ldscript.Fill:
			assigned = true
		}
	}
	if moved {
		return elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE
	}
	return elf.SHT_PROGBITS, elf.SHF_ALLOC
}

// linkTarget is the output section that the piece follows (SHF_LINK_ORDER).
func (p *piece) linkTarget() *output {
	if p.sec.Flags&elf.SHF_LINK_ORDER == 0 || p.sec.LinkOrder <= 0 {
		return nil
	}
	return p.in.pieces[p.sec.LinkOrder].out
}

func (o *output) nameOr(none string) string {
	if o == nil {
		return none
	}
	return o.name
}

// addSections makes the sections of the result.
func (l *linker) addSections() error {
	secs := make([]elfobj.Section, len(l.outputs))
	for i, o := range l.outputs {
		s := &secs[i]
		*s = elfobj.Section{Name: o.name, Type: o.typ, Flags: o.flags, Size: o.size,
			Addralign: o.align, Entsize: o.entsize, Chunks: o.chunks}
		if !s.HasContents() {
			for j := range s.Chunks {
				s.Chunks[j].Data = nil
			}
		}
		o.index = l.out.AddSection(s)
	}
	for _, o := range l.outputs {
		if o.linkTo != nil {
			l.out.Sections[o.index].LinkOrder = o.linkTo.index
		}
	}
	return nil
}

// addSymbols makes the symbol table: a section symbol for each section, then
// the local symbols of each input behind its STT_FILE symbol, then the globals
// in the order in which inputs first name them.
func (l *linker) addSymbols() error {
	total := 1 + len(l.outputs) + l.globals.len()
	for _, in := range l.inputs {
		for i := range in.obj.Symbols {
			if s := &in.obj.Symbols[i]; s.IsLocal() && s.Type() != elf.STT_SECTION {
				total++
			}
		}
		total++
	}
	l.out.Symbols = make([]elfobj.Symbol, 1, total)
	for _, o := range l.outputs {
		l.out.AddSymbol(elfobj.Symbol{Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_SECTION), Section: o.index})
	}
	for _, in := range l.inputs {
		l.addLocals(in)
	}
	for i := range l.globals.len() {
		l.addGlobal(l.globals.at(uint32(i)))
	}
	for _, in := range l.inputs {
		for i := range in.obj.Symbols {
			if i > 0 && !in.obj.Symbols[i].IsLocal() {
				in.symbols.Index[i] = l.globals.at(in.symbols.Index[i]).out
			}
		}
	}
	return nil
}

// addLocals adds the local symbols of an input. Where no STT_FILE symbol comes
// before them, as in the output of an assembler, one with the object's base
// name is added, so that they are not taken for the previous file's (GNU ld
// does the same).
func (l *linker) addLocals(in *input) {
	m := &in.symbols
	// An object of which nothing is linked leaves no trace (GNU ld too).
	named, linked := false, slices.ContainsFunc(in.pieces, func(p piece) bool { return p.out != nil })
	for i := 1; i < len(in.obj.Symbols); i++ {
		s := &in.obj.Symbols[i]
		if !s.IsLocal() {
			continue
		}
		if s.IsDropped() || !linked {
			m.Index[i] = elfobj.Gone
			continue
		}
		var p *piece
		if s.Section > 0 {
			if p = &in.pieces[s.Section]; p.out == nil {
				m.Index[i] = elfobj.Gone
				continue
			}
		}
		if s.Type() == elf.STT_SECTION && p != nil {
			if m.Bias == nil {
				m.Bias = make([]int64, localCount(in.obj))
			}
			m.Index[i], m.Bias[i] = uint32(p.out.index), int64(p.offset+s.Value)
			continue
		}
		switch {
		case s.Type() == elf.STT_FILE:
			named = true
		case !named:
			l.out.AddSymbol(elfobj.Symbol{Name: filepath.Base(l.inputFile(in).Path), Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_FILE), Section: elfobj.Absolute})
			named = true
		}
		out := *s
		if p != nil {
			out.Section, out.Value = p.out.index, s.Value+p.offset
		}
		m.Index[i] = l.out.AddSymbol(out)
	}
}

// localCount is the index behind the last local symbol.
func localCount(o *elfobj.Object) int {
	for i := len(o.Symbols) - 1; i > 0; i-- {
		if o.Symbols[i].IsLocal() {
			return i + 1
		}
	}
	return 1
}

// addGlobal adds a global symbol.
func (l *linker) addGlobal(g *global) {
	s := g.def
	s.Name = g.name
	s.Info = elfobj.SymInfo(g.binding, g.def.Type())
	s.Other = g.other | uint8(g.vis)
	switch {
	case g.script != nil:
		v := g.script.value
		s.Info, s.Size = elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE), 0
		s.Value, s.Section = v.N, elfobj.Absolute
		if v.Kind == ldscript.Relative {
			s.Section = l.byName[v.Section].index
		}
	case !g.defined() && !g.used:
		// Only a section group that another object supplies has it.
		g.out = elfobj.Gone
		return
	case g.def.Section > 0:
		p := &g.in.pieces[g.def.Section]
		if p.out == nil {
			g.out = elfobj.Gone
			return
		}
		s.Section, s.Value = p.out.index, g.def.Value+p.offset
		if p.comdat && l.opts.Groups == GroupFlatten {
			s.Info = elfobj.SymInfo(elf.STB_WEAK, s.Type())
		}
	}
	g.out = l.out.AddSymbol(s)
}

// addRelocations carries the relocations over.
func (l *linker) addRelocations() error {
	gone := make(map[*input]bool)
	for _, in := range l.inputs {
		for _, n := range in.symbols.Index {
			if n == elfobj.Gone {
				gone[in] = true
				break
			}
		}
	}
	var errs []error
	runs := 0
	for _, o := range l.outputs {
		for _, p := range o.pieces {
			runs += len(p.sec.Relocs)
		}
	}
	room := make([]elfobj.RelocRun, 0, runs)
	for _, o := range l.outputs {
		s := l.out.Sections[o.index]
		// Runs are appended to the common room as long as it lasts.
		s.Relocs = room[len(room):len(room):cap(room)]
		for _, p := range o.pieces {
			if pad := l.pads[p]; pad > 0 {
				s.Relocs = append(s.Relocs, p.alignReloc(pad, l.out.BigEndian))
			}
			for _, run := range p.sec.Relocs {
				if gone[p.in] {
					var err error
					if run, err = p.dropGone(run); err != nil {
						errs = append(errs, err)
						continue
					}
				}
				run.Delta, run.Map, run.Limit, run.Input = p.offset, &p.in.symbols, p.size(), p.input()
				s.Relocs = append(s.Relocs, run)
			}
		}
		if len(s.Relocs) <= cap(room)-len(room) {
			room = room[:len(room)+len(s.Relocs)]
		}
		s.Relocs = slices.Clip(s.Relocs)
	}
	return errors.Join(errs...)
}

// dropGone turns relocations against symbols that are not in the output into
// ones that do nothing, where that is right: in sections that are not loaded,
// such as debug information. Elsewhere such a reference is an error.
func (p *piece) dropGone(run elfobj.RelocRun) (elfobj.RelocRun, error) {
	var changed []elfobj.Reloc
	for i := range run.Count() {
		rel, _ := run.At(i)
		if int(rel.Symbol) >= len(p.in.symbols.Index) || p.in.symbols.Index[rel.Symbol] != elfobj.Gone {
			continue
		}
		if p.sec.Flags&elf.SHF_ALLOC != 0 {
			return run, p.goneError(rel)
		}
		if changed == nil {
			changed = make([]elfobj.Reloc, run.Count())
			for j := range changed {
				changed[j], _ = run.At(j)
			}
		}
		changed[i] = elfobj.Reloc{Offset: rel.Offset, Type: p.in.obj.Machine.None}
	}
	if changed == nil {
		return run, nil
	}
	return elfobj.EncodeRelocs(changed, run.BigEndian), nil
}

// goneError names a reference to something that is left out of the output.
func (p *piece) goneError(rel elfobj.Reloc) error {
	s := &p.in.obj.Symbols[rel.Symbol]
	why, advice := "which is not kept", "the file is damaged: build it again"
	if s.Section > 0 {
		t := &p.in.pieces[s.Section]
		switch t.discard {
		case discardByScript:
			why, advice = fmt.Sprintf("whose section %s the script discards", t.sec.Name), "remove the reference, or take the section out of /DISCARD/"
		case discardByGroup:
			why, advice = fmt.Sprintf("whose section %s belongs to a section group that another object supplies", t.sec.Name),
				"compile the object so that the reference goes to a global symbol"
		case discardMerged:
			why, advice = fmt.Sprintf("whose section %s was merged", t.sec.Name), "remove the reference"
		}
	}
	return p.errorAt(int64(rel.Offset), advice, "relocation %s refers to %s, %s",
		p.in.obj.Machine.RelocName(rel.Type), p.in.obj.SymbolName(rel.Symbol), why)
}
