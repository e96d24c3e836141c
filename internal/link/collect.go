package link

import (
	"debug/elf"
	"errors"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// specialSections are the input sections that a pass of their own is for, in input order.
type specialSections struct {
	compressed, properties, attributes, frames, sframes, linked, single []*inputSection
}

// collect makes the input sections of all inputs and notes which of them later
// passes are for, so that those need not go through all sections again.
func (l *linker) collect(objects []*elfobj.Object) error {
	l.given = len(objects)
	l.inputs = make([]input, l.given, l.given+1) // see makeNote
	n := workers(len(objects))
	l.symbolTable.reset(n)
	parts := make([]specialSections, n)
	err := parallel.Parts(len(objects), n, func(part, from, to int) error {
		return parts[part].collect(l.inputs[from:to], objects[from:to])
	})
	for i := range parts {
		s, p := &l.special, &parts[i]
		s.compressed = append(s.compressed, p.compressed...)
		s.properties = append(s.properties, p.properties...)
		s.attributes = append(s.attributes, p.attributes...)
		s.frames = append(s.frames, p.frames...)
		s.sframes = append(s.sframes, p.sframes...)
		s.linked = append(s.linked, p.linked...)
		s.single = append(s.single, p.single...)
	}
	references := uint32(0)
	for i := range l.inputs {
		in := &l.inputs[i]
		in.references = references
		references += uint32(len(in.hashes))
	}
	l.symbolTable.references = references
	return err
}

// collect makes the input sections of some of the inputs.
func (s *specialSections) collect(inputs []input, objects []*elfobj.Object) error {
	nsections, nsymbols := 0, 0
	for _, o := range objects {
		nsections += len(o.Sections)
		nsymbols += len(o.Symbols)
	}
	sections, index := make([]inputSection, nsections), make([]uint32, nsymbols)
	var errs []error
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
		if err := refuseBitcode(o); err != nil {
			errs = append(errs, err)
		}
		in.firstGlobal, in.hashes = o.Globals()
	}
	return errors.Join(errs...)
}

// note notes an input section that a pass of its own is for.
func (s *specialSections) note(isec *inputSection) {
	sec := isec.sec
	if sec.Flags&elf.SHF_COMPRESSED != 0 {
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
	case !sec.IsAlloc() && isSingle(sec):
		s.single = append(s.single, isec)
	}
}

// refuseBitcode refuses objects whose code a compiler has yet to generate.
func refuseBitcode(o *elfobj.Object) error {
	for _, s := range o.Sections {
		if s != nil && (strings.HasPrefix(s.Name, ".gnu.lto_") || s.Name == ".llvm.lto") {
			return &elfobj.Error{File: o.Name, Section: s.Name, Offset: -1,
				What: "the object holds a compiler's intermediate code", Advice: "compile it without -flto"}
		}
	}
	return nil
}
