// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// inside does the statements of an output section in one run of the layout.
type inside struct {
	y        *layout
	o        *output
	subalign uint64 // 0 for none
	fill     []byte // padding of what follows
}

// add appends input sections.
func (in *inside) add(sections []*inputSection) error {
	for _, isec := range sections {
		if isec.discard != kept {
			continue // merged into another one
		}
		if err := in.y.l.add(in.o, isec, in.subalign, in.fill); err != nil {
			return err
		}
	}
	return nil
}

// InputSpec implements ldscript.StatementVisitor.
func (in *inside) InputSpec(s *ldscript.InputSpec) error { return in.add(in.o.desc.placed[s]) }

// Assignment implements ldscript.StatementVisitor.
func (in *inside) Assignment(a *ldscript.Assignment) error {
	if !a.IsDot() {
		return in.y.define(a)
	}
	dot, err := ldscript.AssignDot(a, in.y)
	if err != nil {
		return err
	}
	dot -= in.o.addr
	if dot-in.o.size > elfobj.MaxAlign && in.o.typ != elf.SHT_NOBITS {
		return &ldscript.Error{Code: errcode.TooFar, Pos: a.Pos, What: fmt.Sprintf("moves the location counter by %#x bytes", dot-in.o.size), Do: "the largest step is 1 GiB"}
	}
	in.o.pad(dot, in.fill)
	return nil
}

// Data implements ldscript.StatementVisitor.
func (in *inside) Data(d *ldscript.Data) error {
	v, err := ldscript.EvalData(d, in.y)
	if err != nil {
		return err
	}
	b := make([]byte, 8)
	if in.y.l.out.BigEndian {
		for i := range d.Size {
			b[d.Size-1-i] = byte(v >> (8 * i))
		}
	} else {
		for i := range d.Size {
			b[i] = byte(v >> (8 * i))
		}
	}
	in.o.append(&elfobj.Section{Type: elf.SHT_PROGBITS, Size: uint64(d.Size), Data: b[:d.Size]})
	return nil
}

// Fill implements ldscript.StatementVisitor.
func (in *inside) Fill(f *ldscript.Fill) error {
	in.fill = f.Value.Bytes
	return nil
}

// Assert implements ldscript.StatementVisitor.
func (in *inside) Assert(a *ldscript.Assert) error { return in.y.Assert(a) }

// own is what the script itself puts into an output section: that makes the
// section one where no input section goes to it.
type own struct {
	any      bool // anything but input sections and assertions
	moved    bool // an assignment to the location counter
	data     bool // BYTE, SHORT, LONG or QUAD
	writable bool // an assignment or FILL comes before the data
}

// ownContents says what the script itself puts into an output section.
func ownContents(d *ldscript.OutputSection) own {
	var s own
	_ = d.Visit(&s) // it has no errors
	return s
}

// Assignment implements ldscript.StatementVisitor.
func (s *own) Assignment(a *ldscript.Assignment) error {
	s.any, s.moved = true, s.moved || a.IsDot()
	s.writable = s.writable || !s.data
	return nil
}

// Fill implements ldscript.StatementVisitor.
func (s *own) Fill(*ldscript.Fill) error {
	s.any = true
	s.writable = s.writable || !s.data
	return nil
}

// Data implements ldscript.StatementVisitor.
func (s *own) Data(*ldscript.Data) error {
	s.any, s.data = true, true
	return nil
}

// InputSpec implements ldscript.StatementVisitor.
func (*own) InputSpec(*ldscript.InputSpec) error { return nil }

// Assert implements ldscript.StatementVisitor.
func (*own) Assert(*ldscript.Assert) error { return nil }
