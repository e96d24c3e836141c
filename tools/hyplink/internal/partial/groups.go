package partial

import (
	"debug/elf"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
)

// resolveGroups keeps the first COMDAT group of each signature and leaves the
// members of the others out (gABI, "Section Groups"). It runs before symbols
// are resolved, so that a symbol of a group that is left out counts as
// undefined there.
func (l *linker) resolveGroups() error {
	var errs []error
	seen := map[string]bool{}
	for _, in := range l.inputs {
		for gi := range in.obj.Groups {
			g := &in.obj.Groups[gi]
			name := l.signature(in, g)
			if l.opts.Groups == GroupError {
				errs = append(errs, &elfobj.Error{File: in.obj.Name, Section: g.Name, Offset: -1,
					What:   fmt.Sprintf("section group %q", name),
					Advice: "use --group=flatten or --group=keep, or compile without what makes groups (C++ inline functions, -ffunction-sections with COMDAT)"})
				continue
			}
			if g.Flags&elfobj.GroupComdat == 0 {
				continue
			}
			for _, m := range g.Members {
				in.pieces[m].comdat = true
				if seen[name] {
					in.pieces[m].discard = discardByGroup
				}
			}
			seen[name] = true
		}
	}
	return errors.Join(errs...)
}

// signature is the name by which groups are the same. A signature symbol that
// has no name is a section symbol, and its section's name stands for it
// (LLVM bug 209841).
func (l *linker) signature(in *input, g *elfobj.Group) string {
	return in.obj.SymbolName(uint32(g.Signature))
}

// addGroups writes the groups that are kept.
func (l *linker) addGroups() error {
	if l.opts.Groups != GroupKeep {
		return nil
	}
	for _, in := range l.inputs {
		for gi := range in.obj.Groups {
			g := &in.obj.Groups[gi]
			out := elfobj.Group{Name: g.Name, Flags: g.Flags}
			for _, m := range g.Members {
				if p := &in.pieces[m]; p.out != nil {
					out.Members = append(out.Members, p.out.index)
				}
			}
			if len(out.Members) == 0 {
				continue
			}
			sig := in.symbols.Index[g.Signature]
			if sig == elfobj.Gone {
				sig = l.out.AddSymbol(elfobj.Symbol{Name: l.signature(in, g), Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE), Section: elfobj.Absolute})
			}
			out.Signature = int(sig)
			l.out.Groups = append(l.out.Groups, out)
		}
	}
	return nil
}
