// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"math/bits"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// assigned evaluates the right side of a, with the operator of a compound
// assignment applied.
func (ev *evaluator) assigned(a *Assignment) (Value, error) {
	if a.Op == OpNone {
		return a.Value.eval(ev)
	}
	var left Expr = &Symbol{Pos: a.Pos, Name: a.Name}
	if a.IsDot() {
		left = &Dot{Pos: a.Pos}
	}
	return (&Binary{Pos: a.Pos, Op: a.Op, X: left, Y: a.Value}).eval(ev)
}

// The section is that of the operand, even for `!`: so does GNU ld.
func (u *Unary) eval(ev *evaluator) (Value, error) {
	v, err := u.X.eval(ev)
	if err != nil {
		return Value{}, err
	}
	switch u.Op {
	case OpNeg:
		v.N = -v.N
	case OpNot:
		v.N = ^v.N
	case OpLNot:
		v.N = truth(v.N == 0)
	case OpPlus:
	default:
		return Value{}, errorAt(errcode.Internal, u.Pos, "", "unknown operator %d", u.Op)
	}
	return v, nil
}

func (b *Binary) eval(ev *evaluator) (Value, error) {
	x, y, err := ev.operands(b.X, b.Y)
	if err != nil {
		return Value{}, err
	}
	n, err := compute(b, x.N, y.N)
	if err != nil {
		return Value{}, err
	}
	switch b.Op {
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe, OpLogAnd, OpLogOr:
		// Comparisons and logic give plain numbers whatever they look at.
		return Plain(n), nil
	}
	if sameSection(x, y) {
		// The difference of two addresses is a number, and so is anything else
		// made of two of them.
		return ev.number(n), nil
	}
	return withSection(x, y, n), nil
}

// operands evaluates both operands; unless one is a plain number they come out
// in one section, or absolute where they were in two.
func (ev *evaluator) operands(ex, ey Expr) (x, y Value, err error) {
	if x, err = ex.eval(ev); err != nil {
		return
	}
	if y, err = ey.eval(ev); err != nil {
		return
	}
	if sameSection(x, y) || x.Kind == PlainNumber || y.Kind == PlainNumber {
		return
	}
	if x, err = ev.absolute(x, ex.Position()); err != nil {
		return
	}
	y, err = ev.absolute(y, ey.Position())
	return
}

func sameSection(x, y Value) bool {
	return x.Kind == y.Kind && x.Section == y.Section
}

// withSection returns n in the section of the operand that has one.
func withSection(x, y Value, n uint64) Value {
	if x.Kind == PlainNumber {
		x = y
	}
	x.N = n
	return x
}

// compute applies e.Op. Division and remainder are signed, comparisons and
// shifts unsigned, as in GNU ld.
func compute(e *Binary, x, y uint64) (uint64, error) {
	switch e.Op {
	case OpAdd:
		return x + y, nil
	case OpSub:
		return x - y, nil
	case OpMul:
		return x * y, nil
	case OpDiv, OpMod:
		return divide(e, int64(x), int64(y))
	case OpShl, OpShr:
		if y >= 64 {
			return 0, errorAt(errcode.Arithmetic, e.Y.Position(), "shift by 63 at most", "shift by %d, but values have 64 bits", y)
		}
		if e.Op == OpShl {
			return x << y, nil
		}
		return x >> y, nil
	case OpAnd:
		return x & y, nil
	case OpOr:
		return x | y, nil
	case OpXor:
		return x ^ y, nil
	case OpEq:
		return truth(x == y), nil
	case OpNe:
		return truth(x != y), nil
	case OpLt:
		return truth(x < y), nil
	case OpLe:
		return truth(x <= y), nil
	case OpGt:
		return truth(x > y), nil
	case OpGe:
		return truth(x >= y), nil
	case OpLogAnd:
		return truth(x != 0 && y != 0), nil
	case OpLogOr:
		return truth(x != 0 || y != 0), nil
	}
	return 0, errorAt(errcode.Internal, e.Pos, "", "unknown operator %d", e.Op)
}

func divide(e *Binary, x, y int64) (uint64, error) {
	if y == 0 {
		return 0, errorAt(errcode.Arithmetic, e.Y.Position(), "guard it with `divisor != 0 ? … : …`", "division by zero")
	}
	if e.Op == OpMod {
		return uint64(x % y), nil
	}
	return uint64(x / y), nil
}

func (c *Call) eval(ev *evaluator) (Value, error) {
	switch c.Func {
	case FuncDefined:
		return Plain(truth(ev.env.Defined(c.Name))), nil
	case FuncAddr, FuncSizeOf, FuncAlignOf:
		info, err := ev.sectionInfo(c.Name, c.Pos)
		switch c.Func {
		case FuncAddr:
			return Rel(c.Name, 0), err
		case FuncSizeOf:
			return Plain(info.Size), err
		}
		return Plain(max(info.Align, 1)), err
	case FuncAbsolute:
		v, err := c.Args[0].eval(ev)
		if err != nil {
			return Value{}, err
		}
		return ev.absolute(v, c.Args[0].Position())
	case FuncMax, FuncMin, FuncAlign:
	default:
		return Value{}, errorAt(errcode.Internal, c.Pos, "", "unknown function %d", c.Func)
	}
	if c.Func == FuncAlign && len(c.Args) == 1 {
		return ev.alignDot(c)
	}
	x, y, err := ev.operands(c.Args[0], c.Args[1])
	if err != nil {
		return Value{}, err
	}
	n := x.N
	switch c.Func {
	case FuncMax:
		n = max(x.N, y.N)
	case FuncMin:
		n = min(x.N, y.N)
	case FuncAlign:
		n, err = alignUp(x.N, y.N, c.Args[1].Position())
	}
	return withSection(x, y, n), err
}

// alignDot is ALIGN(alignment): the location counter, aligned. Inside an output section its offset is, not the address: in a relocatable object the
// address means nothing, and a gap would depend on unrelated sections.
func (ev *evaluator) alignDot(e *Call) (Value, error) {
	align, err := e.Args[0].eval(ev)
	if err != nil {
		return Value{}, err
	}
	dot, err := ev.dot(e.Pos)
	if err != nil {
		return Value{}, err
	}
	start := uint64(0)
	if ev.section != "" {
		if start, err = ev.address(Rel(ev.section, 0), e.Pos); err != nil {
			return Value{}, err
		}
	}
	n, err := alignUp(dot-start, align.N, e.Args[0].Position())
	if err != nil {
		return Value{}, err
	}
	return ev.relativeToSection(start+n, e.Pos)
}

// alignUp rounds n up to a multiple of align; 0 and 1 leave n alone.
func alignUp(n, align uint64, pos Pos) (uint64, error) {
	if err := checkAlign(align, pos); err != nil || align == 0 {
		return n, err
	}
	up := (n + align - 1) &^ (align - 1)
	if up < n {
		return 0, errorAt(errcode.Arithmetic, pos, "use a smaller alignment", "aligning %#x to %#x exceeds 64 bits", n, align)
	}
	return up, nil
}

// checkAlign refuses what is not a power of two. GNU ld would round up to a
// multiple of any number, which no sh_addralign can express.
func checkAlign(align uint64, pos Pos) error {
	if bits.OnesCount64(align) > 1 {
		return errorAt(errcode.Arithmetic, pos, "use a power of two", "alignment %#x is not a power of two", align)
	}
	return nil
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
