// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseQuotes(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"plain", `gcc -c a.c`, []string{"gcc", "-c", "a.c"}},
		{"single quotes around double", `gcc -DNAME='"a.nvhe"'`, []string{"gcc", `-DNAME="a.nvhe"`}},
		{"escaped quote outside", `x 'a'\''b'`, []string{"x", "a'b"}},
		{"escaped quotes", `x \"a\ b\"`, []string{"x", `"a b"`}},
		{"double quotes keep a backslash", `x "a\b\"c\\"`, []string{"x", `a\b"c\`}},
		{"quoted dollar", `x '$(srctree)/a' "\$b"`, []string{"x", "$(srctree)/a", "$b"}},
		{"joined line", "x a\\\n\tb", []string{"x", "a", "b"}},
		{"joined word", "x a\\\nb", []string{"x", "ab"}},
		{"empty words", `x '' ""`, []string{"x", "", ""}},
		{"glob is literal", `x a*.[ch]`, []string{"x", "a*.[ch]"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			commands, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if len(commands) != 1 || !reflect.DeepEqual(commands[0].Words, test.want) {
				t.Errorf("Parse(%q) = %+v, want %q", test.text, commands, test.want)
			}
		})
	}
}

func TestParseCommands(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []Command
	}{
		{
			// scripts/Kbuild.include, cmd: the echoed text is one word and no command.
			"kbuild recipe",
			`set -e;  echo '  cc -DX='\''"y"'\'' a.c';   trap 'rm -f a.o; trap - HUP; kill -s HUP $$' HUP; cc -DX='"y"' a.c`,
			[]Command{
				{Words: []string{"set", "-e"}},
				{Words: []string{"echo", `  cc -DX='"y"' a.c`}},
				{Words: []string{"trap", "rm -f a.o; trap - HUP; kill -s HUP $$", "HUP"}},
				{Words: []string{"cc", `-DX="y"`, "a.c"}},
			},
		},
		{"redirection", `gen a.o > a.S`, []Command{{Words: []string{"gen", "a.o"}, Output: "a.S"}}},
		{"standard error is no output", `gen 2>/dev/null`, []Command{{Words: []string{"gen"}}}},
		{"list", `a && b`, []Command{{Words: []string{"a"}}, {Words: []string{"b"}}}},
		{"alternative", `a || b`, []Command{{Words: []string{"a"}, Nested: true}, {Words: []string{"b"}, Nested: true}}},
		{"pipeline", `a x | b`, []Command{{Words: []string{"a", "x"}, Nested: true}, {Words: []string{"b"}, Nested: true}}},
		{"condition", `if nm a.o; then cc -o $x.o; fi`, []Command{
			{Words: []string{"nm", "a.o"}, Nested: true},
			{Words: []string{"cc", "-o", ".o"}, Nested: true},
		}},
		{"subshell", `(a)`, []Command{{Words: []string{"a"}, Nested: true}}},
		{"comment", `# a`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("Parse(%q) = %+v, want %+v", test.text, got, test.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{`cc $FLAGS`, "cc `pwd`", `cc "$X"`, `cc > $X`, `cc ~/a$(b)`} {
		if _, err := Parse(text); !errors.Is(err, errExpansion) {
			t.Errorf("Parse(%q): got error %v, want one about the expansion", text, err)
		}
	}
	for _, text := range []string{`cc 'a`, `if a; then b`, `)`} {
		if _, err := Parse(text); err == nil {
			t.Errorf("Parse(%q): got no error", text)
		}
	}
}

func TestLines(t *testing.T) {
	got := Lines("a\nb \\\n c\n\nd")
	want := []Line{{1, "a"}, {2, "b \\\n c"}, {4, ""}, {5, "d"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// FuzzQuote has a shell read back what Quote quotes.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"a", "", "it's", `"$(x)" \`, "a\nb", "-D\x01=é", "#c", "~", "a=b"} {
		f.Add("x", seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		// A command line has no NUL, the parser drops carriage returns, and it refuses what is not UTF-8.
		if strings.ContainsAny(first+second, "\x00\r") || !utf8.ValidString(first) || !utf8.ValidString(second) {
			return
		}
		// The first word must be a program: NAME=VALUE would be an assignment.
		words := []string{"/" + first, second}
		commands, err := Parse(Quote(words))
		if err != nil {
			t.Fatalf("%q: %v", Quote(words), err)
		}
		if len(commands) != 1 || !reflect.DeepEqual(commands[0].Words, words) {
			t.Errorf("%q: got %+v, want %q", Quote(words), commands, words)
		}
	})
}
