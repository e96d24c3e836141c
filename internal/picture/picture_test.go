// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/sizes"
)

// sample has a call by a relocation and one that the assembler resolved, an address
// that .hyp.reloc lists, one that it does not, and a reference to another object.
const sample = `
machine AArch64
section .hyp.text PROGBITS AX align=4
  00000094 c0035fd6 feffff97 c0035fd6 00000094
  +0x0 R_AARCH64_CALL26 __p_g+0
  +0x10 R_AARCH64_CALL26 __p_host+0
section .hyp.data PROGBITS WA align=8
  00000000 00000000 00000000 00000000
  +0x0 R_AARCH64_ABS64 __p_f+0
  +0x8 R_AARCH64_ABS64 [.hyp.text]+8
section .hyp.reloc PROGBITS A align=1
  00000000
  +0x0 R_AARCH64_PREL32 __p___hyp_section_.hyp.data+0
symbol __p_run.c LOCAL FILE ABS
symbol [.hyp.text] LOCAL SECTION .hyp.text+0x0
symbol __p_$x LOCAL NOTYPE .hyp.text+0x0
symbol __p_inner LOCAL NOTYPE .hyp.text+0x4
symbol __p_f GLOBAL FUNC .hyp.text+0x0 size=8
symbol __p_g GLOBAL FUNC .hyp.text+0x8 size=12
symbol __p_table GLOBAL OBJECT .hyp.data+0x0 size=16
symbol __p___hyp_section_.hyp.data GLOBAL NOTYPE .hyp.data+0x0
symbol __p_host GLOBAL NOTYPE UND
`

func parse(t testing.TB, text string) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse("dir/hyp.o", text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func layoutPage(t testing.TB, o *elfobj.Object) string {
	t.Helper()
	var page bytes.Buffer
	if err := WriteLayout(&page, o, layout.Options{}); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

// dataOf returns the data of a page.
func dataOf(t testing.TB, page string) map[string]any {
	t.Helper()
	const start = `<script type="application/json" id="data">`
	_, text, ok := strings.Cut(page, start)
	if !ok {
		t.Fatal("the page has no data")
	}
	text, rest, _ := strings.Cut(text, "</script>")
	if strings.Count(rest, "</script>") != 1 || strings.Count(page, "<script") != 2 {
		t.Error("the page has other scripts than its own")
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
	return v
}

func TestReferences(t *testing.T) {
	o := parse(t, sample)
	m, err := sizes.Of(o, layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := newNodes(m)
	refs, err := references(m, n.external)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range refs {
		kind := "branch"
		if r.kind != branch {
			kind = o.Machine.RelocName(uint32(r.kind))
		}
		got = append(got, fmt.Sprintf("%s -> %s %s %v %d", n.list[r.from].name, n.list[r.to].name, kind, r.hyp, r.count))
	}
	want := []string{
		"__p_f -> __p_g R_AARCH64_CALL26 false 1",
		"__p_g -> __p_f branch false 1",
		"__p_g -> __p_host R_AARCH64_CALL26 false 1",
		"__p_table -> __p_f R_AARCH64_ABS64 true 1",
		"__p_table -> __p_g R_AARCH64_ABS64 false 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestData(t *testing.T) {
	page := layoutPage(t, parse(t, sample))
	d := dataOf(t, page)
	for name, want := range map[string]string{
		"name":       "hyp.o",
		"machine":    "AArch64, little-endian",
		"origin":     "file-symbols",
		"prefix":     "__p_",
		"hyp":        "true",
		"items":      "4",
		"labels":     "2",
		"names":      "[__p_f __p_g __p_table  __p_inner __p___hyp_section_.hyp.data __p_host]",
		"section":    "[1 1 2 3 1 2 0]",
		"offset":     "[0 8 0 0 4 0 0]",
		"size":       "[8 12 16 4 0 0 0]",
		"kind":       "[0 0 1 4 6 6 7]",
		"within":     "[0 2]",
		"files":      "[run.c]",
		"file":       "[1 1 0 0 1 0 0]",
		"attributes": "[GLOBAL FUNC GLOBAL OBJECT LOCAL NOTYPE GLOBAL NOTYPE]",
		"attribute":  "[1 1 2 0 3 4 4]",
		"refKinds":   "[R_AARCH64_CALL26 branch R_AARCH64_ABS64]",
		"refHyp":     "[0 0 0 1 0]",
	} {
		if got := fmt.Sprint(d[name]); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if again := layoutPage(t, parse(t, sample)); again != page {
		t.Error("the same object has another page")
	}
}

// The policy permits the page's own style and script, and nothing else.
func TestPolicy(t *testing.T) {
	page := layoutPage(t, parse(t, sample))
	for _, tag := range []string{"style", "script"} {
		_, text, _ := strings.Cut(page[strings.LastIndex(page, "<"+tag+">"):], ">")
		text, _, _ = strings.Cut(text, "</"+tag+">")
		if want := tag + "-src '" + hash(text) + "'"; !strings.Contains(page, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	for _, bad := range []string{"http:", "https:", "src=", "@import", "url(", "innerHTML", "unsafe-", "eval("} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

// Names reach the page as printable text of JSON.
func TestNames(t *testing.T) {
	o := parse(t, sample)
	names := []string{"</script><script>x", "<!--", "\x1b[31m", "a\u202eb", "\xff\xfe", "\u2028", "\n", "&amp;", `"`, "\\", "\x00"}
	for i, name := range names {
		o.Symbols[5+i%5].Name = name
		o.Sections[1].Name = name
		o.Name = name + ".o"
		page := layoutPage(t, o)
		d := dataOf(t, page)
		for _, r := range page {
			if r < ' ' && r != '\n' || r == 0x202e || r == 0x2028 || r == 0xfffd || r == 0x1b {
				t.Errorf("%q: the page has the character %U", name, r)
			}
		}
		if got := d["sections"].([]any)[0].(map[string]any)["name"].(string); got == "" || strings.ContainsAny(got, "\n\x00\x1b\u202e") {
			t.Errorf("%q is %q in the page", name, got)
		}
	}
}

// Sizes that a script has no exact number for are strings.
func TestLargeSizes(t *testing.T) {
	o := parse(t, sample+"section .hyp.bss NOBITS WA align=8 size=0xfffffffffffffff0\n")
	d := dataOf(t, layoutPage(t, o))
	sizes := d["size"].([]any)
	if got := fmt.Sprint(sizes[4]); got != "18446744073709551600" {
		t.Errorf("the size is %v in %v", got, sizes)
	}
	if _, isText := sizes[4].(string); !isText {
		t.Error("the size is a number, which a script would round")
	}
}

// An error of the output is returned.
func TestOutputError(t *testing.T) {
	if err := WriteLayout(full{}, parse(t, sample), layout.Options{}); err == nil || err.Error() != "full" {
		t.Errorf("got %v", err)
	}
	broken := &elfobj.Object{Name: "x.o", Machine: parse(t, sample).Machine}
	if page := layoutPage(t, broken); !strings.Contains(page, "x.o: layout") {
		t.Error("an object without sections has no page")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("full") }
