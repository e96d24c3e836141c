// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"errors"
	"fmt"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/arena"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/nametable"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// resolveGroups keeps the first COMDAT group of each signature and leaves the
// members of the others out (gABI, "Section Groups"), and so for sections that
// are linked once. It runs before symbols
// are resolved, so that a symbol of a group that is left out counts as
// undefined there.
func (l *linker) resolveGroups() error {
	repeated := l.dropRepeated()
	if l.opts.Groups == GroupError {
		return l.refuseGroups()
	}
	numbers := l.numberGroups()
	total := numbers[len(l.inputs)]
	if total == 0 {
		if repeated {
			l.dropFollowers()
		}
		return nil
	}
	// Each processor compares the signatures of a shard.
	l.firstGroups = make([]uint32, total)
	shards := len(l.symbolTable.shards)
	_ = parallel.Run(shards, func(shard int) error {
		seen := signatures{names: make([]string, 0, total/shards), groups: make([]uint32, 0, total/shards), table: nametable.Table{Skip: l.symbolTable.bits}}
		seen.table.Reserve(total / shards)
		for i := range l.inputs {
			in := &l.inputs[i]
			for k := range in.obj.Groups {
				g := &in.obj.Groups[k]
				hash := l.signatureHash(in, g)
				if g.Flags&elfobj.GroupComdat != 0 && l.symbolTable.shardOf(hash) == shard {
					n := uint32(numbers[i] + k)
					if first := seen.add(l.signature(in, g), hash, n); first != n {
						l.firstGroups[n] = first + 1
					}
				}
			}
		}
		return nil
	})
	_ = parallel.Parts(len(l.inputs), workers(len(l.inputs)), func(_, from, to int) error {
		for i := from; i < to; i++ {
			l.inputs[i].markGroups(l.firstGroups[numbers[i]:numbers[i+1]])
		}
		return nil
	})
	l.dropOfBothKinds(numbers)
	l.dropFollowers()
	return nil
}

// dropFollowers leaves out what follows (SHF_LINK_ORDER) something that is left
// out, though it may not be in the same section group: it describes code that is
// not there.
func (l *linker) dropFollowers() {
	for _, isec := range l.special.patchable {
		isec.cutPatchable()
	}
	done := map[*inputSection]bool{}
	for _, isec := range l.special.linked {
		// What is followed may follow something itself.
		var path []*inputSection
		for isec.discard == kept && !done[isec] && isec.sec.Flags&elf.SHF_LINK_ORDER != 0 && isec.sec.LinkOrder > 0 {
			done[isec] = true
			path = append(path, isec)
			isec = &isec.in.sections[isec.sec.LinkOrder]
		}
		if isec.discard != kept {
			for _, follower := range path {
				follower.drop(discardFollows)
			}
		}
	}
}

// needDropped finds symbols that only copies define that are left out, though
// something loaded refers to them: two objects may have groups of one signature with
// different members, by another compiler or other options. Such a symbol is undefined
// in the output, as with GNU ld and lld. Debug information alone asks for nothing, and
// gets a tombstone.
func (l *linker) needDropped() error {
	if !slices.ContainsFunc(l.symbolTable.shards, func(s shard) bool { return s.lost }) {
		return nil // as in most links
	}
	needs := make([]bool, len(l.inputs))
	_ = parallel.Parts(len(l.inputs), workers(len(l.inputs)), func(_, from, to int) error {
		for k := from; k < to; k++ {
			needs[k] = l.inputs[k].discards && l.lacksDefinition(&l.inputs[k])
		}
		return nil
	})
	var files releaser
	defer files.at(nil)
	for k := range l.inputs {
		in := &l.inputs[k]
		if !needs[k] {
			continue
		}
		files.at(in.obj)
		for i := range in.sections {
			if isec := &in.sections[i]; isec.out != nil && isec.sec.Flags&elf.SHF_ALLOC != 0 {
				l.useDropped(isec)
			}
		}
	}
	return nil
}

// lacksDefinition reports whether an input has the copy of a definition of which no
// copy is in the output.
func (l *linker) lacksDefinition(in *input) bool {
	for i := in.firstGlobal; i < len(in.obj.Symbols); i++ {
		if in.definesDropped(uint32(i)) && !l.symbolTable.at(in.symbols.Index[i]).defined() {
			return true
		}
	}
	return false
}

// definesDropped reports whether a global symbol is defined in a section of which
// another input supplies a copy.
func (in *input) definesDropped(symbol uint32) bool {
	s := &in.obj.Symbols[symbol]
	return !s.IsLocal() && s.Section > 0 && in.sections[s.Section].discard.elsewhere()
}

// useDropped marks the symbols to which a section refers though its input's definition
// is left out. Of a weak one there is no error in a final link that finds no definition, so
// that a warning is due here.
func (l *linker) useDropped(isec *inputSection) {
	in := isec.in
	for _, rel := range in.obj.RawRelocs(isec.sec) {
		if uint64(rel.Symbol) >= uint64(len(in.obj.Symbols)) || !in.definesDropped(rel.Symbol) {
			continue
		}
		g := l.symbolTable.at(in.symbols.Index[rel.Symbol])
		g.state |= symbolUsed
		if g.defined() || g.script != nil || g.binding != uint8(elf.STB_WEAK) || g.state&symbolWarned != 0 {
			continue
		}
		g.state |= symbolWarned
		l.warn(&elfobj.Error{
			Code: errcode.WeakLost, File: in.obj.Name, Section: isec.sec.Name, Offset: int64(rel.Offset),
			What: fmt.Sprintf("relocation %s refers to %s in section %s, which is left out for another object's copy without it: a final link takes the symbol for 0 if nothing else defines it",
				in.obj.Machine.RelocName(rel.Type), g.def.Name, in.sections[in.obj.Symbols[rel.Symbol].Section].sec.Name),
			Advice: "compile both objects with one compiler and the same options",
		})
	}
}

