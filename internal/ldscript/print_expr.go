// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"strconv"
	"strings"
)

// FormatExpr formats e with spaces around binary operators and brackets where
// the tree needs them.
func FormatExpr(e Expr) string {
	var b strings.Builder
	e.write(&b, 0)
	return b.String()
}

// condPrec is the precedence of ?:, below all binary operators; unaryPrec that
// of the prefix operators, above them.
const (
	condPrec  = 0
	unaryPrec = 11
)

func (n *Number) write(w *strings.Builder, _ int) {
	if n.Text != "" {
		w.WriteString(n.Text)
	} else {
		w.WriteString(strconv.FormatUint(n.Value, 10))
	}
}

func (s *Symbol) write(w *strings.Builder, _ int) { w.WriteString(quoteName(s.Name, modeExpr)) }

func (d *Dot) write(w *strings.Builder, _ int) { w.WriteByte('.') }

func (u *Unary) write(w *strings.Builder, _ int) {
	w.WriteString(opNames[u.Op])
	u.X.write(w, unaryPrec)
}

func (b *Binary) write(w *strings.Builder, need int) {
	op, _ := binaryOps.lookup(opNames[b.Op])
	prec := op.prec
	inBrackets(w, prec < need, func() {
		b.X.write(w, prec)
		w.WriteString(" " + opNames[b.Op] + " ")
		b.Y.write(w, prec+1)
	})
}

func (c *Cond) write(w *strings.Builder, need int) {
	inBrackets(w, condPrec < need, func() {
		c.If.write(w, condPrec+1)
		w.WriteString(" ? ")
		c.Then.write(w, condPrec)
		w.WriteString(" : ")
		c.Else.write(w, condPrec)
	})
}

func (c *Call) write(w *strings.Builder, _ int) {
	w.WriteString(c.Func.String())
	w.WriteByte('(')
	switch c.Func {
	case FuncDefined:
		w.WriteString(quoteName(c.Name, modeExpr))
	case FuncAddr, FuncAlignOf, FuncSizeOf:
		w.WriteString(quoteName(c.Name, modeScript))
	}
	for i, a := range c.Args {
		if i > 0 {
			w.WriteString(", ")
		}
		a.write(w, 0)
	}
	w.WriteByte(')')
}

func inBrackets(b *strings.Builder, want bool, body func()) {
	if want {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	body()
}
