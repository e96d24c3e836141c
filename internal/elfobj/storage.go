// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// The final link believes relocations: an offset into the storage of a thread and
// an address are both numbers, and code that takes one for the other crashes. So a
// relocation must fit its symbol. SymbolMap.Index says of each symbol whether it is
// thread-local, so that nothing has to be looked up where both agree.

// storage returns what a symbol is in. It is StorageAny if nobody says, or if the
// symbol marks a place in the image of which threads get copies.
func (o *Object) storage(i uint32) machine.Storage {
	s, inImage := &o.Symbols[i], false
	if sec := o.SectionOf(s); sec != nil {
		inImage = sec.Flags&elf.SHF_TLS != 0
	}
	switch t := s.Type(); {
	case t == elf.STT_TLS, t == elf.STT_SECTION && inImage:
		return machine.StorageThreads
	case t == elf.STT_NOTYPE && (inImage || s.IsUndefined()):
		return machine.StorageAny
	}
	return machine.StorageStatic
}

// checkStorage returns an error if relocation i of a run does not fit the storage
// of its symbol.
func (o *Object) checkStorage(s *Section, r *relocRun, i int) error {
	rel, _ := r.at(i)
	want, got := o.Machine.Storage(rel.Type), o.storage(rel.Symbol)
	switch {
	case want == got || want == machine.StorageAny || got == machine.StorageAny:
		return nil
	case !s.IsAlloc():
		// Some compilers describe thread-local variables by addresses in debug
		// information, where there is no relocation for them.
		return nil
	case s.Flags&elf.SHF_TLS != 0 && o.Machine.RelocKind(rel.Type) == machine.KindRelative:
		return nil // a distance inside the image
	}
	format := "relocation %s refers to %s, which is thread-local%s"
	if want == machine.StorageThreads {
		format = "relocation %s is for thread-local storage, but %s is not thread-local%s"
	}
	return o.relocError(errcode.ThreadLocal, s, r, i, StorageAdvice, format, o.Machine.RelocName(rel.Type), o.SymbolName(rel.Symbol), o.definition(rel.Symbol))
}

// StorageAdvice is the advice about variables that are thread-local in some
// objects, and not in others.
const StorageAdvice = "declare the variable alike everywhere, with or without __thread"

// definition says in a message which input defines a symbol.
func (o *Object) definition(i uint32) string {
	sym := &o.Symbols[i]
	sec := o.SectionOf(sym)
	if sec == nil || sym.Type() == elf.STT_SECTION {
		return ""
	}
	if k := sec.chunkAt(sym.Value); k < len(sec.Chunks) && sec.Chunks[k].Section.Object != nil {
		c := sec.Chunks[k].Source()
		return " (defined in " + c.File + ": " + c.Section + ")"
	}
	return ""
}
