// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// checkRelocations looks for relocations against symbols that are left out with
// their sections. The others are carried over while the output is written, which
// refuses those against symbols that no output could have, of a symbol table for
// example.
func (l *linker) checkRelocations() error {
	parts := l.readers()
	changed := make([][]change, parts)
	err := parallel.Parts(len(l.inputs), parts, func(part, from, to int) error {
		var errs []error
		var files releaser
		defer files.at(nil)
		for k := from; k < to; k++ {
			in := &l.inputs[k]
			files.at(in.obj)
			if !in.dropsSymbols {
				continue
			}
			for i := range in.sections {
				if isec := &in.sections[i]; isec.out != nil {
					was := isec.sec
					if err := l.dropDiscarded(isec); err != nil {
						errs = append(errs, err)
					}
					if isec.sec != was {
						changed[part] = append(changed[part], change{isec, was})
					}
				}
			}
		}
		return errors.Join(errs...)
	})
	for _, part := range changed {
		for _, c := range part {
			l.rechunk(c)
		}
	}
	return err
}

// change is an input section that was replaced after the layout.
type change struct {
	inputSection *inputSection
	was          *elfobj.Section
}

// rechunk puts a replaced input section into its chunk of the output.
func (l *linker) rechunk(c change) {
	chunks := l.out.Sections[c.inputSection.out.index].Chunks
	i := sort.Search(len(chunks), func(i int) bool { return chunks[i].Offset >= c.inputSection.offset })
	for chunks[i].Section != c.was {
		i++ // empty ones are at the same offset
	}
	chunks[i].Section = c.inputSection.sec
}

// dropDiscarded turns relocations against symbols that are not in the output into
// ones that do nothing, where that is right: in sections that are not loaded,
// such as debug information, which has a tombstone in their place. Elsewhere such
// a reference is an error. Those of debug information against what the script
// discards are removed, as GNU ld does; those against debug information of a section
// group of which another object's is kept refer to that.
func (l *linker) dropDiscarded(isec *inputSection) error {
	o, index := isec.in.obj, isec.in.symbols.Index
	debug, removes := isDebug(isec.sec), false
	var changed, dropped []elfobj.Reloc
	for i := o.NextDiscarded(isec.sec, 0, index); i >= 0; i = o.NextDiscarded(isec.sec, i+1, index) {
		if changed == nil {
			for _, rel := range o.RawRelocs(isec.sec) {
				changed = append(changed, rel)
			}
		}
		if isec.sec.Flags&elf.SHF_ALLOC != 0 {
			return l.discardedError(isec, changed[i])
		}
		if debug {
			if rel, ok := isec.in.redirectToTwin(changed[i]); ok {
				changed[i] = rel
				continue
			}
		}
		dropped = append(dropped, changed[i])
		none := elfobj.Reloc{Offset: changed[i].Offset, Type: o.Machine.None}
		if debug && isec.in.discardsByScript(changed[i].Symbol) {
			none.Type = removed
			removes = true
		}
		changed[i] = none
	}
	if changed == nil {
		return nil
	}
	if removes {
		changed = slices.DeleteFunc(changed, func(rel elfobj.Reloc) bool { return rel.Type == removed })
	}
	isec.replace(writeTombstones(isec, dropped, o.BigEndian), elfobj.EncodeRelocs(changed, o.BigEndian))
	return nil
}

// removed marks relocations that are about to be removed; no machine has the type.
const removed = 1<<32 - 1

// discardsByScript reports whether the script discards the section of a symbol.
func (in *input) discardsByScript(symbol uint32) bool {
	s := in.obj.Symbols[symbol].Section
	return s > 0 && in.sections[s].discard == discardByScript
}

// discardedError names a reference to something that is left out of the output.
func (l *linker) discardedError(isec *inputSection, rel elfobj.Reloc) error {
	in, s := isec.in, &isec.in.obj.Symbols[rel.Symbol]
	if s.Section <= 0 && !s.IsLocal() {
		// Another input defines it.
		if g := l.symbolTable.lookup(s.Name); g != nil && g.defined() {
			in, s = g.in, &g.def
		}
	}
	why, advice := "which is not kept", elfobj.Damaged
	if s.Section > 0 {
		t := &in.sections[s.Section]
		switch t.discard {
		case discardByScript:
			why, advice = fmt.Sprintf("whose section %s the script discards", t.sec.Name), "remove the reference, or take the section out of /DISCARD/"
		case discardByGroup:
			why, advice = fmt.Sprintf("whose section %s belongs to a section group that another object supplies", t.sec.Name),
				"compile the object so that the reference goes to a global symbol"
		case discardByName:
			why, advice = fmt.Sprintf("whose section %s another object supplies (.gnu.linkonce)", t.sec.Name),
				"compile the object so that the reference goes to a global symbol"
		case discardFollows:
			why, advice = fmt.Sprintf("whose section %s follows one that is left out (SHF_LINK_ORDER)", t.sec.Name), "remove the reference, or keep the section that it follows"
		case discardBitcode:
			why, advice = fmt.Sprintf("whose section %s belongs to a compiler's intermediate code, which is left out", t.sec.Name), "compile the object without -flto"
		case discardMerged:
			why, advice = fmt.Sprintf("whose section %s was merged", t.sec.Name), "remove the reference"
		}
	}
	return isec.errorAt(errcode.DiscardedReference, int64(rel.Offset), advice, "relocation %s refers to %s, %s",
		isec.in.obj.Machine.RelocName(rel.Type), isec.in.obj.SymbolName(rel.Symbol), why)
}
