// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"errors"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// specialSections are the input sections that a pass of their own is for, in input order.
type specialSections struct {
	compressed, properties, attributes, frames, sframes, linked, patchable, bitcode, linkOnce, livepatch, single []*inputSection
}

// collect makes the input sections of all inputs and notes which of them later
// passes are for, so that those need not go through all sections again.
func (l *linker) collect(objects []*elfobj.Object) error {
	l.given = len(objects)
	l.inputs = make([]input, l.given, l.given+1) // see makeNote
	n := workers(len(objects))
	l.symbolTable.reset(n)
	parts := make([]specialSections, n)
	_ = parallel.Parts(len(objects), n, func(part, from, to int) error {
		parts[part].collect(l.inputs[from:to], objects[from:to])
		return nil
	})
	for i := range parts {
		s, p := &l.special, &parts[i]
		s.compressed = append(s.compressed, p.compressed...)
		s.properties = append(s.properties, p.properties...)
		s.attributes = append(s.attributes, p.attributes...)
		s.frames = append(s.frames, p.frames...)
		s.sframes = append(s.sframes, p.sframes...)
		s.linked = append(s.linked, p.linked...)
		s.patchable = append(s.patchable, p.patchable...)
		s.bitcode = append(s.bitcode, p.bitcode...)
		s.linkOnce = append(s.linkOnce, p.linkOnce...)
		s.livepatch = append(s.livepatch, p.livepatch...)
		s.single = append(s.single, p.single...)
	}
	references := uint32(0)
	for i := range l.inputs {
		in := &l.inputs[i]
		in.references = references
		references += uint32(len(in.hashes))
	}
	l.symbolTable.references = references
	for _, o := range objects {
		if w := o.Warning(); w != nil {
			l.warn(w)
			break // others have it for the same reason
		}
	}
	if err := l.refuseLivepatch(); err != nil {
		return err
	}
	return l.dropBitcode()
}

// collect makes the input sections of some of the inputs.
func (s *specialSections) collect(inputs []input, objects []*elfobj.Object) {
	nsections, nsymbols := 0, 0
	for _, o := range objects {
		nsections += len(o.Sections)
		nsymbols += len(o.Symbols)
	}
	sections, index := make([]inputSection, nsections), make([]uint32, nsymbols)
	for i, o := range objects {
		in := &inputs[i]
		in.obj = o
		in.sections, sections = sections[:len(o.Sections)], sections[len(o.Sections):]
		in.symbols.Index, index = index[:len(o.Symbols)], index[len(o.Symbols):]
		o.Linked = &in.symbols
		for j, sec := range o.Sections {
			if sec != nil {
				isec := &in.sections[j]
				isec.in, isec.sec = in, sec
				s.note(isec)
			}
		}
		in.firstGlobal, in.hashes = o.Globals()
	}
}

// note notes an input section that a pass of its own is for.
func (s *specialSections) note(isec *inputSection) {
	sec := isec.sec
	if _, ok := sec.Zdebug(); ok || sec.Flags&elf.SHF_COMPRESSED != 0 {
		s.compressed = append(s.compressed, isec)
	}
	if sec.Flags&elf.SHF_TLS != 0 {
		isec.in.threads = true
	}
	if sec.Flags&elf.SHF_LINK_ORDER != 0 {
		s.linked = append(s.linked, isec)
	}
	switch {
	case sec.Type == elf.SHT_NOTE && sec.Name == elfobj.PropertySection:
		s.properties = append(s.properties, isec)
	case isec.in.obj.Machine.IsAttributes(sec.Type):
		s.attributes = append(s.attributes, isec)
	case sec.Type != elf.SHT_NOBITS && sec.Name == elfobj.FrameSection:
		s.frames = append(s.frames, isec)
	case sec.Type == elfobj.TypeSFrame || sec.Name == sframeSection && sec.Type == elf.SHT_PROGBITS:
		s.sframes = append(s.sframes, isec)
	case isPatchable(sec.Name) && sec.Type == elf.SHT_PROGBITS:
		s.patchable = append(s.patchable, isec)
	case sec.IsLivepatch():
		s.livepatch = append(s.livepatch, isec)
	case !sec.IsAlloc() && isSingle(sec):
		s.single = append(s.single, isec)
	case len(sec.Name) < 5 || sec.Name[:5] != ".gnu." && sec.Name[:5] != ".llvm":
	case elfobj.IsBitcode(sec.Name):
		s.bitcode = append(s.bitcode, isec)
	case isLinkOnce(sec.Name) && sec.Flags&elf.SHF_GROUP == 0:
		s.linkOnce = append(s.linkOnce, isec)
	}
}

// refuseLivepatch refuses finished live patches: the kernel applies their own
// relocations to each object when that is loaded, so that they are the last thing
// to be made.
func (l *linker) refuseLivepatch() error {
	var errs []error
	for _, isec := range l.special.livepatch {
		errs = append(errs, isec.errorAt(errcode.LivePatch, -1, "link the objects first, and make the live patch (klp-convert, kpatch-build) of the result",
			"relocations of a live patch (SHF_RELA_LIVEPATCH) cannot be linked"))
	}
	return errors.Join(errs...)
}