// signatures is a set of names, each with the number of the group that had it first.
type signatures struct {
	names  []string
	groups []uint32
	table  nametable.Table
}

// add adds the name of a group, and returns the number of the first group that has it.
func (s *signatures) add(name string, hash, group uint32) uint32 {
	n, slot := s.table.Find(hash, func(n uint32) bool { return s.names[n] == name })
	if n != nametable.None {
		return s.groups[n]
	}
	s.table.Put(slot, hash, uint32(len(s.names)))
	s.names, s.groups = append(s.names, name), append(s.groups, group)
	return group
}

// signatureHash is the hash of a signature. It is known already where the
// signature is a global symbol, as is usual.
func (l *linker) signatureHash(in *input, g *elfobj.Group) uint32 {
	if n := g.Signature - in.firstGlobal; n >= 0 && n < len(in.hashes) && in.obj.Symbols[g.Signature].Name != "" {
		return in.hashes[n]
	}
	return nametable.Hash(l.signature(in, g))
}

// numberGroups counts the groups of all inputs before each input, and of all.
func (l *linker) numberGroups() []int {
	numbers := make([]int, len(l.inputs)+1)
	for i := range l.inputs {
		l.inputs[i].groupsBefore = numbers[i]
		numbers[i+1] = numbers[i] + len(l.inputs[i].obj.Groups)
	}
	return numbers
}

// markGroups marks the members of an input's groups, and leaves out those of
// COMDAT groups that are repeated, see linker.firstGroups.
func (in *input) markGroups(first []uint32) {
	for i := range first {
		g := &in.obj.Groups[i]
		comdat := g.Flags&elfobj.GroupComdat != 0
		for _, m := range g.Members {
			isec := &in.sections[m]
			isec.group, isec.comdat = int32(i), isec.comdat || comdat
			if comdat && first[i] != 0 {
				in.sections[m].drop(discardByGroup)
			}
		}
	}
}

// refuseGroups is for inputs that may have none.
func (l *linker) refuseGroups() error {
	var errs []error
	for i := range l.inputs {
		in := &l.inputs[i]
		for k := range in.obj.Groups {
			g := &in.obj.Groups[k]
			errs = append(errs, &elfobj.Error{
				Code: errcode.GroupRefused, File: in.obj.Name, Section: g.Name, Offset: -1,
				What:   fmt.Sprintf("section group %q", l.signature(in, g)),
				Advice: "set group to flatten or keep (option --group), or compile without what makes groups (C++ inline functions, -ffunction-sections with COMDAT)",
			})
		}
	}
	return errors.Join(errs...)
}

// signature is the name by which groups are the same. A signature symbol that
// has no name is a section symbol, whose section's name is used instead
// (LLVM bug 209841).
func (l *linker) signature(in *input, g *elfobj.Group) string {
	return in.obj.SymbolName(uint32(g.Signature))
}

// keptGroups counts the groups that are in the output, and those of them whose
// signature symbol is not: each gets another symbol, for which addSymbols leaves
// room.
func (l *linker) keptGroups() (groups, symbols int) {
	if l.opts.Groups != GroupKeep {
		return 0, 0
	}
	for k := range l.inputs {
		in := &l.inputs[k]
		for i := range in.obj.Groups {
			g := &in.obj.Groups[i]
			if !slices.ContainsFunc(g.Members, in.representsMember) {
				continue
			}
			groups++
			dropped := in.symbols.Index[g.Signature] == elfobj.Discarded
			if !in.obj.Symbols[g.Signature].IsLocal() {
				dropped = !l.keeps(l.symbolTable.at(in.symbols.Index[g.Signature]))
			}
			if dropped {
				symbols++
			}
		}
	}
	return groups, symbols
}

// representsMember reports whether a member of a kept group is in its list in
// the output: members of one name are one section there.
func (in *input) representsMember(m elfobj.SectionIndex) bool {
	isec := &in.sections[m]
	return isec.out != nil && (!isec.out.grouped || isec.out.first == isec)
}

// addGroups writes the groups that are kept.
func (l *linker) addGroups() error {
	if l.opts.Groups != GroupKeep {
		return nil
	}
	var members arena.Arena[elfobj.SectionIndex]
	l.out.Groups = make([]elfobj.Group, 0, l.groups)
	symbol := l.groupSymbols
	for k := range l.inputs {
		in := &l.inputs[k]
		for gi := range in.obj.Groups {
			g := &in.obj.Groups[gi]
			list := members.Take(len(g.Members))[:0]
			for _, m := range g.Members {
				if in.representsMember(m) {
					list = append(list, in.sections[m].out.index)
				}
			}
			if len(list) == 0 {
				continue
			}
			sig := int(in.symbols.Index[g.Signature])
			if uint32(sig) == elfobj.Discarded {
				sig = symbol
				l.out.Symbols[sig] = elfobj.Symbol{Name: l.signature(in, g), Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE), Section: elfobj.Absolute}
				symbol++
			}
			l.out.Groups = append(l.out.Groups, elfobj.Group{Name: g.Name, Flags: g.Flags, Signature: sig &^ int(elfobj.ThreadLocal), Members: list})
		}
	}
	return nil
}
