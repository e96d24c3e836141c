package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The test binary is also objcopy: debug information is what follows a line "debug".
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "--strip-debug" {
		text, err := os.ReadFile(os.Args[2])
		if err != nil {
			os.Exit(1)
		}
		code, _, _ := bytes.Cut(text, []byte("debug\n"))
		if err := os.WriteFile(os.Args[3], code, 0o644); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestCompare(t *testing.T) {
	root := t.TempDir()
	put := func(name, text string) string {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	put("tree/arch/arm64/kvm/hyp/nvhe/a.nvhe.o", "code\ndebug\ntheirs")
	put("tree/arch/arm64/lib/b.nvhe.o", "code")
	tree := filepath.Join(root, "tree")
	for _, test := range []struct{ object, want string }{
		{put("a.hyp.o", "code\ndebug\nours"), ""},
		{put("a.nvhe.o", "code\ndebug\nours"), ""},
		{put("b.hyp.o", "cold"), "at byte 2"},
		{put("b.nvhe.o", "cold"), "at byte 2"},
		{put("c.hyp.o", "code"), "no c.nvhe.o in " + tree},
		{filepath.Join(root, "missing", "a.hyp.o"), "--strip-debug"},
	} {
		err := compare(os.Args[0], test.object, tree)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.object, err, test.want)
		}
	}
}

func TestFirstDifference(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"abc", "abd", 2}, {"ab", "abc", 2}, {"", "a", 0}} {
		if got := firstDifference([]byte(test.a), []byte(test.b)); got != test.want {
			t.Errorf("firstDifference(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
