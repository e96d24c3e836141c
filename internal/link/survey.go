package link

import (
	"debug/elf"
	"errors"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// specials are the pieces that need more than to be put together, in input order.
type specials struct {
	compressed, properties, attributes, frames, sframes, linked []*piece
}

// survey makes the pieces of all inputs and notes what later passes look for, so
// that they need not go through all sections again.
func (l *linker) survey(objects []*elfobj.Object) error {
	l.inputs = make([]input, len(objects))
	n := workers(len(objects))
	l.globals.reset(n)
	parts := make([]specials, n)
	err := parallel.Parts(len(objects), n, func(part, from, to int) error {
		return parts[part].survey(l.inputs[from:to], objects[from:to])
	})
	for i := range parts {
		s, p := &l.special, &parts[i]
		s.compressed = append(s.compressed, p.compressed...)
		s.properties = append(s.properties, p.properties...)
		s.attributes = append(s.attributes, p.attributes...)
		s.frames = append(s.frames, p.frames...)
		s.sframes = append(s.sframes, p.sframes...)
		s.linked = append(s.linked, p.linked...)
	}
	mentions := uint32(0)
	for i := range l.inputs {
		in := &l.inputs[i]
		in.mentions = mentions
		mentions += uint32(len(in.hashes))
	}
	l.globals.mentions = mentions
	return err
}

// survey makes some of the inputs.
func (s *specials) survey(inputs []input, objects []*elfobj.Object) error {
	sections, symbols := 0, 0
	for _, o := range objects {
		sections += len(o.Sections)
		symbols += len(o.Symbols)
	}
	pieces, index := make([]piece, sections), make([]uint32, symbols)
	var errs []error
	for i, o := range objects {
		in := &inputs[i]
		in.obj = o
		in.pieces, pieces = pieces[:len(o.Sections)], pieces[len(o.Sections):]
		in.symbols.Index, index = index[:len(o.Symbols)], index[len(o.Symbols):]
		o.Linked = &in.symbols
		for j, sec := range o.Sections {
			if sec != nil {
				p := &in.pieces[j]
				p.in, p.sec = in, sec
				s.note(p)
			}
		}
		if err := refuseBitcode(o); err != nil {
			errs = append(errs, err)
		}
		in.firstGlobal, in.hashes = o.Globals()
	}
	return errors.Join(errs...)
}

// note keeps a piece in mind that a pass of its own is for.
func (s *specials) note(p *piece) {
	sec := p.sec
	if sec.Flags&elf.SHF_COMPRESSED != 0 {
		s.compressed = append(s.compressed, p)
	}
	if sec.Flags&elf.SHF_LINK_ORDER != 0 {
		s.linked = append(s.linked, p)
	}
	switch {
	case sec.Type == elf.SHT_NOTE && sec.Name == elfobj.PropertySection:
		s.properties = append(s.properties, p)
	case p.in.obj.Machine.IsAttributes(sec.Type):
		s.attributes = append(s.attributes, p)
	case sec.Type != elf.SHT_NOBITS && sec.Name == frameSection:
		s.frames = append(s.frames, p)
	case sec.Type == elfobj.TypeSFrame || sec.Name == sframeSection && sec.Type == elf.SHT_PROGBITS:
		s.sframes = append(s.sframes, p)
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
