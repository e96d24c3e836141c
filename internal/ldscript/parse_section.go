// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// outputSection parses the output section description whose name is t.
func (p *parser) outputSection(t token) (*OutputSection, error) {
	if err := checkSectionName(t); err != nil {
		return nil, err
	}
	o := &OutputSection{Pos: t.pos, Name: t.text, Discard: t.text == DiscardName}
	if first, ok := p.described[o.Name]; ok && !o.Discard {
		return nil, errorAt(errcode.SecondDescription, t.pos, "put the contents of both into one description",
			"second description of %s, which GNU ld makes a second section of that name; the first is at %v",
			t.describe(), first)
	}
	p.described[o.Name] = t.pos
	if err := p.header(o); err != nil {
		return nil, err
	}
	for {
		t, err := p.next(modeWild)
		if err != nil {
			return nil, err
		}
		if t.is("}") {
			break
		}
		if t.is(";") {
			continue
		}
		s, err := p.statement(t)
		if err != nil {
			return nil, err
		}
		if _, ok := s.(*InputSpec); !ok && o.Discard {
			return nil, errorAt(errcode.BadDiscard, t.pos, "move it out", "only input sections can be discarded")
		}
		o.contents = append(o.contents, s)
	}
	return o, p.trailer(o)
}

// checkSectionName refuses names that GNU ld's lexer runs together with what
// follows them.
func checkSectionName(t token) error {
	if err := checkName(t, "section"); err != nil {
		return err
	}
	if err := checkOneWord(t, `,=\`); err != nil {
		return err
	}
	if t.kind == tokName && strings.HasSuffix(t.text, ":") {
		return errorAt(errcode.OneWord, t.pos, "put a space before the colon",
			"GNU ld takes %s, with its colon, for one name", t.describe())
	}
	return nil
}

// header parses what stands between the name and the opening brace.
func (p *parser) header(o *OutputSection) error {
	t, err := p.peek(modeExpr)
	if err != nil {
		return err
	}
	if !t.is(":") {
		typed, err := p.sectionType()
		if err != nil {
			return err
		}
		if !typed {
			if err := refuse(t, refusedAttributes); err != nil {
				return err
			}
			if o.Addr, err = p.expr(); err != nil {
				return err
			}
			if _, err := p.sectionType(); err != nil {
				return err
			}
		}
	}
	if _, err := p.expect(modeExpr, ":"); err != nil {
		return err
	}
	if err := p.attributes(o); err != nil {
		return err
	}
	if o.Discard && (o.Addr != nil || o.Align != nil || o.SubAlign != nil) {
		return errorAt(errcode.BadDiscard, o.Pos, "write `/DISCARD/ : {`", "/DISCARD/ has no address and no alignment")
	}
	return nil
}

// sectionType refuses a type in parentheses. It reports whether an empty pair
// was there, which GNU ld takes for no type.
func (p *parser) sectionType() (bool, error) {
	open, err := p.peek(modeExpr)
	if err != nil || !open.is("(") {
		return false, err
	}
	saved := p.at
	p.skipTo(open)
	t, err := p.peek(modeExpr)
	if err != nil {
		return false, err
	}
	if t.is(")") {
		p.skipTo(t)
		return true, nil
	}
	if err := refuse(t, refusedTypes); err != nil {
		return false, err
	}
	p.at = saved
	return false, nil
}

// attributes parses ALIGN and SUBALIGN and the opening brace.
func (p *parser) attributes(o *OutputSection) error {
	for {
		t, err := p.next(modeExpr)
		if err != nil {
			return err
		}
		if err := refuse(t, refusedAttributes); err != nil {
			return err
		}
		switch {
		case t.is("{"):
			return nil
		case t.is("ALIGN") && o.Align == nil && o.SubAlign == nil:
			o.Align, err = p.parenthesised()
		case t.is("SUBALIGN") && o.SubAlign == nil:
			o.SubAlign, err = p.parenthesised()
		default:
			return unexpected(t, "ALIGN(…), then SUBALIGN(…), then `{`")
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) parenthesised() (Expr, error) {
	if _, err := p.expect(modeExpr, "("); err != nil {
		return nil, err
	}
	x, err := p.expr()
	if err != nil {
		return nil, err
	}
	_, err = p.expect(modeExpr, ")")
	return x, err
}

// trailer parses what follows the closing brace.
func (p *parser) trailer(o *OutputSection) error {
	t, err := p.peek(modeScript)
	if err != nil {
		return err
	}
	if t.is(">") || t.is("AT") {
		return errorAt(errcode.Unexpected, t.pos, doMemory, "unexpected %s after an output section", t.describe())
	}
	if err := p.sectionPhdrs(); err != nil {
		return err
	}
	if t, err = p.peek(modeScript); err != nil {
		return err
	}
	if t.is("=") {
		p.skipTo(t)
		if o.Fill, err = p.fillValue(); err != nil {
			return err
		}
		if o.Discard {
			return errorAt(errcode.BadDiscard, t.pos, "remove it", "/DISCARD/ has no fill pattern")
		}
		if t, err = p.peek(modeScript); err != nil {
			return err
		}
	}
	if t.is(",") {
		p.skipTo(t)
	}
	return nil
}

// fillValue parses a fill pattern.
func (p *parser) fillValue() (*FillValue, error) {
	t, err := p.peek(modeExpr)
	if err != nil {
		return nil, err
	}
	f := &FillValue{Pos: t.pos}
	if f.Value, err = p.fillExpr(); err != nil {
		return nil, err
	}
	if bad := notConstant(f.Value); bad != nil {
		return nil, errorAt(errcode.BadFill, bad.Position(), "write a number", "a fill pattern must be constant")
	}
	f.Bytes, err = fillBytes(f.Value)
	return f, err
}

// fillExpr parses the expression of a fill pattern. A hexadecimal number may
// exceed 64 bits there if it stands alone.
func (p *parser) fillExpr() (Expr, error) {
	p.inFill = true
	start := p.at
	e, err := p.expr()
	p.inFill = false
	if _, alone := e.(*Number); alone || err != nil {
		return e, err
	}
	p.at = start
	return p.expr()
}

// notConstant returns a part of e that is not a constant, or nil.
func notConstant(e Expr) Expr {
	var parts []Expr
	switch e := e.(type) {
	case *Number:
		return nil
	case *Unary:
		parts = []Expr{e.X}
	case *Binary:
		parts = []Expr{e.X, e.Y}
	case *Cond:
		parts = []Expr{e.If, e.Then, e.Else}
	default:
		return e
	}
	for _, x := range parts {
		if bad := notConstant(x); bad != nil {
			return bad
		}
	}
	return nil
}

// dataSizes maps the data statements to the number of bytes they write.
var dataSizes = wordTable[int]{{"BYTE", 1}, {"SHORT", 2}, {"LONG", 4}, {"QUAD", 8}}

// statement parses the statement of an output section that t begins.
func (p *parser) statement(t token) (statement, error) {
	if !t.isName() {
		if t.kind == tokEOF {
			return nil, errorAt(errcode.Unterminated, t.pos, "write `}`", "end of file in an output section")
		}
		return nil, unexpected(t, "an input section description, an assignment or `}`")
	}
	if t.kind == tokName {
		if size, ok := dataSizes.lookup(t.text); ok {
			x, err := p.parenthesised()
			return &Data{Pos: t.pos, Size: size, Value: x}, err
		}
		switch {
		case t.text == "FILL":
			return p.fill(t.pos)
		case t.text == "ASSERT":
			return p.assert(t.pos)
		case isAssignWord(t.text):
			return p.assignment(t, modeWild)
		}
		if err := refuse(t, refusedCommands); err != nil {
			return nil, err
		}
	}
	op, err := p.peek(modeWild)
	if err != nil {
		return nil, err
	}
	if op.kind == tokPunct && isAssignOp(op.text) {
		return p.assignment(t, modeWild)
	}
	return p.inputSpec(t)
}

func (p *parser) fill(pos Pos) (*Fill, error) {
	if _, err := p.expect(modeWild, "("); err != nil {
		return nil, err
	}
	v, err := p.fillValue()
	if err != nil {
		return nil, err
	}
	_, err = p.expect(modeExpr, ")")
	return &Fill{Pos: pos, Value: *v}, err
}
