// SPDX-License-Identifier: Apache-2.0

// Package textline writes messages and reports for people: lines of text that
// hold names from files.
//
// A name may have any bytes. Escape sequences would change what a terminal shows,
// and a newline would begin a line that nobody wrote. A [Writer] therefore takes
// whole lines, and writes each as one line of printable text.
package textline

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Escape returns s as one line of printable text: control characters, newlines
// and other characters that do not print, and bytes that are not UTF-8, become
// the escapes of Go's strings, such as \x1b.
func Escape(s string) string {
	if isPlain(s) {
		return s
	}
	return string(appendEscaped(nil, s))
}

// isPlain reports whether s consists of printable ASCII characters, as nearly all
// text does.
func isPlain[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// appendEscaped appends the escaped form of s.
func appendEscaped(b []byte, s string) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b = fmt.Appendf(b, `\x%02x`, s[0])
		case strconv.IsPrint(r):
			b = append(b, s[:n]...)
		default:
			quoted := strconv.QuoteRune(r)
			b = append(b, quoted[1:len(quoted)-1]...)
		}
		s = s[n:]
	}
	return b
}

// Writer writes lines. It is no [io.Writer], so that nothing reaches the output
// unescaped by mistake.
type Writer struct {
	w    io.Writer
	line []byte
	err  error
}

// NewWriter returns a Writer that writes each line to w with one call.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Linef formats a line, escapes it and writes it with a newline.
func (w *Writer) Linef(format string, args ...any) {
	w.line = fmt.Appendf(w.line[:0], format, args...)
	if !isPlain(w.line) {
		w.line = appendEscaped(nil, string(w.line))
	}
	w.line = append(w.line, '\n')
	if _, err := w.w.Write(w.line); w.err == nil {
		w.err = err
	}
}

// Line escapes a line and writes it with a newline.
func (w *Writer) Line(s string) { w.Linef("%s", s) }

// Text writes the lines of a text whose newlines are meant.
func (w *Writer) Text(s string) {
	for line := range strings.Lines(s) {
		w.Line(strings.TrimSuffix(line, "\n"))
	}
}

// Err returns the first error of writing.
func (w *Writer) Err() error { return w.err }
