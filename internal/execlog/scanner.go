// SPDX-License-Identifier: Apache-2.0

package execlog

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// scanner reads JSON by the value that is expected. It takes null for any value, as
// protobuf's JSON does, and leaves what it is given alone.
type scanner struct {
	data    []byte
	pos     int
	scratch []byte
}

// errCut is the end of the data inside a value.
var errCut = &problem{errcode.LogTruncated, "the log ends inside a spawn", adviceCut}

// maxDepth is how deep a skipped value may be nested.
const maxDepth = 64

// peek skips blanks and returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\n', '\r', '\t':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// want fails at a byte other than the one expected.
func (s *scanner) want(what string) error {
	if s.pos >= len(s.data) {
		return errCut
	}
	return damaged("%q where the JSON should have %s", s.data[s.pos], what)
}

func (s *scanner) expect(c byte, what string) error {
	if s.peek() != c || s.pos >= len(s.data) {
		return s.want(what)
	}
	s.pos++
	return nil
}

// literal reads one of the words of JSON.
func (s *scanner) literal(word string) error {
	if len(s.data)-s.pos < len(word) {
		if bytes.HasPrefix([]byte(word), s.data[s.pos:]) {
			return errCut
		}
	} else if string(s.data[s.pos:s.pos+len(word)]) == word {
		s.pos += len(word)
		return nil
	}
	return damaged("an unknown word in the JSON")
}

// list reads an object or array without what its elements are.
func (s *scanner) list(open, close byte, what string, element func() error) error {
	if s.peek() == 'n' {
		return s.literal("null")
	}
	if err := s.expect(open, what); err != nil {
		return err
	}
	if s.peek() == close {
		s.pos++
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case close:
			s.pos++
			return nil
		default:
			return s.want("a comma or " + string(close))
		}
	}
}

// object calls member for each member of an object, which has to read its value. The
// key is valid until the next call of a method.
func (s *scanner) object(member func(key []byte) error) error {
	return s.list('{', '}', "an object", func() error {
		key, err := s.string()
		if err != nil {
			return err
		}
		// Reading the colon leaves the key alone.
		if err := s.expect(':', "a colon"); err != nil {
			return err
		}
		return member(key)
	})
}

// array calls element for each element, which has to read it.
func (s *scanner) array(element func() error) error {
	return s.list('[', ']', "an array", element)
}

// string reads a string. It is valid until the next call.
func (s *scanner) string() ([]byte, error) {
	if s.peek() == 'n' {
		return nil, s.literal("null")
	}
	if err := s.expect('"', "a string"); err != nil {
		return nil, err
	}
	rest := s.data[s.pos:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return nil, errCut
	}
	if escape := bytes.IndexByte(rest[:end], '\\'); escape >= 0 {
		return s.escaped(escape)
	}
	s.pos += end + 1
	return rest[:end], nil
}

// escaped reads the rest of a string with escapes, of which the first is n bytes on.
func (s *scanner) escaped(n int) ([]byte, error) {
	out := append(s.scratch[:0], s.data[s.pos:s.pos+n]...)
	s.pos += n
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		s.pos++
		switch c {
		case '"':
			s.scratch = out
			return out, nil
		case '\\':
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
	}
	return nil, errCut
}

// escape reads an escape after its backslash.
func (s *scanner) escape() (rune, error) {
	if s.pos >= len(s.data) {
		return 0, errCut
	}
	c := s.data[s.pos]
	s.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := s.hex()
		if err != nil || !utf16.IsSurrogate(r) || !bytes.HasPrefix(s.data[s.pos:], []byte(`\u`)) {
			return r, err
		}
		s.pos += 2
		low, err := s.hex()
		return utf16.DecodeRune(r, low), err
	}
	return 0, damaged("an unknown escape in the JSON")
}

// hex reads the four digits of a \u escape.
func (s *scanner) hex() (rune, error) {
	if len(s.data)-s.pos < 4 {
		return 0, errCut
	}
	v, err := strconv.ParseUint(string(s.data[s.pos:s.pos+4]), 16, 16)
	if err != nil {
		return 0, damaged("an unknown escape in the JSON")
	}
	s.pos += 4
	return rune(v), nil
}

// bool reads true or false.
func (s *scanner) bool() (bool, error) {
	switch s.peek() {
	case 't':
		return true, s.literal("true")
	case 'f':
		return false, s.literal("false")
	case 'n':
		return false, s.literal("null")
	}
	return false, s.want("true or false")
}

// int reads a number; one of 64 bits is in a string.
func (s *scanner) int() (int64, error) {
	var digits []byte
	switch c := s.peek(); {
	case c == 'n':
		return 0, s.literal("null")
	case c == '"':
		var err error
		if digits, err = s.string(); err != nil {
			return 0, err
		}
	default:
		start := s.pos
		for s.pos < len(s.data) && (s.data[s.pos] == '-' || '0' <= s.data[s.pos] && s.data[s.pos] <= '9') {
			s.pos++
		}
		if s.pos == len(s.data) {
			return 0, errCut
		}
		digits = s.data[start:s.pos]
	}
	v, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return 0, damaged("a number that is none: %.40q", digits)
	}
	return v, nil
}

// skip reads any value.
func (s *scanner) skip(depth int) error {
	if depth == 0 {
		return damaged("JSON that is nested too deep")
	}
	switch s.peek() {
	case '{':
		return s.object(func([]byte) error { return s.skip(depth - 1) })
	case '[':
		return s.array(func() error { return s.skip(depth - 1) })
	case '"':
		_, err := s.string()
		return err
	case 't', 'f':
		_, err := s.bool()
		return err
	case 'n':
		return s.literal("null")
	}
	_, err := s.int()
	return err
}
