// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Parse parses the linker script src. name stands for it in error messages until
// a line marker of the C preprocessor names another file.
//
// An error is an *Error. What is not part of the subset that the package comment
// describes is refused, never skipped.
func Parse(name string, src []byte) (*Script, error) {
	p := &parser{lexer: newLexer(name, src), described: make(map[string]Pos)}
	s := &Script{Name: name}
	for {
		t, err := p.next(modeScript)
		if err != nil {
			return nil, err
		}
		if t.kind == tokEOF {
			return s, p.checkPhdrs()
		}
		if t.is(";") {
			continue
		}
		if t.is("PHDRS") {
			if err := p.phdrs(); err != nil {
				return nil, err
			}
			continue
		}
		c, err := p.topLevel(t)
		if err != nil {
			return nil, err
		}
		s.commands = append(s.commands, c)
	}
}

// parser is a recursive descent parser.
type parser struct {
	*lexer
	depth  int  // nesting of expressions
	inFill bool // parsing a fill pattern, whose numbers may exceed 64 bits
	// described holds the output sections seen.
	described map[string]Pos
	// headers are the program headers declared so far, uses where output
	// sections name some.
	headers []string
	uses    []token
}

// topLevel parses the command that t begins.
func (p *parser) topLevel(t token) (command, error) {
	if t.is("SECTIONS") {
		return p.sections(t.pos)
	}
	if t.is("ASSERT") {
		return p.assert(t.pos)
	}
	if err := refuse(t, refusedCommands); err != nil {
		return nil, err
	}
	if !t.isName() {
		return nil, unexpected(t, "a command")
	}
	a, err := p.assignment(t, modeScript)
	if err != nil {
		return nil, err
	}
	if a.IsDot() {
		return nil, errorAt(errcode.LocationCounter, a.Pos, "move it into SECTIONS",
			"assignment to the location counter outside of SECTIONS")
	}
	return a, nil
}

// sections parses a SECTIONS command after its first word.
func (p *parser) sections(pos Pos) (*Sections, error) {
	s := &Sections{Pos: pos}
	if _, err := p.expect(modeScript, "{"); err != nil {
		return nil, err
	}
	for {
		t, err := p.next(modeScript)
		if err != nil {
			return nil, err
		}
		if t.is("}") {
			return s, nil
		}
		if t.is(";") {
			continue
		}
		c, err := p.sectionsCommand(t)
		if err != nil {
			return nil, err
		}
		s.commands = append(s.commands, c)
	}
}

// sectionsCommand parses the command inside SECTIONS that t begins.
func (p *parser) sectionsCommand(t token) (sectionsCommand, error) {
	if t.is("ASSERT") {
		return p.assert(t.pos)
	}
	if err := refuse(t, refusedCommands); err != nil {
		return nil, err
	}
	if !t.isName() {
		return nil, unexpected(t, "an output section, an assignment or `}`")
	}
	if t.kind == tokName && isAssignWord(t.text) {
		return p.assignment(t, modeScript)
	}
	op, err := p.peek(operatorMode(modeScript))
	if err != nil {
		return nil, err
	}
	if op.kind == tokPunct && isAssignOp(op.text) {
		return p.assignment(t, modeScript)
	}
	return p.outputSection(t)
}

// isAssignWord reports whether a word wraps an assignment.
func isAssignWord(text string) bool {
	return text == "PROVIDE" || text == "HIDDEN" || text == "PROVIDE_HIDDEN"
}

func isAssignOp(text string) bool {
	return compoundOps.has(text) || text == "=" || text == "^="
}

// compoundOps maps the assignment operators other than `=`.
var compoundOps = wordTable[Op]{
	{"+=", OpAdd},
	{"-=", OpSub},
	{"*=", OpMul},
	{"/=", OpDiv},
	{"<<=", OpShl},
	{">>=", OpShr},
	{"&=", OpAnd},
	{"|=", OpOr},
}

// operatorMode returns the mode in which to read what follows a name read in mode
// m. After a name in modeScript an address may stand, which is a number.
func operatorMode(m lexMode) lexMode {
	if m == modeScript {
		return modeExpr
	}
	return m
}

// assignment parses the assignment that t begins, with the semicolon after it.
func (p *parser) assignment(t token, m lexMode) (*Assignment, error) {
	a := &Assignment{Pos: t.pos}
	var err error
	if t.kind == tokName && isAssignWord(t.text) {
		switch t.text {
		case "PROVIDE":
			a.Kind = Provide
		case "HIDDEN":
			a.Kind = Hidden
		case "PROVIDE_HIDDEN":
			a.Kind = ProvideHidden
		}
		err = p.wrapped(a, t, m)
	} else {
		err = p.bare(a, t, m)
	}
	if err != nil {
		return nil, err
	}
	end, err := p.next(modeExpr)
	if err != nil {
		return nil, err
	}
	if !end.is(";") && !end.is(",") {
		return nil, errorAt(errcode.Unexpected, end.pos, "end the assignment with `;`",
			"unexpected %s after an assignment", end.describe())
	}
	return a, nil
}

