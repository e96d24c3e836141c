// SPDX-License-Identifier: Apache-2.0

package ldscript

// funcNames are the spellings of the builtin functions.
var funcNames = [...]string{
	FuncAbsolute: "ABSOLUTE",
	FuncAddr:     "ADDR",
	FuncAlign:    "ALIGN",
	FuncAlignOf:  "ALIGNOF",
	FuncDefined:  "DEFINED",
	FuncMax:      "MAX",
	FuncMin:      "MIN",
	FuncSizeOf:   "SIZEOF",
}

// String returns the function's name in a script.
func (f Func) String() string { return funcNames[f] }

// opNames are the spellings of the operators.
var opNames = [...]string{
	OpNone: "", OpAdd: "+", OpSub: "-", OpMul: "*", OpDiv: "/", OpMod: "%",
	OpShl: "<<", OpShr: ">>", OpAnd: "&", OpOr: "|", OpXor: "^",
	OpEq: "==", OpNe: "!=", OpLt: "<", OpLe: "<=", OpGt: ">", OpGe: ">=",
	OpLogAnd: "&&", OpLogOr: "||",
	OpNeg: "-", OpNot: "~", OpLNot: "!", OpPlus: "+",
}

// String returns the operator's spelling.
func (op Op) String() string { return opNames[op] }
