package ldscript

import (
	"fmt"
	"testing"
)

func mustGlob(t testing.TB, pattern string) Glob {
	t.Helper()
	g, err := compileGlob(token{kind: tokQuoted, text: pattern})
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return g
}

func mustFileGlob(t testing.TB, pattern string) FileGlob {
	t.Helper()
	g, err := compileFileGlob(token{kind: tokQuoted, text: pattern})
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return g
}

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{".text", []string{".text"}, []string{".text.", ".tex", "text", ""}},
		{"*", []string{"", "a", ".text", "a/b"}, nil},
		{".text.*", []string{".text.", ".text.f", ".text.a/b.c"}, []string{".text", ".rodata.x"}},
		{"*.o", []string{".o", "a.o", "dir/a.o"}, []string{"a.oo", "o", ""}},
		{"a*b", []string{"ab", "aab", "axb", "abb"}, []string{"a", "b", "ba", "abc"}},
		{"ab*b", []string{"abb", "abxb"}, []string{"ab", "abbc"}}, // the ends cannot overlap
		{"a*b*c", []string{"abc", "axbxc", "abbcc", "abcbc"}, []string{"acb", "ac", "abca"}},
		{"**a**", []string{"a", "ba", "ab"}, []string{"", "b"}},
		{"a?c", []string{"abc", "a.c", "a/c"}, []string{"ac", "abbc"}},
		{"?*", []string{"a", "ab"}, []string{""}},
		{"*?", []string{"a", "ab"}, []string{""}},
		{"*a?", []string{"ab", "aab", "aaa"}, []string{"a", "ba"}},
		{"[a-c]", []string{"a", "b", "c"}, []string{"d", "", "ab"}},
		{"[!a-c]", []string{"d", "-", "!"}, []string{"a", "b", ""}},
		{"[^a-c]x", []string{"dx"}, []string{"ax", "x"}},
		{"[]a]", []string{"]", "a"}, []string{"b"}},
		{"[!]a]", []string{"b"}, []string{"]", "a"}},
		{"[a-]", []string{"a", "-"}, []string{"b"}},
		{"[-a]", []string{"a", "-"}, []string{"b"}},
		{"[*]", []string{"*"}, []string{"a"}},
		{".bss.[0-9a-zA-Z_]*", []string{".bss.x", ".bss.0.1"}, []string{".bss.", ".bss..L"}},
		{"x*[0-9]", []string{"x1", "xx1"}, []string{"x", "x1x"}},
		{".a..b", []string{".a..b"}, []string{".axb"}},
		{"é*", []string{"é", "éa"}, []string{"e"}},
	}
	for _, test := range tests {
		g := mustGlob(t, test.pattern)
		if g.String() != test.pattern {
			t.Errorf("String of %q: got %q", test.pattern, g.String())
		}
		for _, s := range test.yes {
			if !g.Match(s) {
				t.Errorf("%q does not match %q, want it to", test.pattern, s)
			}
		}
		for _, s := range test.no {
			if g.Match(s) {
				t.Errorf("%q matches %q, want it not to", test.pattern, s)
			}
		}
	}
}

// TestFileGlob follows what GNU ld 2.40 was seen to match.
func TestFileGlob(t *testing.T) {
	object := InputFile{Path: "out/switch.hyp.o"}
	member := InputFile{Path: "b.o", Archive: "lib/libx.a"}
	tests := []struct {
		pattern                                                string
		object, member, objectExcluded, memberExcluded, single bool
	}{
		{pattern: "*", object: true, member: true, objectExcluded: true, memberExcluded: true},
		{pattern: "*.o", object: true, member: true, objectExcluded: true, memberExcluded: true},
		{pattern: "out/switch.hyp.o", object: true, objectExcluded: true, single: true},
		{pattern: "switch.hyp.o", single: true},
		{pattern: "*switch.hyp.o", object: true, objectExcluded: true},
		{pattern: "out/*", object: true, objectExcluded: true},
		// A member goes by its own name, but not for a path without wildcards,
		// which names a file of the command line.
		{pattern: "b.o", memberExcluded: true, single: true},
		{pattern: "b.*", member: true, memberExcluded: true},
		// The archive's path counts in EXCLUDE_FILE only.
		{pattern: "*libx.a", memberExcluded: true},
		{pattern: "lib/libx.a", memberExcluded: true, single: true},
		// With a colon.
		{pattern: "*x.a:", member: true, memberExcluded: true},
		{pattern: "lib/libx.a:b.o", member: true, memberExcluded: true},
		{pattern: "*:*", member: true, memberExcluded: true},
		{pattern: "*x.a:a.o"},
		{pattern: "*y.a:b.o"},
		{pattern: ":*.o", object: true, objectExcluded: true},
		{pattern: ":b.o"},
		{pattern: ":out/switch.hyp.o", object: true, objectExcluded: true},
		// No pattern, so the backslash stands for itself.
		{pattern: `out/switch\.hyp.o`, single: true},
	}
	for _, test := range tests {
		g := mustFileGlob(t, test.pattern)
		got := fmt.Sprint(g.Match(object), g.Match(member), g.Excludes(object), g.Excludes(member), g.IsLiteral())
		want := fmt.Sprint(test.object, test.member, test.objectExcluded, test.memberExcluded, test.single)
		if got != want || g.String() != test.pattern {
			t.Errorf("%q: got %s (object, member, excludes object, excludes member, literal), want %s", test.pattern, got, want)
		}
	}
}

// simpleMatch is the definition of a pattern, without sets: slow, but plain.
func simpleMatch(pattern, s string) bool {
	switch {
	case pattern == "":
		return s == ""
	case pattern[0] == '*':
		return simpleMatch(pattern[1:], s) || s != "" && simpleMatch(pattern, s[1:])
	case s == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == s[0]) && simpleMatch(pattern[1:], s[1:])
}

// TestGlobExhaustive compares Match with the definition for all short patterns and
// names over a small alphabet.
func TestGlobExhaustive(t *testing.T) {
	patterns := words("ab*?", 5)
	names := words("ab", 5)
	for _, p := range patterns {
		g := mustGlob(t, p)
		for _, n := range names {
			if got, want := g.Match(n), simpleMatch(p, n); got != want {
				t.Fatalf("%q matches %q: got %v, want %v", p, n, got, want)
			}
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
