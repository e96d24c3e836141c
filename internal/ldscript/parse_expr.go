// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Limits on expressions. They bound the recursion of everything that walks a
// tree; scripts written by people and macros stay far below.
const maxExprHeight = 500

// sized is an expression and the height of its tree.
type sized struct {
	Expr
	height int
}

// binaryOp is a binary operator and how tightly it binds.
type binaryOp struct {
	op   Op
	prec int
}

// binaryOps maps the spelling of a binary operator to its meaning and its
// precedence, which is that of C.
var binaryOps = wordTable[binaryOp]{
	{"||", binaryOp{OpLogOr, 1}},
	{"&&", binaryOp{OpLogAnd, 2}},
	{"|", binaryOp{OpOr, 3}},
	{"^", binaryOp{OpXor, 4}},
	{"&", binaryOp{OpAnd, 5}},
	{"==", binaryOp{OpEq, 6}},
	{"!=", binaryOp{OpNe, 6}},
	{"<", binaryOp{OpLt, 7}},
	{"<=", binaryOp{OpLe, 7}},
	{">", binaryOp{OpGt, 7}},
	{">=", binaryOp{OpGe, 7}},
	{"<<", binaryOp{OpShl, 8}},
	{">>", binaryOp{OpShr, 8}},
	{"+", binaryOp{OpAdd, 9}},
	{"-", binaryOp{OpSub, 9}},
	{"*", binaryOp{OpMul, 10}},
	{"/", binaryOp{OpDiv, 10}},
	{"%", binaryOp{OpMod, 10}},
}

// unaryOps maps the spelling of a prefix operator to its meaning.
var unaryOps = wordTable[Op]{{"-", OpNeg}, {"~", OpNot}, {"!", OpLNot}, {"+", OpPlus}}

// expr parses an expression.
func (p *parser) expr() (Expr, error) {
	x, err := p.condExpr()
	return x.Expr, err
}

// condExpr parses a conditional expression, which is what C calls an expression
// without assignment and comma.
func (p *parser) condExpr() (sized, error) {
	cond, err := p.binaryExpr(1)
	if err != nil {
		return sized{}, err
	}
	t, err := p.peek(modeExpr)
	if err != nil || !t.is("?") {
		return cond, err
	}
	p.skipTo(t)
	if err := p.enter(t.pos); err != nil {
		return sized{}, err
	}
	defer p.leave()
	then, err := p.condExpr()
	if err != nil {
		return sized{}, err
	}
	if _, err := p.expect(modeExpr, ":"); err != nil {
		return sized{}, err
	}
	other, err := p.condExpr()
	if err != nil {
		return sized{}, err
	}
	e := &Cond{Pos: t.pos, If: cond.Expr, Then: then.Expr, Else: other.Expr}
	return p.sized(e, max(cond.height, then.height, other.height))
}

// binaryExpr parses operators that bind at least as tightly as prec.
func (p *parser) binaryExpr(prec int) (sized, error) {
	x, err := p.unaryExpr()
	if err != nil {
		return sized{}, err
	}
	for {
		t, err := p.peek(modeExpr)
		if err != nil {
			return sized{}, err
		}
		op, ok := binaryOps.lookup(t.text)
		if t.kind != tokPunct || !ok || op.prec < prec {
			return x, nil
		}
		p.skipTo(t)
		y, err := p.binaryExpr(op.prec + 1)
		if err != nil {
			return sized{}, err
		}
		e := &Binary{Pos: t.pos, Op: op.op, X: x.Expr, Y: y.Expr}
		if x, err = p.sized(e, max(x.height, y.height)); err != nil {
			return sized{}, err
		}
	}
}

func (p *parser) unaryExpr() (sized, error) {
	t, err := p.next(modeExpr)
	if err != nil {
		return sized{}, err
	}
	if err := p.enter(t.pos); err != nil {
		return sized{}, err
	}
	defer p.leave()
	if op, ok := unaryOps.lookup(t.text); ok && t.kind == tokPunct {
		x, err := p.unaryExpr()
		if err != nil {
			return sized{}, err
		}
		return p.sized(&Unary{Pos: t.pos, Op: op, X: x.Expr}, x.height)
	}
	return p.primary(t)
}

func (p *parser) primary(t token) (sized, error) {
	switch {
	case t.kind == tokNumber:
		n, err := number(t, p.inFill)
		if err != nil {
			return sized{}, err
		}
		return sized{n, 1}, nil
	case t.is("("):
		x, err := p.condExpr()
		if err != nil {
			return sized{}, err
		}
		_, err = p.expect(modeExpr, ")")
		return x, err
	case t.kind == tokQuoted:
		if err := checkName(t, "symbol"); err != nil {
			return sized{}, err
		}
		return sized{&Symbol{Pos: t.pos, Name: t.text}, 1}, nil
	case t.is("."):
		return sized{&Dot{Pos: t.pos}, 1}, nil
	case t.kind == tokName:
		return p.word(t)
	}
	return sized{}, errorAt(errcode.Unexpected, t.pos, "write a number, a symbol, `.` or a function",
		"unexpected %s in an expression", t.describe())
}

