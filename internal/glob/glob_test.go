// SPDX-License-Identifier: Apache-2.0

package glob

import (
	"strings"
	"testing"
)

// The dialects of the users.
var (
	script  = Dialect{Special: "*?[", RefuseBackslash: true, RefuseEmptyRange: true} // linker scripts
	objcopy = Dialect{Special: `*?[\`, RefuseClassLike: true}                        // objcopy --wildcard
	stars   = Dialect{Special: "*?"}                                                 // hyplink check
)

func compile(t testing.TB, d Dialect, pattern string) Pattern {
	t.Helper()
	p, err := d.Compile(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMatch(t *testing.T) {
	all := []Dialect{script, objcopy, stars}
	withSets := []Dialect{script, objcopy}
	for _, test := range []struct {
		dialects []Dialect
		pattern  string
		yes, no  []string
	}{
		{all, "", []string{""}, []string{"a"}},
		{all, ".text", []string{".text"}, []string{".text.", ".tex", "text", ""}},
		{all, "*", []string{"", "a", ".text", "a/b"}, nil},
		{all, ".text.*", []string{".text.", ".text.f", ".text.a/b.c"}, []string{".text", ".rodata.x"}},
		{all, "*.o", []string{".o", "a.o", "dir/a.o"}, []string{"a.oo", "o", ""}},
		{all, "*.text*", []string{".text", ".text.hot", "a.text.b"}, []string{".tex"}},
		{all, "a*b", []string{"ab", "aab", "axb", "abb"}, []string{"a", "b", "ba", "abc"}},
		{all, "ab*b", []string{"abb", "abxb"}, []string{"ab", "abbc"}}, // the ends cannot overlap
		{all, "a*b*c", []string{"abc", "axbxc", "abbcc", "abcbc"}, []string{"acb", "ac", "abca"}},
		{all, "a*b*c*d", []string{"abcd", "axbxcxd", "abbccd"}, []string{"acbd", "abc"}},
		{all, "*a*b*", []string{"ab", "xxaxxbxx"}, []string{"bxxa"}},
		{all, "**", []string{"", "x"}, nil},
		{all, "**a**", []string{"a", "ba", "ab"}, []string{"", "b"}},
		{all, "?", []string{"a", "*"}, []string{"", "ab"}},
		{all, "a?c", []string{"abc", "a.c", "a/c"}, []string{"ac", "abbc"}},
		{all, "?*", []string{"a", "ab"}, []string{""}},
		{all, "*?", []string{"a", "ab"}, []string{""}},
		{all, "*a?", []string{"ab", "aab", "aaa"}, []string{"a", "ba"}},
		{all, ".a..b", []string{".a..b"}, []string{".axb"}},
		{all, "é*", []string{"é", "éa"}, []string{"e"}},
		{withSets, "[a-c]", []string{"a", "b", "c"}, []string{"d", "", "ab"}},
		{withSets, "[a-c]x", []string{"ax", "bx", "cx"}, []string{"dx", "-x", "x"}},
		{withSets, "[!a-c]", []string{"d", "-", "!"}, []string{"a", "b", ""}},
		{withSets, "[^a-c]x", []string{"dx"}, []string{"ax", "x"}},
		{withSets, "[]a]", []string{"]", "a"}, []string{"b"}},
		{withSets, "[!]a]", []string{"b"}, []string{"]", "a"}},
		{withSets, "[a-]", []string{"a", "-"}, []string{"b"}},
		{withSets, "[-a]", []string{"a", "-"}, []string{"b"}},
		{withSets, "[*]", []string{"*"}, []string{"a"}},
		{withSets, "[[]", []string{"["}, []string{"]"}},
		{withSets, ".bss.[0-9a-zA-Z_]*", []string{".bss.x", ".bss.0.1"}, []string{".bss.", ".bss..L"}},
		{withSets, "x*[0-9]", []string{"x1", "xx1"}, []string{"x", "x1x"}},
		// What is special in one dialect means itself in another.
		{[]Dialect{stars}, "[a-c]*", []string{"[a-c]", "[a-c]x"}, []string{"a", "ax"}},
		{[]Dialect{stars}, `\*`, []string{`\`, `\x`}, []string{"*"}},
		{[]Dialect{script, stars}, `a\b`, []string{`a\b`}, []string{"ab"}},
		{[]Dialect{objcopy}, `a\bc`, []string{"abc"}, []string{`a\bc`}},
		{[]Dialect{objcopy}, `\*`, []string{"*"}, []string{"a", `\*`}},
		{[]Dialect{objcopy}, `*\*`, []string{"*", "a*"}, []string{"a"}},
		{[]Dialect{objcopy}, `\\*`, []string{`\`, `\a`}, []string{"a"}},
		{[]Dialect{objcopy}, `[\]]`, []string{"]"}, []string{`\`}},
		{[]Dialect{objcopy}, `[a-\c]`, []string{"a", "b", "c"}, []string{`\`, "-"}},
		{[]Dialect{objcopy}, "[z-a]b", nil, []string{"zb", "ab", "-b", "b"}},
		{[]Dialect{script}, "[:a]", []string{":", "a"}, []string{"b"}},
	} {
		for _, d := range test.dialects {
			p := compile(t, d, test.pattern)
			if p.String() != test.pattern {
				t.Errorf("String of %q: got %q", test.pattern, p.String())
			}
			if d.IsPattern(test.pattern) == p.IsLiteral() {
				t.Errorf("%q in the dialect %q: is it a literal: %v", test.pattern, d.Special, p.IsLiteral())
			}
			for _, s := range test.yes {
				if !p.Match(s) || !strings.HasPrefix(s, p.Prefix()) {
					t.Errorf("%q in the dialect %q does not match %q, or that does not start with %q", test.pattern, d.Special, s, p.Prefix())
				}
			}
			for _, s := range test.no {
				if p.Match(s) {
					t.Errorf("%q in the dialect %q matches %q", test.pattern, d.Special, s)
				}
			}
		}
	}
	for _, pattern := range []string{"a?c*", "[", `\`, ""} {
		if p := Stars(pattern); !p.Match(pattern) || p.Match("b") {
			t.Errorf("Stars(%q) does not match itself, or b", pattern)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		dialect       Dialect
		pattern, want string
	}{
		{script, "[ab", `unterminated [ in the pattern "[ab"; close it with ], or write [[]`},
		{objcopy, "x[", `unterminated [ in the pattern "x["; close it with ], or write [[]`},
		{script, "[]", `unterminated [ in the pattern "[]"; close it with ], or write [[]`},
		{objcopy, "[!]", `unterminated [ in the pattern "[!]"; close it with ], or write [[]`},
		{objcopy, `[a\]`, `unterminated [ in the pattern "[a\\]"; close it with ], or write [[]`},
		{script, ".[[:alpha:]]", `character class [:alpha:] in the pattern ".[[:alpha:]]"; write the characters, as in [a-z]`},
		{objcopy, "[[.x", `character class [. in the pattern "[[.x"; write the characters, as in [a-z]`},
		{objcopy, "[:alpha:]", `character class [:alpha:] in the pattern "[:alpha:]"; write the characters, as in [a-z]`},
		{objcopy, `[\[=]`, `character class [= in the pattern "[\\[=]"; write the characters, as in [a-z]`},
		{script, "[z-a]", `empty range z-a in the pattern "[z-a]"; write the smaller end first`},
		{script, `.a\**`, `backslash in the pattern ".a\\**"; match the character with ? or a set such as [*]`},
		{objcopy, `*a\`, `backslash at the end in the pattern "*a\\"; write \\ for the character itself`},
	} {
		if _, err := test.dialect.Compile(test.pattern); err == nil || err.Error() != test.want {
			t.Errorf("%q:\ngot  %v\nwant %s", test.pattern, err, test.want)
		}
	}
}

// words returns all words of up to n letters of the alphabet.
func words(alphabet string, n int) []string {
	list := []string{""}
	for from := 0; n > 0; n-- {
		to := len(list)
		for _, w := range list[from:to] {
			for i := range len(alphabet) {
				list = append(list, w+alphabet[i:i+1])
			}
		}
		from = to
	}
	return list
}

// TestExhaustive compares Match with the definition for all short patterns and
// names over a small alphabet.
func TestExhaustive(t *testing.T) {
	names := words("ab", 5)
	for _, pattern := range words("ab*?", 5) {
		p := compile(t, script, pattern)
		for _, n := range names {
			if got, want := p.Match(n), matchSlowly(script, pattern, n); got != want {
				t.Fatalf("%q matches %q: got %v, want %v", pattern, n, got, want)
			}
		}
	}
}

// TestTime matches patterns that need exponential time without care.
func TestTime(t *testing.T) {
	for _, d := range []Dialect{script, objcopy, stars} {
		p := compile(t, d, strings.Repeat("a*", 100)+"b")
		if p.Match(strings.Repeat("a", 10000) + "cbc") {
			t.Error("matches, want it not to")
		}
		if !p.Match(strings.Repeat("a", 10000) + "b") {
			t.Error("does not match, want it to")
		}
		if p = compile(t, d, strings.Repeat("*a", 200)+"b"); p.Match(strings.Repeat("a", 100_000)) {
			t.Error("matches, want it not to")
		}
	}
}

// matchSlowly matches by trying each way; the pattern is valid in the dialect.
func matchSlowly(d Dialect, p, s string) bool {
	if p == "" {
		return s == ""
	}
	special := byte(0)
	if strings.IndexByte(d.Special, p[0]) >= 0 {
		special = p[0]
	}
	if special == '*' {
		for i := 0; i <= len(s); i++ {
			if matchSlowly(d, p[1:], s[i:]) {
				return true
			}
		}
		return false
	}
	if s == "" {
		return false
	}
	switch special {
	case '?':
		return matchSlowly(d, p[1:], s[1:])
	case '\\':
		return p[1] == s[0] && matchSlowly(d, p[2:], s[1:])
	case '[':
		in, rest := setSlowly(d, p[1:], s[0])
		return in && matchSlowly(d, rest, s[1:])
	}
	return p[0] == s[0] && matchSlowly(d, p[1:], s[1:])
}

// setSlowly reports whether c is in the set after a bracket, and what comes
// after the set.
func setSlowly(d Dialect, p string, c byte) (in bool, rest string) {
	not := p[0] == '!' || p[0] == '^'
	if not {
		p = p[1:]
	}
	char := func() byte {
		if p[0] == '\\' && strings.Contains(d.Special, `\`) {
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

// FuzzGlob compares the matcher with one that tries every way.
func FuzzGlob(f *testing.F) {
	for _, s := range []string{"", "*", "a*b*c", "?", "[a-c]x", "[!a]*", `\*`, "[]a]", "[a-]", "[^]]", "***", "a[", `\`} {
		f.Add(s, "abc")
		f.Add(s, "a*")
		f.Add(s, "]")
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 12 || len(name) > 12 {
			return // the plain one is slow
		}
		for _, d := range []Dialect{script, objcopy, stars} {
			p, err := d.Compile(pattern)
			if err != nil {
				continue
			}
			if got, want := p.Match(name), matchSlowly(d, pattern, name); got != want {
				t.Errorf("%q in the dialect %q matches %q: %v, want %v", pattern, d.Special, name, got, want)
			}
		}
	})
}
