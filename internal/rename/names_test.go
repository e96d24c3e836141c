package rename

import (
	"strings"
	"testing"
)

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, yes, no string // names, with blanks between them
	}{
		{"*", "a abc a/b .x", ""},
		{"?", "a *", "ab"},
		{"a*c", "ac abc a*c abcbc", "ab abcd xac"},
		{"*.text*", ".text .text.hot a.text.b", ".tex"},
		{"a*b*c*d", "abcd axbxcxd abbccd", "acbd abc"},
		{"[a-c]x", "ax bx cx", "dx -x x"},
		{"[!a-c]x", "dx -x", "ax bx"},
		{"[^a]x", "bx", "ax"},
		{"[]a]", "] a", "b"},
		{"[a-]", "a -", "b"},
		{`[\]]`, "]", `\`},
		{`\*`, "*", "a"},
		{`a\bc`, "abc", `a\bc`},
		{"[[]", "[", "]"},
	} {
		g, err := compileGlob(tt.pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, s := range strings.Fields(tt.yes) {
			if !g.match(s) {
				t.Errorf("%s does not match %s", tt.pattern, s)
			}
		}
		for _, s := range strings.Fields(tt.no) {
			if g.match(s) {
				t.Errorf("%s matches %s", tt.pattern, s)
			}
		}
	}
	if g, _ := compileGlob("*"); !g.match("") {
		t.Error("* does not match the empty name")
	}
}

// A pattern of many stars must not take time that grows with each of them.
func TestGlobIsBounded(t *testing.T) {
	g, err := compileGlob(strings.Repeat("*a", 200) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if g.match(strings.Repeat("a", 100_000)) {
		t.Error("matched")
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
