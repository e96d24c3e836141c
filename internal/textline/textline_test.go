// SPDX-License-Identifier: Apache-2.0

package textline

import (
	"errors"
	"strings"
	"testing"
)

func TestEscape(t *testing.T) {
	for s, want := range map[string]string{
		"":                     "",
		"a.o: .text+0x4: _x":   "a.o: .text+0x4: _x",
		"äöü … 漢字":             "äöü … 漢字",
		"\x1b[31mred\x1b[0m":   `\x1b[31mred\x1b[0m`,
		"a\nerror: b\r\tc\x00": `a\nerror: b\r\tc\x00`,
		"\x7f\u009b\u202e":     `\x7f\u009b\u202e`,
		"\xff\xc3(\xe6\xbc":    `\xff\xc3(\xe6\xbc`,
		"\ufffd":               "\ufffd",
		`back\slash "quoted"`:  `back\slash "quoted"`,
	} {
		if got := Escape(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// Each call writes one line, whatever is in it.
func TestWriter(t *testing.T) {
	var b strings.Builder
	w := NewWriter(&b)
	w.Linef("%s: %d", "one\ntwo", 3)
	w.Line("")
	w.Line("100%\x1b[K")
	if want := "one\\ntwo: 3\n\n100%\\x1b[K\n"; b.String() != want || w.Err() != nil {
		t.Errorf("got %q, %v, want %q", b.String(), w.Err(), want)
	}
}

type full struct{ written int }

func (f *full) Write(b []byte) (int, error) {
	f.written++
	return 0, errors.New("full " + string(b))
}

// The first error is kept.
func TestWriterError(t *testing.T) {
	w := NewWriter(&full{})
	w.Line("a")
	w.Line("b")
	if w.Err() == nil || w.Err().Error() != "full a\n" {
		t.Errorf("got %v", w.Err())
	}
}

// The newlines of a text divide its lines; other control characters are escaped.
func TestText(t *testing.T) {
	var b strings.Builder
	NewWriter(&b).Text("one\x1b[m\ntwo\n")
	if got, want := b.String(), "one\\x1b[m\ntwo\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