// bare parses NAME OP EXPRESSION, of which t is the name.
func (p *parser) bare(a *Assignment, t token, m lexMode) error {
	if err := checkTarget(t); err != nil {
		return err
	}
	a.Name = t.text
	op, err := p.next(operatorMode(m))
	switch {
	case err != nil:
		return err
	case op.is("^="):
		return errorAt(errcode.Unexpected, op.pos, "write x = x ^ y", "GNU ld has no operator ^=")
	case op.kind != tokPunct && strings.HasPrefix(t.text, "."):
		// A header meant for the assembler: the kernel had its macros leak in.
		return errorAt(errcode.AssemblerDirective, t.pos, "keep the header that has it out of linker scripts (#ifndef LINKER_SCRIPT)",
			"`%s` is an assembler's directive, not a linker script's", clip(t.text))
	case op.kind != tokPunct || !isAssignOp(op.text):
		return errorAt(errcode.Unexpected, op.pos, "write an assignment, with spaces around its operator",
			"unexpected %s after %s", op.describe(), t.describe())
	}
	a.Op, _ = compoundOps.lookup(op.text)
	a.Value, err = p.expr()
	return err
}

// wrapped parses the parentheses of PROVIDE, HIDDEN and PROVIDE_HIDDEN.
func (p *parser) wrapped(a *Assignment, word token, m lexMode) error {
	if _, err := p.expect(m, "("); err != nil {
		return err
	}
	t, err := p.name(m, "symbol")
	if err != nil {
		return err
	}
	if t.kind == tokName && t.text == "." {
		return errorAt(errcode.LocationCounter, t.pos, "assign it outside of "+word.text, "%s of the location counter", word.text)
	}
	op, err := p.peek(operatorMode(m))
	if err != nil {
		return err
	}
	if !op.is("=") && op.kind == tokPunct && isAssignOp(op.text) {
		return errorAt(errcode.Unexpected, op.pos, "use `=`", "%s inside %s", op.describe(), word.text)
	}
	if err := p.bare(a, t, m); err != nil {
		return err
	}
	_, err = p.expect(modeExpr, ")")
	return err
}

// assert parses ASSERT after its first word.
func (p *parser) assert(pos Pos) (*Assert, error) {
	if _, err := p.expect(modeExpr, "("); err != nil {
		return nil, err
	}
	cond, err := p.expr()
	if err != nil {
		return nil, err
	}
	if _, err := p.expect(modeExpr, ","); err != nil {
		return nil, err
	}
	msg, err := p.next(modeExpr)
	if err != nil {
		return nil, err
	}
	if msg.kind != tokQuoted {
		return nil, errorAt(errcode.Unexpected, msg.pos, "put the message into double quotes",
			"unexpected %s as the message of ASSERT", msg.describe())
	}
	_, err = p.expect(modeExpr, ")")
	return &Assert{Pos: pos, Cond: cond, Message: msg.text}, err
}

// skipTo moves past t, which peek returned.
func (p *parser) skipTo(t token) { p.at.off = t.end }

// expect reads the given operator or bracket.
func (p *parser) expect(m lexMode, text string) (token, error) {
	t, err := p.next(m)
	if err == nil && (t.kind != tokPunct || t.text != text) {
		err = unexpected(t, "`"+text+"`")
	}
	return t, err
}

// name reads a name of the given kind of thing.
func (p *parser) name(m lexMode, what string) (token, error) {
	t, err := p.next(m)
	if err != nil {
		return t, err
	}
	if !t.isName() {
		return t, unexpected(t, "the name of a "+what)
	}
	return t, checkName(t, what)
}

// symbolName reads the name of a symbol.
func (p *parser) symbolName(m lexMode) (token, error) {
	t, err := p.name(m, "symbol")
	if err == nil {
		err = checkSymbolWord(t)
	}
	return t, err
}

// checkName refuses names that no object can hold.
func checkName(t token, what string) error {
	if t.text == "" {
		return errorAt(errcode.Unexpected, t.pos, "write a name between the quotes", "empty name of a %s", what)
	}
	return nil
}

// checkTarget refuses names that cannot stand left of an assignment.
func checkTarget(t token) error {
	if t.kind == tokName && t.text == "." {
		return nil
	}
	if err := checkName(t, "symbol"); err != nil {
		return err
	}
	return checkOneWord(t, `/~\-+:[],=?*^!`)
}

// refuse returns an error if t is one of the words that are known and refused.
func refuse(t token, refused wordTable[string]) error {
	if t.kind != tokName {
		return nil
	}
	do, ok := refused.lookup(t.text)
	if !ok {
		return nil
	}
	return errorAt(errcode.Unsupported, t.pos, do, "%s is not supported", t.text)
}

// unexpected is the error for a token that does not fit the grammar.
func unexpected(t token, want string) error {
	return errorAt(errcode.Unexpected, t.pos, "write "+want, "unexpected %s", t.describe())
}
