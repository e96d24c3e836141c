// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// addType merges the type of an input section into that of its output section.
func (l *linker) addType(o *output, isec *inputSection) error {
	s := isec.sec
	if o.mixed {
		return nil
	}
	if o.first == nil {
		o.first, o.typ, o.entsize = isec, s.Type, s.Entsize
		o.merge = s.Flags & (elf.SHF_MERGE | elf.SHF_STRINGS)
		o.linked, o.every = true, ^elf.SectionFlag(0)
	}
	first := o.first
	if err := l.mergeFlags(o, isec); err != nil {
		return err
	}
	if isec != first {
		if err := o.addTypeBeside(isec); err != nil {
			return err
		}
	}
	if s.Entsize != o.entsize {
		o.entsize, o.merge = 0, 0
	}
	if s.Flags&(elf.SHF_MERGE|elf.SHF_STRINGS) != o.merge || isec.cutsEntries() {
		o.merge = 0
	}
	if s.Flags&elf.SHF_TLS != first.sec.Flags&elf.SHF_TLS {
		o.mixed = true
		return isec.errorAt(errcode.MixedOutput, -1, "give thread-local and other data output sections of their own",
			"thread-local data in %s together with other data (%s of %s)", o.name, first.sec.Name, first.in.obj.Name)
	}
	o.linked = o.linked && s.Flags&elf.SHF_LINK_ORDER != 0
	return nil
}

// addTypeBeside merges the section type of another input section.
func (o *output) addTypeBeside(isec *inputSection) error {
	m, t := isec.in.obj.Machine, isec.sec.Type
	a, b := m.TypeRule(t, isec.sec.Flags), m.TypeRule(o.typ, o.first.sec.Flags)
	switch {
	case a == machine.TypeAlone, b == machine.TypeAlone, t != o.typ && (a == machine.TypeConcatenated || b == machine.TypeConcatenated):
		o.mixed = true
		return isec.errorAt(errcode.MixedOutput, -1, "give it an output section of its own, or remove it with objcopy -R "+isec.sec.Name,
			"section type %s cannot be joined with type %s (%s of %s in the same output section %s)", m.TypeName(t), m.TypeName(o.typ), o.first.sec.Name, o.first.in.obj.Name, o.name)
	case t != o.typ:
		// Contents win over none; other types that differ become plain
		// contents, as GNU ld makes them.
		o.typ = elf.SHT_PROGBITS
	}
	return nil
}

// linkOutputs says which sections follow which (SHF_LINK_ORDER). Where all input sections
// of an output section follow something, that must be one output section.
func (l *linker) linkOutputs() {
	for _, o := range l.outputs {
		if o.linked {
			o.linkTo = o.first.linkTarget()
		}
	}
	for _, isec := range l.special.linked {
		o := isec.out
		if o == nil || o.mixed || !o.linked && isec.sec.LinkOrder <= 0 {
			continue
		}
		if !o.linked {
			o.mixed = true
			l.misplaced = append(l.misplaced, isec.errorAt(errcode.MixedOutput, -1, "give them output sections of their own",
				"follows section %s (SHF_LINK_ORDER), but other sections in the same output section %s follow nothing", isec.in.sections[isec.sec.LinkOrder].sec.Name, o.name))
			continue
		}
		if t := isec.linkTarget(); t != o.linkTo && !(l.opts.JoinFollowers && t != nil && o.linkTo != nil && !o.hasOwn()) {
			o.mixed = true
			l.misplaced = append(l.misplaced, isec.errorAt(errcode.MixedOutput, -1, "give them output sections of their own, or bring what they follow into one section",
				"follows section %s, but %s of %s in the same output section %s follows %s", t.nameOr("(none)"), o.first.sec.Name, o.first.in.obj.Name, o.name, o.linkTo.nameOr("(none)")))
		}
	}
}

// finishType ends the merge of types.
func (o *output) finishType(m *machine.Machine) {
	if o.first == nil {
		o.typ, o.flags, o.entsize = ownContents(o.desc.OutputSection).kind(o.name, m)
		return
	}
	// A mergeable section needs the size of its entries, or it cannot be merged.
	if o.merge&elf.SHF_MERGE != 0 && o.entsize != 0 {
		o.flags |= o.merge
	} else if o.first.sec.Flags&elf.SHF_MERGE != 0 {
		o.entsize = 0
	}
	o.flags &= o.every | ^(allFlags | o.first.in.obj.Machine.AllFlags)
	// Data of the script is contents, and the input sections without contents become zeros, as with an input section that has contents.
	if o.typ == elf.SHT_NOBITS && o.desc != nil && ownContents(o.desc.OutputSection).data {
		o.typ = elf.SHT_PROGBITS
	}
	if o.linked {
		o.flags |= elf.SHF_LINK_ORDER
	}
	if o.grouped {
		o.flags |= elf.SHF_GROUP
	}
}

// cutsEntries reports whether entries of a mergeable output section after the
// input section would not start at multiples of their size, where the final link
// looks for them: the input section ends inside an entry, or is aligned into one.
func (isec *inputSection) cutsEntries() bool {
	e, a := isec.sec.Entsize, isec.align()
	return e > 0 && (isec.size()%e != 0 || a%e != 0 && e%a != 0)
}

// linkTarget is the output section that the input section follows
// (SHF_LINK_ORDER).
func (isec *inputSection) linkTarget() *output {
	if isec.sec.Flags&elf.SHF_LINK_ORDER == 0 || isec.sec.LinkOrder <= 0 {
		return nil
	}
	return isec.in.sections[isec.sec.LinkOrder].out
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
	l.out.Sections = make([]*elfobj.Section, 1, 1+len(secs))
	for i, o := range l.outputs {
		s := &secs[i]
		*s = elfobj.Section{
			Name: o.name, Type: o.typ, Flags: o.flags, Size: o.size,
			Addralign: o.align, Entsize: o.entsize, Chunks: o.chunks,
		}
		o.index = l.out.AddSection(s)
	}
	l.orderRelocs()
	for _, o := range l.outputs {
		if o.linkTo != nil {
			l.out.Sections[o.index].LinkOrder = o.linkTo.index
		}
	}
	return nil
}
