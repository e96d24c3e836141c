// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		patterns  string // with blanks between them
		wildcards bool
		yes, no   string
	}{
		{"a b*", false, "a b*", "b bc"},
		{"a b*", true, "a b bc", "c"},
		{"!a", false, "!a", "a"},
		{"* !a?", true, "a abc b", "ab ac"},
		{"!a* a* b", true, "b", "a ab"},
		{`a\* [b-c]x`, true, "a* bx cx", `a ab a\* dx`},
	} {
		n, err := NewNames(strings.Fields(tt.patterns), tt.wildcards)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, s := range strings.Fields(tt.yes) {
			if !n.Has(s) {
				t.Errorf("%s has no %s", tt.patterns, s)
			}
		}
		for _, s := range strings.Fields(tt.no) {
			if n.Has(s) {
				t.Errorf("%s has %s", tt.patterns, s)
			}
		}
	}
	for pattern, want := range map[string]string{
		"":              "an empty name",
		"!":             "an empty name",
		"a[b":           `unterminated [ in the pattern "a[b"; close it with ], or write [[]`,
		"![b":           `unterminated [ in the pattern "[b"; close it with ], or write [[]`,
		"x[[:alpha:]]*": `character class [:alpha:] in the pattern "x[[:alpha:]]*"; write the characters, as in [a-z]`,
	} {
		if _, err := NewNames([]string{pattern}, true); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", pattern, err, want)
		}
	}
}

func TestNamesFromFile(t *testing.T) {
	got, err := NamesFromFile("names", []byte("# head\n\n one \ntwo# tail\n  # only\r\nthree\r\n"))
	if err != nil || strings.Join(got, " ") != "one two three" {
		t.Errorf("got %q, %v", got, err)
	}
	_, err = NamesFromFile("names", []byte("one\ntwo  three # x\n"))
	if want := `names:2:6: "three" after the name; put one name on each line`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestRedefinitionsFile(t *testing.T) {
	r := &Redefinitions{}
	if err := r.AddFile("syms", []byte("# renames\none 1\n\n two\t2 # the second\nx* y*\n"), true); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{"one": "1", "two": "2", "xyz": "yyz", "three": ""} {
		if to, ok := r.lookup(from); to != want || ok != (want != "") {
			t.Errorf("%s became %q, %v", from, to, ok)
		}
	}
	for text, want := range map[string]string{
		"one\n":          "syms:1:1: no new name for one; write both on one line",
		"a b\n  one 1 2": `syms:2:9: "2" after the new name; put one pair on each line`,
		"a b\na c\n":     "syms:2:1: a gets two new names, b and c; take one of the two out",
		"a c\nb c\n":     "syms:2:1: c is the new name of both a and b; take one of the two out",
		"a#b c\n":        "syms:1:1: no new name for a; write both on one line",
	} {
		err := (&Redefinitions{}).AddFile("syms", []byte(text), true)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
	// Without wildcards a star is a star, as in objcopy.
	r = &Redefinitions{}
	if err := r.Add("x*", "y*", false); err != nil {
		t.Fatal(err)
	}
	if to, ok := r.lookup("xyz"); ok {
		t.Errorf("xyz became %s", to)
	}
}
