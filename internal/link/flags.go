// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// Flags of an output section, by what they say: some hold if they hold for any
// of its input sections, some only if they hold for each.
const (
	anyFlags = elf.SHF_WRITE | elf.SHF_ALLOC | elf.SHF_EXECINSTR | elf.SHF_TLS | elfobj.SHFRetain
	// Without SHF_EXCLUDE the final link keeps too much, with it too little.
	allFlags = elfobj.SHFExclude
	// These are decided by finishType: merging and link order need all input
	// sections to agree, groups may be flattened.
	ownRule = elf.SHF_MERGE | elf.SHF_STRINGS | elf.SHF_LINK_ORDER | elf.SHF_GROUP
	// An output section is not compressed, and the writer sets SHF_INFO_LINK.
	noFlags = elf.SHF_COMPRESSED | elf.SHF_INFO_LINK
)

// unknownFlags are the flags of which nobody knows what they say of a whole.
func unknownFlags(m *machine.Machine) elf.SectionFlag {
	return ^(anyFlags | allFlags | ownRule | noFlags | m.AnyFlags | m.AllFlags)
}

// character tells orphans of one name apart. The final link treats sections
// that differ in it differently: it removes them, moves them far away, reads notes.
type character struct {
	flags elf.SectionFlag
	typ   elf.SectionType
}

// character returns what tells an input section from others of its name. All but
// SHF_ALLOC of what is in it is rare.
func (l *linker) character(isec *inputSection) character {
	s := isec.sec
	switch s.Name {
	case elfobj.FrameSection, sframeSection, elfobj.StackNoteSection:
		// There is one in a program, whatever type its compiler or assembler gives it.
		return character{}
	}
	return character{s.Flags & l.apart, s.Type}
}

// apartFlags are the flags in a character.
func apartFlags(m *machine.Machine) elf.SectionFlag {
	return elf.SHF_ALLOC | elfobj.SHFRetain | elfobj.SHFExclude | m.AnyFlags | unknownFlags(m)
}

// mergeFlags merges the flags of an input section into those of its output section.
func (l *linker) mergeFlags(o *output, isec *inputSection) error {
	f, first := isec.sec.Flags, o.first.sec.Flags
	o.flags |= f &^ (ownRule | noFlags)
	o.every &= f
	switch differ := f ^ first; {
	case differ == 0:
	case differ&l.unknown != 0:
		o.mixed = true
		return isec.errorAt(errcode.MixedOutput, -1, "give the sections output sections of their own",
			"has the unknown section flags %#x, unlike %s of %s in the same output section %s", uint64(f&l.unknown), o.first.sec.Name, o.first.in.obj.Name, o.name)
	case differ&elfobj.SHFExclude != 0 && !o.excludes:
		o.excludes = true
		excluded := isec
		if f&elfobj.SHFExclude == 0 {
			excluded = o.first
		}
		l.warn(&elfobj.Error{
			Code: errcode.ExcludedSection, File: excluded.in.obj.Name, Section: excluded.sec.Name, Offset: -1, Advice: "give it an output section of its own, or discard it",
			What: "is not for linked programs (SHF_EXCLUDE), but the script puts it into " + o.name + ", which is",
		})
	}
	return nil
}
