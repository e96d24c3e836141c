// SPDX-License-Identifier: Apache-2.0

package ldscript

// lexMode says where in the grammar a token is read. GNU ld's lexer has the same
// states, and what belongs to a name differs between them: `*` is part of a file
// pattern inside an output section and an operator in an expression.
type lexMode uint8

const (
	modeScript lexMode = iota // commands, output section names
	modeWild                  // inside the braces of an output section
	modeExpr                  // expressions
)

// tokenKind classifies a token.
type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokName
	tokQuoted // a name or message in double quotes
	tokNumber
	tokPunct // an operator or a bracket; its text says which
)

// token is one token. Its text is a substring of the source.
type token struct {
	kind tokenKind
	text string // without the quotes for tokQuoted
	pos  Pos
	end  int // offset of the byte after it
}

// is reports whether t is the given operator, bracket or unquoted word.
func (t token) is(text string) bool {
	return (t.kind == tokPunct || t.kind == tokName) && t.text == text
}

// isName reports whether t can be a name.
func (t token) isName() bool { return t.kind == tokName || t.kind == tokQuoted }

// describe names t in an error message.
func (t token) describe() string {
	switch t.kind {
	case tokEOF:
		return "end of file"
	case tokQuoted:
		return `"` + clip(t.text) + `"`
	}
	return "`" + clip(t.text) + "`"
}

// clip shortens what a message quotes from the source.
func clip(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// wordTable is a table of the words of some place. It is searched from its start,
// which is as fast as a map for a few dozen words, and it is there when the
// program starts: making the maps took 12 µs and 64 KiB of each run.
type wordTable[T any] []struct {
	text  string
	means T
}

// lookup returns what a word means.
func (w wordTable[T]) lookup(text string) (means T, ok bool) {
	for i := range w {
		if w[i].text == text {
			return w[i].means, true
		}
	}
	return means, false
}

// has reports whether a word is in the table.
func (w wordTable[T]) has(text string) bool {
	_, ok := w.lookup(text)
	return ok
}

// Character classes of names, one bit a mode: a byte that may begin a name and a
// byte that may continue one. They are those of GNU ld's lexer (ldlex.l:
// FILENAMECHAR, WILDCHAR and SYMBOLNAMECHAR), so that a text is cut into names
// where GNU ld cuts it.
var nameFirst, nameRest = nameClasses()

func nameClasses() (first, rest [256]uint8) {
	const (
		script = 1 << modeScript
		wild   = 1 << modeWild
		expr   = 1 << modeExpr
	)
	add := func(table *[256]uint8, chars string, modes uint8) {
		for i := range len(chars) {
			table[chars[i]] |= modes
		}
	}
	for c := range 256 {
		switch b := byte(c); {
		case b == '_', 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z':
			first[b] = script | wild | expr
			rest[b] = script | wild | expr
		case '0' <= b && b <= '9':
			first[b] = wild
			rest[b] = script | wild | expr
		}
	}
	add(&first, `.\$`, script|wild|expr)
	add(&first, `/~`, script|wild)
	add(&first, `-+:[],=?*^!`, wild)
	add(&rest, `/.\$~`, script|wild|expr)
	add(&rest, `-+:[],=`, script|wild)
	add(&rest, `?*^!`, wild)
	return first, rest
}

// operators of each mode, longest first.
var (
	assignOps = []string{"<<=", ">>=", "+=", "-=", "*=", "/=", "&=", "|=", "^="}
	exprOps   = []string{
		"<<=", ">>=", "+=", "-=", "*=", "/=", "&=", "|=", "^=",
		"<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
	}
)

const (
	scriptPunct = "=(){};:,><~!+-&|"
	wildPunct   = "=(){};&|<>"
	exprPunct   = "=(){};:,<>~!+-*/%&|^?"
)
