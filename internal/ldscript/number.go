// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// number parses a constant: decimal, octal with a leading 0, hexadecimal with
// 0x, each with an optional K or M for 1024 or 1024*1024 ("Using ld, Constants").
//
// anySize lets a hexadecimal number exceed 64 bits, as a fill pattern may.
func number(t token, anySize bool) (*Number, error) {
	n := &Number{Pos: t.pos, Text: t.text}
	digits, scale := t.text, uint64(1)
	switch digits[len(digits)-1] {
	case 'K', 'k':
		digits, scale = digits[:len(digits)-1], 1<<10
	case 'M', 'm':
		digits, scale = digits[:len(digits)-1], 1<<20
	}
	base := 10
	switch {
	case len(digits) > 2 && (digits[1] == 'x' || digits[1] == 'X') && digits[0] == '0':
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base, digits = 8, digits[1:]
	}
	v, err := strconv.ParseUint(digits, base, 64)
	switch {
	case err == nil && v <= ^uint64(0)/scale:
		n.Value = v * scale
		return n, nil
	case anySize && isBareHex(t.text):
		tail := digits[len(digits)-16:]
		n.Value, _ = strconv.ParseUint(tail, 16, 64)
		return n, nil
	case err != nil && !isRange(err):
		return nil, errorAt(errcode.BadNumber, t.pos, "write 123, 0123 (octal) or 0x123, with K or M after it if wanted",
			"malformed number %s", t.describe())
	}
	return nil, errorAt(errcode.BadNumber, t.pos, "use a smaller one", "number %s does not fit in 64 bits", t.describe())
}

func isRange(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// isBareHex reports whether text is a hexadecimal number without K or M.
func isBareHex(text string) bool {
	if len(text) < 3 || text[0] != '0' || text[1] != 'x' && text[1] != 'X' {
		return false
	}
	return strings.Trim(text[2:], "0123456789abcdefABCDEF") == ""
}

// fillBytes returns the pattern a fill expression stands for.
func fillBytes(e Expr) ([]byte, error) {
	// GNU ld drops a unary plus while it parses.
	for u, ok := e.(*Unary); ok && u.Op == OpPlus; u, ok = e.(*Unary) {
		e = u.X
	}
	if n, ok := e.(*Number); ok && isBareHex(n.Text) {
		digits := n.Text[2:]
		if len(digits)%2 != 0 {
			digits = "0" + digits
		}
		return hex.DecodeString(digits)
	}
	v, err := Eval(e, constEnv{})
	if err != nil {
		return nil, err
	}
	return []byte{byte(v.N >> 24), byte(v.N >> 16), byte(v.N >> 8), byte(v.N)}, nil
}

// constEnv is the environment of constants: nothing has a value. What the parser
// evaluates was checked to hold numbers and operators only.
type constEnv struct{}

func (constEnv) Section() string                        { return "" }
func (constEnv) Dot() uint64                            { return 0 }
func (constEnv) DotSection() string                     { return "" }
func (constEnv) Defined(string) bool                    { return false }
func (constEnv) Symbol(string) (Value, bool)            { return Value{}, false }
func (constEnv) SectionInfo(string) (SectionInfo, bool) { return SectionInfo{}, false }
