package link

import (
	"debug/elf"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/nametable"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// resolveGroups keeps the first COMDAT group of each signature and leaves the
// members of the others out (gABI, "Section Groups"). It runs before symbols
// are resolved, so that a symbol of a group that is left out counts as
// undefined there.
func (l *linker) resolveGroups() error {
	if l.opts.Groups == GroupError {
		return l.refuseGroups()
	}
	numbers := l.numberGroups()
	total := numbers[len(l.inputs)]
	if total == 0 {
		return nil
	}
	// Each processor compares the signatures of a shard.
	repeated := make([]bool, total)
	_ = parallel.Run(len(l.symbolTable.shards), func(shard int) error {
		seen := signatures{table: nametable.Table{Skip: l.symbolTable.bits}}
		for i := range l.inputs {
			in := &l.inputs[i]
			for k := range in.obj.Groups {
				g := &in.obj.Groups[k]
				hash := l.signatureHash(in, g)
				if g.Flags&elfobj.GroupComdat != 0 && l.symbolTable.shardOf(hash) == shard {
					repeated[numbers[i]+k] = seen.add(l.signature(in, g), hash)
				}
			}
		}
		return nil
	})
	_ = parallel.Parts(len(l.inputs), workers(len(l.inputs)), func(_, from, to int) error {
		for i := from; i < to; i++ {
			l.inputs[i].markGroups(repeated[numbers[i]:numbers[i+1]])
		}
		return nil
	})
	l.dropFollowers()
	return nil
}

// dropFollowers leaves out what follows (SHF_LINK_ORDER) something that is left
// out, though it may not be in the same section group: it describes code that is
// not there.
func (l *linker) dropFollowers() {
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

// signatures is a set of names.
type signatures struct {
	names []string
	table nametable.Table
}

// add adds a name and reports whether it was there already.
func (s *signatures) add(name string, hash uint32) bool {
	n, slot := s.table.Find(hash, func(n uint32) bool { return s.names[n] == name })
	if n != nametable.None {
		return true
	}
	s.table.Put(slot, hash, uint32(len(s.names)))
	s.names = append(s.names, name)
	return false
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
		numbers[i+1] = numbers[i] + len(l.inputs[i].obj.Groups)
	}
	return numbers
}

// markGroups marks the members of an input's COMDAT groups, and leaves out those
// of groups that are repeated.
func (in *input) markGroups(repeated []bool) {
	for i, again := range repeated {
		g := &in.obj.Groups[i]
		if g.Flags&elfobj.GroupComdat == 0 {
			continue
		}
		for _, m := range g.Members {
			in.sections[m].comdat = true
			if again {
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
			errs = append(errs, &elfobj.Error{File: in.obj.Name, Section: g.Name, Offset: -1,
				What:   fmt.Sprintf("section group %q", l.signature(in, g)),
				Advice: "use --group=flatten or --group=keep, or compile without what makes groups (C++ inline functions, -ffunction-sections with COMDAT)"})
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

// addGroups writes the groups that are kept.
func (l *linker) addGroups() error {
	if l.opts.Groups != GroupKeep {
		return nil
	}
	for k := range l.inputs {
		in := &l.inputs[k]
		for gi := range in.obj.Groups {
			g := &in.obj.Groups[gi]
			out := elfobj.Group{Name: g.Name, Flags: g.Flags}
			for _, m := range g.Members {
				// Members of one name are one section of the output.
				if isec := &in.sections[m]; isec.out != nil && (isec.out.group == nil || isec.out.first == isec) {
					out.Members = append(out.Members, isec.out.index)
				}
			}
			if len(out.Members) == 0 {
				continue
			}
			sig := in.symbols.Index[g.Signature]
			if sig == elfobj.Discarded {
				sig = l.out.AddSymbol(elfobj.Symbol{Name: l.signature(in, g), Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE), Section: elfobj.Absolute})
			}
			out.Signature = int(sig &^ elfobj.ThreadLocal)
			l.out.Groups = append(l.out.Groups, out)
		}
	}
	return nil
}
