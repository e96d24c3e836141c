// SPDX-License-Identifier: Apache-2.0

package sizes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

func report(t *testing.T, text string) *Report {
	t.Helper()
	return reportOf(t, parse(t, text))
}

func reportOf(t *testing.T, o *elfobj.Object) *Report {
	t.Helper()
	m, err := Of(o, layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return NewReport(m)
}

func text(r *Report, top int) string {
	var b bytes.Buffer
	r.WriteText(textline.NewWriter(&b), top)
	return b.String()
}

func TestText(t *testing.T) {
	const want = `hyp.o: 76 bytes loaded; sources from FILE symbols

     bytes      share  section
        32      42.1%  .hyp.text
        24      31.6%  .hyp.bss
                       … 2 more sections; --top=-1 shows all

     bytes      share  source
        24      31.6%  a.c
         8      10.5%  b.c

     bytes      share  symbol
        16      21.1%  __p_b  (.hyp.bss)
        12      15.8%  __p_label  (.hyp.text, a.c)
                       … 7 more symbols; --top=-1 shows all
`
	if got := text(report(t, sample), 2); got != want {
		t.Errorf("got\n%s", got)
	}
}

// A symbol that grew, one that is smaller, one that is new and one that was removed.
func TestAgainst(t *testing.T) {
	base := report(t, sample)
	after := strings.NewReplacer(
		"  1f2003d5 1f2003d5 c0035fd6 1f2003d5", "  1f2003d5 1f2003d5 1f2003d5 1f2003d5 c0035fd6 1f2003d5",
		"__p_f LOCAL FUNC .hyp.text+0x0 size=8", "__p_f LOCAL FUNC .hyp.text+0x0 size=16",
		"symbol __p_$x LOCAL NOTYPE .hyp.text+0xc\n", "symbol __p_$x LOCAL NOTYPE .hyp.text+0x14\n",
		"__p_g LOCAL FUNC .hyp.text+0xc size=8", "__p_g LOCAL FUNC .hyp.text+0x14 size=8",
		"__p_label LOCAL NOTYPE .hyp.text+0x14", "__p_tail LOCAL NOTYPE .hyp.text+0x1c",
		"__p_c GLOBAL OBJECT .hyp.rodata+0x0 size=8", "__p_c GLOBAL OBJECT .hyp.rodata+0x0 size=4",
	).Replace(sample)
	r := report(t, after)
	r.Against(base)
	got := map[string]string{}
	for _, row := range r.Symbols {
		if row.Change != same {
			got[row.symbolName()+" in "+row.place()] = fmt.Sprintf("%s %d %d", row.Change, *row.BaseSize, row.Size)
		}
	}
	for name, want := range map[string]string{
		"__p_f in .hyp.text, a.c":     "grew 8 16",
		"__p_tail in .hyp.text, a.c":  "added 0 12",
		"__p_label in .hyp.text, a.c": "removed 12 0",
		"__p_c in .hyp.rodata":        "shrank 8 4",
		"(no symbol) in .hyp.rodata":  "added 0 4",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("also changed: %v", got)
	}
	if n, less := r.Growth(); n != 8 || less {
		t.Errorf("growth %d %v", n, less)
	}
	if head := text(r, 0); !strings.HasPrefix(head, "hyp.o: 84 bytes loaded, +8 (+10.5%) against hyp.o\n") {
		t.Error(head)
	}
	md := r.Markdown(2)
	for _, part := range []string{"**`hyp.o`**: 84 bytes loaded, **+8** (+10.5%)\n", "| `.hyp.text` | 32 | 40 | +8 |\n", "| `__p_tail` in `.hyp.text` of `a.c` |  | 12 | +12 |\n", "\n3 more symbols.\n"} {
		if !strings.Contains(md, part) {
			t.Errorf("%q is not in\n%s", part, md)
		}
	}
}

// Symbols of one name in several sources are paired by source, and one that moved by
// its name.
func TestPairs(t *testing.T) {
	rows := func(list ...string) []Row {
		var out []Row
		for i, name := range list {
			name, file, _ := strings.Cut(name, "@")
			out = append(out, Row{Name: name, File: file, Section: ".text", Kind: "function", Size: uint64(i + 1)})
		}
		return out
	}
	a := &Report{Symbols: rows("f@x/a.o", "f@x/b.o", "g@x/a.o", "h@x/a.o", "@x/a.o"), Objects: []Row{{Name: "x/a.hyp.o", Size: 5}}}
	b := &Report{Symbols: rows("f@y/b.o", "g@y/c.o", "f@y/a.o", "h@y/a.o", "h@y/b.o", "@y/c.o"), Objects: []Row{{Name: "y/a.nvhe.o", Size: 4}}}
	a.Against(b)
	got := map[string]string{}
	for _, row := range a.Symbols {
		got[row.Name+"@"+row.File] = fmt.Sprintf("%s %d", row.Change, *row.BaseSize)
	}
	for name, want := range map[string]string{
		"f@x/a.o": "shrank 3", "f@x/b.o": "grew 1", "g@x/a.o": "grew 2", "h@x/a.o": "same 4", "h@y/b.o": "removed 5", "@x/a.o": "added 0", "@y/c.o": "removed 6",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	if len(a.Objects) != 1 || a.Objects[0].Change != grew {
		t.Errorf("objects: %+v", a.Objects)
	}
}

// No name is markup of Markdown, and none ends its cell or its line.
func TestMarkdownNames(t *testing.T) {
	for _, name := range []string{
		"a|b", "`x`", "``", "@team", "#12", "[x](https://example.org)", "<script>alert(1)</script>", "![i](x)", "a\nb", "\u202e", "\xff", "*b*", "\\|", "&lt;", "", " ", "~~x~~", "\x00",
	} {
		o := parse(t, sample)
		o.Symbols[3].Name, o.Sections[1].Name, o.Name = name, name, name
		md := reportOf(t, o).Markdown(-1)
		for line := range strings.Lines(md) {
			line = strings.TrimSuffix(line, "\n")
			if strings.ContainsAny(line, "@<>![]\\~\x00\x1b\r") && strings.ContainsAny(strings.NewReplacer("<code>", "", "</code>", "").Replace(line), "@<>![]\\~\x00\x1b\r") {
				t.Errorf("%q: %s", name, line)
			}
			if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 4 {
				t.Errorf("%q: the row has %d cells: %s", name, strings.Count(line, "|")-1, line)
			}
			if strings.Count(line, "`")%2 != 0 {
				t.Errorf("%q: an open code span: %s", name, line)
			}
		}
	}
	for name, want := range map[string]string{"__kvm_nvhe_f.isra.0": "`__kvm_nvhe_f.isra.0`", "a|b": "<code>a&#124;b</code>", "": "<code></code>"} {
		if got := escape(name); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	r := report(t, sample)
	r.Against(report(t, sample))
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if back.Schema != Schema || *back.BaseLoaded != 76 || len(back.Symbols) != 9 || back.Symbols[0].Change != same {
		t.Errorf("%+v", back)
	}
	if text := text(r, -1); !strings.Contains(text, "as many as hyp.o") || !strings.Contains(text, "no section differs in size") {
		t.Error(text)
	}
}

// Sections without contents may have any size.
func TestOverflow(t *testing.T) {
	r := report(t, sample+"section .x NOBITS WA align=1 size=0xffffffffffffffff\nsection .y NOBITS WA align=1 size=0xffffffffffffffff\n")
	if r.Loaded != math.MaxUint64 {
		t.Errorf("loaded: %d", r.Loaded)
	}
	r.Against(report(t, sample))
	if n, less := r.Growth(); n != math.MaxUint64-76 || less {
		t.Errorf("growth: %d %v", n, less)
	}
	if got := share(math.MaxUint64, 3); got != "614891469123651720500.0%" {
		t.Errorf("share: %s", got)
	}
}

// An object without loaded bytes has a report.
func TestEmpty(t *testing.T) {
	r := report(t, "machine AArch64\n")
	if got := text(r, 5); got != "hyp.o: 0 bytes loaded; inputs not known\n" {
		t.Error(got)
	}
	r.Against(report(t, "machine AArch64\n"))
	if got := text(r, 5) + r.Markdown(5); !strings.Contains(got, "as many as") {
		t.Error(got)
	}
}
