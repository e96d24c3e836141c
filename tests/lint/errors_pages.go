// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"regexp"
	"strings"
)

var (
	entryHeading = regexp.MustCompile(`^## (E[0-9]{4}): \S`)
	entryParts   = []string{"**Cause**", "**Cure**"}
)

// readPage finds the entries of a page, and what is missing in them.
func (w *errorWalk) readPage(file File) {
	var code, text string
	var place Fault
	end := func() {
		for _, part := range entryParts {
			if code != "" && !strings.Contains(text, "\n"+part) {
				w.add(place.Path, place.Line, "%s has no %s", code, strings.Trim(part, "*"))
			}
		}
		code, text = "", ""
	}
	for number, line := range strings.Split(string(file.Text), "\n") {
		if !strings.HasPrefix(line, "## ") {
			text += "\n" + line
			continue
		}
		end()
		match := entryHeading.FindStringSubmatch(line)
		if match == nil {
			w.add(file.Path, number+1, "no heading of an entry; write ## E1234: what the error is")
			continue
		}
		code, place = match[1], Fault{Path: file.Path, Line: number + 1}
		if first, ok := w.entries[code]; ok {
			w.add(place.Path, place.Line, "%s is also in %s:%d", code, first.Path, first.Line)
			continue
		}
		w.entries[code] = place
	}
	end()
}

// starlarkCode ends the text of a failure.
var starlarkCode = regexp.MustCompile(` \[(E9[0-9]{3})\]$`)

// isRuleCode tells whether a file is Starlark that users' builds run.
func isRuleCode(name string) bool {
	if !strings.HasSuffix(name, ".bzl") {
		return false
	}
	for _, dir := range []string{"rules/", "toolchain/", "tools/"} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

// checkStarlark finds calls of fail without a text that ends with a code.
func (w *errorWalk) checkStarlark(file File) {
	text := string(file.Text)
	line, word := 1, "" // word is the name before the current character
	var calls []starlarkCall
	depth := 0
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '#':
			if end := strings.IndexByte(text[i:], '\n'); end >= 0 {
				i += end
				continue
			}
			i = len(text)
			continue
		case c == '"' || c == '\'':
			content, length := starlarkString(text[i:])
			if n := len(calls); n > 0 {
				if match := starlarkCode.FindStringSubmatch(content); match != nil {
					calls[n-1].code = match[1]
				}
			}
			line += strings.Count(text[i:i+length], "\n")
			i += length
			word = ""
			continue
		case c == '(':
			depth++
			if word == "fail" {
				calls = append(calls, starlarkCall{depth: depth, line: line})
			}
		case c == ')':
			if n := len(calls); n > 0 && calls[n-1].depth == depth {
				w.endCall(file, calls[n-1])
				calls = calls[:n-1]
			}
			depth--
		case c == '\n':
			line++
		}
		if isWord(c) {
			word += string(c)
		} else {
			word = ""
		}
		i++
	}
}

// starlarkCall is a call of fail.
type starlarkCall struct {
	depth, line int
	code        string // at the end of one of its texts
}

func (w *errorWalk) endCall(file File, call starlarkCall) {
	if call.code == "" {
		w.add(file.Path, call.line, "fail without a code; end its text with one, such as [E9001]")
		return
	}
	w.used[call.code] = true
	w.starlark = append(w.starlark, Fault{file.Path, call.line, call.code})
}

func isWord(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// starlarkString returns the content of the string literal that a text begins
// with, as it is written, and the length of the literal.
func starlarkString(text string) (content string, length int) {
	quote := text[:1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(text, triple) {
		quote = triple
	}
	for i := len(quote); i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], quote):
			return text[len(quote):i], i + len(quote)
		}
	}
	return text[len(quote):], len(text)
}
