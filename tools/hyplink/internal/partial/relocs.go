package partial

import (
	"debug/elf"
	"errors"
	"fmt"
	"sort"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
)

// checkRelocations looks for relocations against symbols that are left out with
// their sections. The others are carried over while the output is written, which
// refuses those against symbols that no output could have, of a symbol table for
// example.
func (l *linker) checkRelocations() error {
	return inParts(len(l.inputs), workers(len(l.inputs)), func(_, from, to int) error {
		var errs []error
		var files releaser
		defer files.at(nil)
		for k := from; k < to; k++ {
			in := &l.inputs[k]
			files.at(in.obj)
			if !in.gone {
				continue
			}
			for i := range in.pieces {
				if p := &in.pieces[i]; p.out != nil {
					if err := l.dropGone(p); err != nil {
						errs = append(errs, err)
					}
				}
			}
		}
		return errors.Join(errs...)
	})
}

// dropGone turns relocations against symbols that are not in the output into
// ones that do nothing, where that is right: in sections that are not loaded,
// such as debug information. Elsewhere such a reference is an error.
func (l *linker) dropGone(p *piece) error {
	o, index := p.in.obj, p.in.symbols.Index
	var changed []elfobj.Reloc
	for i := range p.sec.RelocCount() {
		if s := o.RelocSymbol(p.sec, i); int(s) >= len(index) || index[s] != elfobj.Gone {
			continue
		}
		if changed == nil {
			for _, rel := range o.RawRelocs(p.sec) {
				changed = append(changed, rel)
			}
		}
		if p.sec.Flags&elf.SHF_ALLOC != 0 {
			return p.goneError(changed[i])
		}
		changed[i] = elfobj.Reloc{Offset: changed[i].Offset, Type: o.Machine.None}
	}
	if changed == nil {
		return nil
	}
	chunks, was := l.out.Sections[p.out.index].Chunks, p.sec
	p.replace(was.Data, elfobj.EncodeRelocs(changed, o.BigEndian))
	c := sort.Search(len(chunks), func(c int) bool { return chunks[c].Offset >= p.offset })
	for chunks[c].Section != was {
		c++ // what is empty stands at the same offset
	}
	chunks[c].Section = p.sec
	return nil
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
