// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"fmt"
	"strings"
	"testing"
)

// member makes an archive member.
func member(name, date, data string) string {
	text := fmt.Sprintf("%-16s%-12s%-6s%-6s%-8s%-10d`\n%s", name+"/", date, "0", "0", "100644", len(data), data)
	if len(data)%2 == 1 {
		text += "\n"
	}
	return text
}

func TestDescribe(t *testing.T) {
	const ar = "!<arch>\n"
	for _, test := range []struct {
		name, a, b, kind string
		want             string // the lines
	}{
		{"text", "one\ntwo\nthree\n", "one\n2\nthree\n", "text", "line 2:\n- two\n+ 2"},
		{"newline", "one", "one\n", "text", "only the newline at the end differs"},
		{"date of a member", ar + member("a.o", "123", "data"), ar + member("a.o", "456", "data"), "archive", "member a.o: date 123 -> 456"},
		{"member", ar + member("a.txt", "0", "one\n"), ar + member("a.txt", "0", "two\n"), "archive", "member a.txt: text\n  line 1:\n  - one\n  + two"},
		{
			"order of members", ar + member("a", "0", "x\n") + member("b", "0", "y\n"), ar + member("b", "0", "y\n") + member("a", "0", "x\n"), "archive",
			"members from number 1 on:\n- a\nmembers from number 3 on:\n+ a",
		},
		{"damaged archive", ar + "short", ar + member("a", "0", "x\n"), "binary", "size 13 -> 70 bytes\n+0x8:"},
		{"damaged object", "\x7fELF\x02", "\x7fELF\x01", "binary", "+0x4:\n- 7f 45 4c 46 02  .ELF.\n+ 7f 45 4c 46 01  .ELF.\n1 of 5 bytes differ"},
		{"cut off", "\x00abc", "\x00ab", "binary", "size 4 -> 3 bytes"},
	} {
		f := describeFile("x", []byte(test.a), nil, []byte(test.b), nil)
		if got := strings.Join(f.Lines, "\n"); f.Type != test.kind || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %s:\n%s\nwant %s:\n%s", test.name, f.Type, got, test.kind, test.want)
		}
	}
}

// TestLimits has many differences, long lines and control characters.
func TestLimits(t *testing.T) {
	var a, b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&a, "%d a\n", i)
		fmt.Fprintf(&b, "%d %s\x1b[31m\n", i, strings.Repeat("b", 1000))
	}
	f := describeFile("x", []byte(a.String()), nil, []byte(b.String()), nil)
	if len(f.Lines) != maxLines+1 || !strings.HasSuffix(f.Lines[maxLines], "more lines") {
		t.Errorf("%d lines, the last one %q", len(f.Lines), f.Lines[len(f.Lines)-1])
	}
	f = describeFile("x", []byte("a\n"), nil, []byte("\x1b[31m\n"), nil)
	if f.Lines[2] != `+ \x1b[31m` {
		t.Errorf("got %q", f.Lines)
	}
}

func FuzzDescribe(f *testing.F) {
	f.Add([]byte("!<arch>\n"+member("a", "0", "x\n")), []byte("!<arch>\n"+member("a", "1", "y\n")))
	f.Add([]byte("\x7fELF\x02\x01\x01"), []byte("\x7fELF\x02\x01\x00"))
	f.Add([]byte("a\nb\n"), []byte("a\nc\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if string(a) == string(b) {
			return
		}
		if d := describeFile("x", a, nil, b, nil); len(d.Lines) == 0 || len(d.Lines) > maxLines+1 {
			t.Errorf("%d lines", len(d.Lines))
		}
	})
}

func TestMinimize(t *testing.T) {
	names := strings.Split("abcdefghijklmno", "")
	for _, want := range []string{"a", "o", "h", "ah", "fg", "ao", "cgk"} {
		tests := 0
		got, err := minimize(names, func(part []string) (bool, error) {
			tests++
			for _, c := range strings.Split(want, "") {
				if !strings.Contains(strings.Join(part, ""), c) {
					return false, nil
				}
			}
			return true, nil
		})
		if err != nil || strings.Join(got, "") != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		if len(want) == 1 && tests > 8 {
			t.Errorf("%s: %d tests", want, tests)
		}
	}
}

func TestHTMLEscapes(t *testing.T) {
	r := newReport(Options{Targets: []string{"//:<script>"}})
	r.Findings = []Finding{{Kind: Result, Action: Action{Mnemonic: "<b>"}, Files: []FileDifference{{Path: "p", Type: "text", Lines: []string{"</pre><script>alert(1)</script>"}}}}}
	var page strings.Builder
	if err := r.WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script>") || strings.Contains(page.String(), "<b>") || strings.Contains(page.String(), "http") {
		t.Errorf("got %s", &page)
	}
}
