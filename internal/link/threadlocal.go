// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"errors"
	"fmt"
	"sort"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// All objects must agree on which variables are thread-local. What they say of
// symbols is checked here, what their relocations expect where they are written.

// isThreadLocal reports whether a symbol is said to be in thread-local storage.
func isThreadLocal(s *elfobj.Symbol) bool { return s.Type() == elf.STT_TLS }

// checkStorage compares what an object says of a symbol with what objects before
// it say, which g has. Symbols without a type say nothing.
func (l *linker) checkStorage(g *symbol, in *input, s *elfobj.Symbol) error {
	if isThreadLocal(s) == isThreadLocal(&g.def) || s.Type() == elf.STT_NOTYPE || g.def.Type() == elf.STT_NOTYPE {
		return nil
	}
	first := g.in
	if first == nil {
		// g.out is the number of the first reference.
		first = &l.inputs[sort.Search(len(l.inputs), func(i int) bool { return l.inputs[i].references > g.out })-1]
	}
	what := "symbol %q is thread-local, but not in %s"
	if !isThreadLocal(s) {
		what = "symbol %q is not thread-local, but in %s it is"
	}
	return &elfobj.Error{
		Code: errcode.ThreadLocal, File: in.obj.Name, Section: sectionName(in, s), Offset: int64(s.Value),
		What: fmt.Sprintf(what, s.Name, first.obj.Name), Advice: elfobj.StorageAdvice,
	}
}

// checkThreadLocal looks for symbols whose type does not fit their section, in
// inputs that define something in thread-local storage.
func (l *linker) checkThreadLocal() error {
	return parallel.Parts(len(l.inputs), workers(len(l.inputs)), func(_, from, to int) error {
		var errs []error
		for i := from; i < to; i++ {
			if in := &l.inputs[i]; in.threads {
				errs = append(errs, in.checkThreadLocal()...)
			}
		}
		return errors.Join(errs...)
	})
}

func (in *input) checkThreadLocal() (errs []error) {
	for i := range in.obj.Symbols {
		s := &in.obj.Symbols[i]
		if s.Section <= 0 || s.Type() == elf.STT_SECTION || s.Type() == elf.STT_NOTYPE {
			continue
		}
		if isec := &in.sections[s.Section]; isec.out != nil && isThreadLocal(s) != (isec.sec.Flags&elf.SHF_TLS != 0) {
			what := "symbol %q is not thread-local, but its section is"
			if isThreadLocal(s) {
				what = "symbol %q is thread-local, but its section is not"
			}
			errs = append(errs, isec.errorAt(errcode.ThreadLocal, int64(s.Value), "if the symbol is for threads, give its section the flag T (SHF_TLS), else give the symbol another type", what, s.Name))
		}
	}
	return errs
}