// word parses a function or a symbol.
func (p *parser) word(t token) (sized, error) {
	if f, ok := functions.lookup(t.text); ok {
		return p.callExpr(t, f)
	}
	if do, ok := refusedFunctions.lookup(t.text); ok {
		return sized{}, errorAt(errcode.Unsupported, t.pos, do, "%s is not supported in an expression", t.text)
	}
	if err := checkSymbolWord(t); err != nil {
		return sized{}, err
	}
	if t.end < len(p.src) && p.src[t.end] == '(' {
		return sized{}, errorAt(errcode.BadCall, t.pos, "use ABSOLUTE, ADDR, ALIGN, ALIGNOF, DEFINED, MAX, MIN or SIZEOF",
			"unknown function %s", t.describe())
	}
	return sized{&Symbol{Pos: t.pos, Name: t.text}, 1}, nil
}

// functions maps the names of the builtin functions.
var functions = wordTable[Func]{
	{"ABSOLUTE", FuncAbsolute},
	{"ADDR", FuncAddr},
	{"ALIGN", FuncAlign},
	{"ALIGNOF", FuncAlignOf},
	{"DEFINED", FuncDefined},
	{"MAX", FuncMax},
	{"MIN", FuncMin},
	{"SIZEOF", FuncSizeOf},
}

// callExpr parses the arguments of the function f whose name is t.
func (p *parser) callExpr(t token, f Func) (sized, error) {
	if _, err := p.expect(modeExpr, "("); err != nil {
		return sized{}, err
	}
	call := &Call{Pos: t.pos, Func: f}
	switch f {
	case FuncAddr, FuncAlignOf, FuncSizeOf:
		// Section names hold characters that symbols do not, such as `-`.
		name, err := p.name(modeScript, "section")
		if err != nil {
			return sized{}, err
		}
		call.Name = name.text
		_, err = p.expect(modeExpr, ")")
		return sized{call, 1}, err
	case FuncDefined:
		name, err := p.symbolName(modeExpr)
		if err != nil {
			return sized{}, err
		}
		if name.kind == tokName && name.text == "." {
			return sized{}, errorAt(errcode.LocationCounter, name.pos, "name a symbol", "the location counter is always defined")
		}
		call.Name = name.text
		_, err = p.expect(modeExpr, ")")
		return sized{call, 1}, err
	}
	return p.args(call)
}

// args parses the arguments of a function over expressions.
func (p *parser) args(call *Call) (sized, error) {
	least, most := 2, 2
	switch call.Func {
	case FuncAbsolute:
		least, most = 1, 1
	case FuncAlign:
		least = 1
	}
	height := 0
	for {
		x, err := p.condExpr()
		if err != nil {
			return sized{}, err
		}
		call.Args = append(call.Args, x.Expr)
		height = max(height, x.height)
		t, err := p.next(modeExpr)
		switch {
		case err != nil:
			return sized{}, err
		case t.is(",") && len(call.Args) < most:
			continue
		case t.is(")") && len(call.Args) >= least:
			return p.sized(call, height)
		case t.is(",") || t.is(")"):
			return sized{}, errorAt(errcode.BadCall, call.Pos, "see \"Using ld, Builtin Functions\"",
				"wrong number of arguments of %v", call.Func)
		}
		return sized{}, unexpected(t, "`,` or `)`")
	}
}

// sized returns e over subtrees of the given height.
func (p *parser) sized(e Expr, below int) (sized, error) {
	if below >= maxExprHeight {
		return sized{}, tooDeep(e.Position())
	}
	return sized{e, below + 1}, nil
}

// enter counts a level of nesting.
func (p *parser) enter(pos Pos) error {
	if p.depth >= maxExprHeight {
		return tooDeep(pos)
	}
	p.depth++
	return nil
}

func (p *parser) leave() { p.depth-- }

func tooDeep(pos Pos) error {
	return errorAt(errcode.TooComplex, pos, "assign parts of it to symbols",
		"expression nested more than %d levels deep", maxExprHeight)
}

// checkSymbolWord refuses unquoted words that GNU ld reads otherwise than a
// person does.
func checkSymbolWord(t token) error {
	if err := checkOneWord(t, `/~\-+:[],=?*^!`); err != nil {
		return err
	}
	if t.kind == tokName && looksLikeNumber(t.text) {
		return errorAt(errcode.OneWord, t.pos, "write 0x before a hexadecimal number, or put the name into double quotes",
			"GNU ld takes %s for a number", t.describe())
	}
	return nil
}

// checkOneWord refuses an unquoted word with one of the given characters, which
// a person may have meant as an operator or a separator.
func checkOneWord(t token, chars string) error {
	i := strings.IndexAny(t.text, chars)
	if t.kind != tokName || i < 0 {
		return nil
	}
	return errorAt(errcode.OneWord, t.pos, "put spaces around the operator, or the name into double quotes",
		"GNU ld takes %s, with its %q, for one name", t.describe(), t.text[i])
}

// looksLikeNumber reports whether GNU ld's lexer takes the word for a number:
// `$` or nothing before hexadecimal digits, and in the second case one of the
// letters H, X, B, O and D after them for the base ("add" is one).
func looksLikeNumber(word string) bool {
	const hexDigits = "0123456789abcdefABCDEF"
	if digits, ok := strings.CutPrefix(word, "$"); ok {
		return digits != "" && strings.Trim(digits, hexDigits) == ""
	}
	last := len(word) - 1
	return last > 0 && strings.IndexByte("hHxXbBoOdD", word[last]) >= 0 &&
		strings.Trim(word[:last], hexDigits) == ""
}
