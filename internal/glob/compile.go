// SPDX-License-Identifier: Apache-2.0

package glob

import (
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Error says what is wrong with a pattern, and what to write instead. What is a
// part of the pattern, such as "unterminated [".
type Error struct {
	Code                  errcode.Code
	Pattern, What, Advice string
}

// Error formats e as `what in the pattern "…"; what to do`.
func (e *Error) Error() string {
	return fmt.Sprintf("%s in the pattern %q; %s", e.What, e.Pattern, e.Advice)
}

// ErrorCode returns the kind of the error.
func (e *Error) ErrorCode() errcode.Code { return e.Code }

// badPattern is about a part of a pattern; Compile knows the whole.
func badPattern(what, advice string) *Error {
	return &Error{Code: errcode.BadPattern, What: what, Advice: advice}
}

// Stars compiles a pattern in the dialect in which `*` and `?` alone are special,
// and which has no errors.
func Stars(text string) Pattern {
	p, _ := Dialect{Special: "*?"}.Compile(text)
	return p
}

// Compile compiles a pattern. An error is an *Error.
func (d Dialect) Compile(text string) (Pattern, error) {
	p := Pattern{text: text, prefix: text}
	first := strings.IndexAny(text, d.Special)
	if first < 0 {
		return p, nil
	}
	if d.RefuseBackslash && strings.Contains(text, `\`) {
		return p, &Error{errcode.BadPattern, text, "backslash", "match the character with ? or a set such as [*]"}
	}
	p.prefix = text[:first]
	for rest := text[first:]; rest != ""; {
		e, n, err := d.element(rest)
		if err != nil {
			err.Pattern = text
			return p, err
		}
		rest = rest[n:]
		if k := len(p.elems); e.star && k > 0 && p.elems[k-1].star {
			continue
		}
		p.elems = append(p.elems, e)
	}
	p.splitTail()
	return p, nil
}

// element compiles what s begins with, and returns its length.
func (d Dialect) element(s string) (elem, int, *Error) {
	if strings.IndexByte(d.Special, s[0]) < 0 {
		return elem{c: s[0]}, 1, nil
	}
	switch s[0] {
	case '*':
		return elem{star: true}, 1, nil
	case '?':
		return elem{set: anyByte}, 1, nil
	case '\\':
		if len(s) == 1 {
			return elem{}, 0, badPattern("backslash at the end", `write \\ for the character itself`)
		}
		return elem{c: s[1]}, 2, nil
	}
	set, n, err := d.set(s)
	return elem{set: set}, n, err
}

// set compiles the set that s begins with, and returns its length.
func (d Dialect) set(s string) (*byteSet, int, *Error) {
	set := new(byteSet)
	i := 1
	invert := i < len(s) && (s[i] == '!' || s[i] == '^')
	if invert {
		i++
	}
	escapes := strings.IndexByte(d.Special, '\\') >= 0
	next := func() byte {
		if escapes && s[i] == '\\' && i+1 < len(s) {
			i++
		}
		i++
		return s[i-1]
	}
	for first := true; ; first = false {
		if i >= len(s) {
			return nil, 0, badPattern("unterminated [", "close it with ], or write [[]")
		}
		if s[i] == ']' && !first {
			i++
			break
		}
		if isClass(s[i:]) {
			return nil, 0, classError(s[i:])
		}
		low := next()
		high := low
		if i+1 < len(s) && s[i] == '-' && s[i+1] != ']' {
			i++
			high = next()
		}
		if high < low && d.RefuseEmptyRange {
			return nil, 0, badPattern(fmt.Sprintf("empty range %c-%c", low, high), "write the smaller end first")
		}
		for c := int(low); c <= int(high); c++ {
			set.add(byte(c))
		}
	}
	if d.RefuseClassLike {
		for k := range i {
			if isClass(s[k:i]) {
				return nil, 0, classError(s[k:i])
			}
		}
	}
	if invert {
		for k := range set {
			set[k] = ^set[k]
		}
	}
	return set, i, nil
}

// isClass reports whether s begins as a character class, a collating symbol or an
// equivalence class does (POSIX.1-2017 XBD 9.3.5).
func isClass(s string) bool {
	return len(s) > 1 && s[0] == '[' && (s[1] == ':' || s[1] == '.' || s[1] == '=')
}

// classError is about the class that s begins with.
func classError(s string) *Error {
	// The longest name of a class has six letters.
	class := s[:2]
	if end := strings.Index(s[2:], s[1:2]+"]"); end >= 0 && end <= 8 {
		class = s[:2+end+2]
	}
	return badPattern("character class "+class, "write the characters, as in [a-z]")
}

// splitTail moves the single bytes after the last star into p.tail, so that a
// suffix is compared in one step and before anything else.
func (p *Pattern) splitTail() {
	n := len(p.elems)
	for n > 0 && !p.elems[n-1].star && p.elems[n-1].set == nil {
		n--
	}
	if n == 0 || !p.elems[n-1].star {
		return
	}
	var tail strings.Builder
	for _, e := range p.elems[n:] {
		tail.WriteByte(e.c)
	}
	p.tail = tail.String()
	p.elems = p.elems[:n]
	p.simple = n == 1
}
