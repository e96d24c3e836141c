// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"strconv"
	"strings"
)

// directive is an assembler directive with a file name: `.include`, `.incbin` or `.file`.
type directive struct {
	// name is the directive, in lower case, with its dot.
	name string
	// file is the operand. It is empty if it is not a plain string, but made by a macro of the assembler.
	file string
	// at is the directive's position, FILE:LINE.
	at string
}

// directives returns the directives of assembly text, which may have the line markers of a preprocessor.
func directives(source, text string) []directive {
	var found []directive
	// offset is the difference between a line's number and the number of lines passed.
	offset := 1
	p := asmText{text: text}
	for p.pos < len(text) {
		if p.atLineStart() && strings.HasPrefix(strings.TrimLeft(p.line(), " \t"), "#") {
			if n, file, ok := lineMarker(p.line()); ok {
				// The next line has this number.
				source, offset = file, n-p.newlines-1
			}
			p.pos += len(p.line())
		}
		name := strings.ToLower(p.statement())
		switch name {
		case ".include", ".incbin", ".file":
			at := source + ":" + strconv.Itoa(p.newlines+offset)
			file, isString := p.stringOperand()
			if name != ".file" || isString {
				found = append(found, directive{name: name, file: file, at: at})
			}
		}
		p.skipStatement()
	}
	return found
}

// lineMarker parses `# 12 "file" 1` and `#line 12 "file"`.
func lineMarker(line string) (int, string, bool) {
	rest, ok := strings.CutPrefix(line, "#")
	if !ok {
		return 0, "", false
	}
	fields := strings.SplitN(strings.TrimSpace(strings.TrimPrefix(rest, "line")), " ", 2)
	n, err := strconv.Atoi(fields[0])
	if err != nil || len(fields) < 2 || !strings.HasPrefix(fields[1], `"`) {
		return 0, "", false
	}
	end := strings.LastIndexByte(fields[1], '"')
	return n, fields[1][1:max(end, 1)], true
}

// asmText reads assembly text statement by statement.
type asmText struct {
	text     string
	pos      int
	newlines int // passed so far
}

func (p *asmText) atLineStart() bool { return p.pos == 0 || p.text[p.pos-1] == '\n' }

// line returns the rest of the line, without its end.
func (p *asmText) line() string {
	rest, _, _ := strings.Cut(p.text[p.pos:], "\n")
	return rest
}

// next moves over one byte.
func (p *asmText) next() {
	if p.text[p.pos] == '\n' {
		p.newlines++
	}
	p.pos++
}

// blanks moves over blanks and comments.
func (p *asmText) blanks() {
	for p.pos < len(p.text) {
		rest := p.text[p.pos:]
		switch {
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			p.pos++
		case strings.HasPrefix(rest, "//"):
			p.pos += len(p.line())
		case strings.HasPrefix(rest, "/*"):
			p.comment()
		default:
			return
		}
	}
}

// comment moves over a comment between /* and */.
func (p *asmText) comment() {
	p.pos += len("/*")
	for p.pos < len(p.text) && !strings.HasPrefix(p.text[p.pos:], "*/") {
		p.next()
	}
	p.pos = min(p.pos+len("*/"), len(p.text))
}

// statement moves to the operands of the next statement and returns its first word; labels before it are passed.
func (p *asmText) statement() string {
	for {
		p.blanks()
		start := p.pos
		for p.pos < len(p.text) && isWordByte(p.text[p.pos]) {
			p.pos++
		}
		word := p.text[start:p.pos]
		if word == "" || p.pos == len(p.text) || p.text[p.pos] != ':' {
			return word
		}
		p.pos++
	}
}

func isWordByte(c byte) bool {
	return c == '.' || c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// stringOperand reads a string. It returns false, or an empty string, if the operand is something else, such as an argument of a macro.
func (p *asmText) stringOperand() (string, bool) {
	p.blanks()
	if p.pos == len(p.text) || p.text[p.pos] != '"' {
		return "", false
	}
	end := p.pos + 1
	for end < len(p.text) && p.text[end] != '"' && p.text[end] != '\n' {
		if p.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.text) || p.text[end] != '"' {
		return "", true
	}
	quoted := p.text[p.pos : end+1]
	p.pos = end + 1
	value, err := strconv.Unquote(quoted)
	if err != nil || strings.ContainsAny(value, "\f\a\b\v\n\r\t") {
		// `\f` is an argument of a macro, not a form feed.
		return "", true
	}
	return value, true
}

// skipStatement moves after the end of the statement.
func (p *asmText) skipStatement() {
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '\n' || c == ';':
			p.next()
			return
		case c == '"':
			p.skipString()
		case strings.HasPrefix(p.text[p.pos:], "/*"):
			p.comment()
		case strings.HasPrefix(p.text[p.pos:], "//"):
			p.pos += len(p.line())
		default:
			p.pos++
		}
	}
}

// skipString moves over a string, or to the end of a line that does not end it.
func (p *asmText) skipString() {
	p.pos++
	for p.pos < len(p.text) && p.text[p.pos] != '\n' {
		c := p.text[p.pos]
		p.pos++
		if c == '"' {
			return
		}
		if c == '\\' && p.pos < len(p.text) && p.text[p.pos] != '\n' {
			p.pos++
		}
	}
}
