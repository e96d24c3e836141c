// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// lexer cuts a script into tokens on demand. It holds the place that the next
// token is looked for at; reading a token in the wrong mode costs nothing, as
// peek does not move.
type lexer struct {
	src string
	at  cursor
}

// cursor is a place in the source, with the original file and line it stands for.
type cursor struct {
	off       int
	lineStart int // offset of the line's first byte
	line      int
	file      string
}

func newLexer(name string, src []byte) *lexer {
	return &lexer{src: string(src), at: cursor{line: 1, file: name}}
}

func (c cursor) pos() Pos {
	// After a marker of line 1 that ends the source comes line 0.
	return Pos{File: c.file, Line: max(c.line, 1), Col: c.off - c.lineStart + 1}
}

// newline moves c after the line break at c.off.
func (c *cursor) newline() {
	c.off++
	c.lineStart = c.off
	c.line++
}

// peek returns the next token read in mode m.
func (l *lexer) peek(m lexMode) (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	return l.scan(m)
}

// next returns the next token read in mode m, and moves past it.
func (l *lexer) next(m lexMode) (token, error) {
	t, err := l.peek(m)
	if err == nil {
		l.at.off = t.end
	}
	return t, err
}

// skip moves over white space, comments and line markers.
func (l *lexer) skip() error {
	for l.at.off < len(l.src) {
		c := &l.at
		switch rest := l.src[c.off:]; {
		case rest[0] == '\n':
			c.newline()
		case rest[0] == ' ', rest[0] == '\t', rest[0] == '\r':
			c.off++
		case rest[0] == '#':
			if err := l.hash(); err != nil {
				return err
			}
		case strings.HasPrefix(rest, "//"):
			l.toLineEnd()
		case strings.HasPrefix(rest, "/*"):
			if err := l.comment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// toLineEnd moves to the line break or the end of the source.
func (l *lexer) toLineEnd() {
	n := strings.IndexByte(l.src[l.at.off:], '\n')
	if n < 0 {
		n = len(l.src) - l.at.off
	}
	l.at.off += n
}

// comment moves past the comment that begins here.
func (l *lexer) comment() error {
	start := l.at.pos()
	n := strings.Index(l.src[l.at.off+2:], "*/")
	if n < 0 {
		return errorAt(errcode.Unterminated, start, "close it with */", "unterminated comment")
	}
	end := l.at.off + 2 + n + 2
	for {
		nl := strings.IndexByte(l.src[l.at.off:end], '\n')
		if nl < 0 {
			break
		}
		l.at.off += nl
		l.at.newline()
	}
	l.at.off = end
	return nil
}

// directives of the C preprocessor that give a script away which was not
// preprocessed. GNU ld takes their lines for comments, silently.
var directives = []string{
	"include", "define", "undef", "ifdef", "ifndef", "if", "elif", "else", "endif",
}

// hash handles a line that begins with #, or the rest of one: a line marker of
// the preprocessor, or a comment.
func (l *lexer) hash() error {
	pos := l.at.pos()
	atLineStart := strings.TrimLeft(l.src[l.at.lineStart:l.at.off], " \t") == ""
	start := l.at.off + 1
	l.toLineEnd()
	if !atLineStart {
		return nil
	}
	text := strings.TrimSuffix(l.src[start:l.at.off], "\r")
	if file, line, ok := parseMarker(text); ok {
		if file != "" {
			l.at.file = file
		}
		// The marker speaks of the line after it.
		l.at.line = line - 1
		return nil
	}
	word := text
	if i := strings.IndexAny(text, " \t\"<("); i >= 0 {
		word = text[:i]
	}
	for _, d := range directives {
		if word == d {
			return errorAt(errcode.NotPreprocessed, pos, "run the C preprocessor over the script first",
				"#%s of the C preprocessor in a linker script", d)
		}
	}
	return nil
}

// parseMarker reads the text after the # of `# 12 "file" 1 3`, `# 12` and
// `#line 12 "file"`. ok is false for any other text, which is a comment.
func parseMarker(text string) (file string, line int, ok bool) {
	text = strings.TrimPrefix(strings.TrimLeft(text, " \t"), "line")
	text = strings.Trim(text, " \t")
	digits, rest, _ := strings.Cut(text, " ")
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || n == 0 {
		return "", 0, false
	}
	rest = strings.TrimLeft(rest, " \t")
	if rest == "" {
		return "", int(n), true
	}
	if rest[0] != '"' {
		return "", 0, false
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return "", 0, false
	}
	file, err = strconv.Unquote(quoted)
	if err != nil || file == "" {
		return "", 0, false
	}
	return file, int(n), true
}

// scan reads the token that begins at the cursor.
func (l *lexer) scan(m lexMode) (token, error) {
	t := token{pos: l.at.pos(), end: l.at.off}
	rest := l.src[l.at.off:]
	if rest == "" {
		return t, nil
	}
	n := 0
	switch c := rest[0]; {
	case c == '"':
		return l.quoted(t, rest)
	case m == modeExpr && '0' <= c && c <= '9':
		t.kind = tokNumber
		n = numberLen(rest)
	case m == modeExpr && strings.HasPrefix(rest, DiscardName):
		// Not a division: a fill expression may stand right before the word.
		t.kind = tokName
		n = len(DiscardName)
	default:
		t.kind = tokPunct
		n = punctLen(rest, m)
		if nameFirst[c]&(1<<m) != 0 {
			// The longest match wins, and the operator at equal length.
			if k := nameLen(rest, m); k > n {
				t.kind, n = tokName, k
			}
		}
	}
	if n == 0 {
		return t, l.badByte(t.pos, rest)
	}
	t.text = rest[:n]
	t.end += n
	return t, nil
}

// quoted reads a string in double quotes. There are no escapes in it.
func (l *lexer) quoted(t token, rest string) (token, error) {
	n := strings.IndexAny(rest[1:], "\"\n\x00")
	if n < 0 || rest[1+n] != '"' {
		return t, errorAt(errcode.Unterminated, t.pos, `close it with " on the same line`, "unterminated string")
	}
	t.kind, t.text = tokQuoted, rest[1:1+n]
	t.end += n + 2
	return t, nil
}

func (l *lexer) badByte(pos Pos, rest string) error {
	r := []rune(rest[:min(len(rest), 4)])[0]
	return errorAt(errcode.BadCharacter, pos, "remove it, or put the name into double quotes",
		"character %q has no meaning in a linker script here", r)
}

func nameLen(s string, m lexMode) int {
	n := 1
	for n < len(s) && nameRest[s[n]]&(1<<m) != 0 {
		n++
	}
	return n
}

// numberLen returns the length of the number that s begins with, and of the
// letters after it: what they mean is for number to say.
func numberLen(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || isAlnum(s[n])) {
		n++
	}
	return n
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func punctLen(s string, m lexMode) int {
	ops, punct := assignOps, scriptPunct
	switch m {
	case modeWild:
		punct = wildPunct
	case modeExpr:
		ops, punct = exprOps, exprPunct
	}
	for _, op := range ops {
		if strings.HasPrefix(s, op) {
			return len(op)
		}
	}
	if strings.IndexByte(punct, s[0]) >= 0 {
		return 1
	}
	return 0
}
