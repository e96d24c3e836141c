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
