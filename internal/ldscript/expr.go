// SPDX-License-Identifier: Apache-2.0

package ldscript

import "strings"

// Expr is an expression ("Using ld, Expressions"): *Number, *Symbol, *Dot,
// *Unary, *Binary, *Cond or *Call. What is done with one is a method, so that no
// kind of expression can be without it.
type Expr interface {
	Position() Pos
	eval(*evaluator) (Value, error)
	// write writes the expression for a place that needs at least the given
	// precedence.
	write(w *strings.Builder, need int)
}

// Op is an operator of C.
type Op uint8

// The operators ("Using ld, Operators").
const (
	OpNone Op = iota
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMod
	OpShl
	OpShr
	OpAnd
	OpOr
	OpXor
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpLogAnd
	OpLogOr
	OpNeg  // unary -
	OpNot  // unary ~
	OpLNot // unary !
	OpPlus // unary +
)

// Number is an integer constant ("Using ld, Constants").
type Number struct {
	Pos   Pos
	Value uint64
	// Text is the constant as written, as FILL needs the number of its digits.
	Text string
}

// Symbol is a reference to a symbol.
type Symbol struct {
	Pos  Pos
	Name string
}

// Dot is the location counter.
type Dot struct{ Pos Pos }

// Unary is Op X.
type Unary struct {
	Pos Pos // of the operator
	Op  Op
	X   Expr
}

// Binary is X Op Y.
type Binary struct {
	Pos  Pos // of the operator
	Op   Op
	X, Y Expr
}

// Cond is If ? Then : Else.
type Cond struct {
	Pos            Pos // of the question mark
	If, Then, Else Expr
}

// Func is a builtin function ("Using ld, Builtin Functions").
type Func uint8

// The builtin functions.
const (
	FuncAbsolute Func = iota + 1 // ABSOLUTE(expression)
	FuncAddr                     // ADDR(section)
	FuncAlign                    // ALIGN(alignment) or ALIGN(expression, alignment)
	FuncAlignOf                  // ALIGNOF(section)
	FuncDefined                  // DEFINED(symbol)
	FuncMax                      // MAX(expression, expression)
	FuncMin                      // MIN(expression, expression)
	FuncSizeOf                   // SIZEOF(section)
)

// Call is the use of a builtin function.
type Call struct {
	Pos  Pos
	Func Func
	// Name is the section of ADDR, ALIGNOF and SIZEOF, or the symbol of DEFINED.
	Name string
	// Args are the arguments of the other functions.
	Args []Expr
}

// Position returns the place of the number.
func (n *Number) Position() Pos { return n.Pos }

// Position returns the place of the name.
func (s *Symbol) Position() Pos { return s.Pos }

// Position returns the place of the dot.
func (d *Dot) Position() Pos { return d.Pos }

// Position returns the place of the operator.
func (u *Unary) Position() Pos { return u.Pos }

// Position returns the place of the left operand.
func (b *Binary) Position() Pos { return b.X.Position() }

// Position returns the place of the condition.
func (c *Cond) Position() Pos { return c.If.Position() }

// Position returns the place of the function's name.
func (c *Call) Position() Pos { return c.Pos }
