package rename_test

import (
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// checkGlob compares the matcher with matchSlowly.
func checkGlob(t *testing.T, pattern, name string) {
	t.Helper()
	match, err := rename.Glob(pattern)
	if err != nil {
		return
	}
	if got, want := match(name), matchSlowly(pattern, name); got != want {
		t.Errorf("%q matches %q: %v, want %v", pattern, name, got, want)
	}
}

// matchSlowly matches by trying each way; the pattern is a valid one.
func matchSlowly(p, s string) bool {
	if p == "" {
		return s == ""
	}
	if p[0] == '*' {
		for i := 0; i <= len(s); i++ {
			if matchSlowly(p[1:], s[i:]) {
				return true
			}
		}
		return false
	}
	if s == "" {
		return false
	}
	switch p[0] {
	case '?':
		return matchSlowly(p[1:], s[1:])
	case '\\':
		return p[1] == s[0] && matchSlowly(p[2:], s[1:])
	case '[':
		in, rest := setSlowly(p[1:], s[0])
		return in && matchSlowly(rest, s[1:])
	}
	return p[0] == s[0] && matchSlowly(p[1:], s[1:])
}

// setSlowly reports whether c is in the set behind a bracket, and what comes
// behind the set.
func setSlowly(p string, c byte) (in bool, rest string) {
	not := p[0] == '!' || p[0] == '^'
	if not {
		p = p[1:]
	}
	char := func() byte {
		if p[0] == '\\' {
			p = p[1:]
		}
		b := p[0]
		p = p[1:]
		return b
	}
	for first := true; first || p[0] != ']'; first = false {
		low := char()
		high := low
		if p[0] == '-' && p[1] != ']' {
			p = p[1:]
			high = char()
		}
		for b := int(low); b <= int(high); b++ {
			in = in || byte(b) == c
		}
	}
	return in != not, p[1:]
}
