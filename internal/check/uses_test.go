// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
)

// An undefined symbol is named with each function that uses it, and the lines, in
// an object that is not linked yet, too.
func TestUsesHaveLines(t *testing.T) {
	o, err := elftext.Parse("stop.hyp.o", string(golden.Read(t, "debug.txt")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(o, Options{SectionPrefix: ""})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 {
		t.Fatalf("got %s, want one finding", textOf(r))
	}
	f := &r.Findings[0]
	if f.ID != "HYP002" || f.UsedSource != "stop.c:5" || f.UsedBy != "run" || len(f.OtherUses) != 1 ||
		f.OtherUses[0] != (Use{By: "stop", At: ".text+0x20", Source: "stop.c:12", Input: "stop.c"}) || f.MoreUses != 0 {
		t.Errorf("got %+v", f)
	}
	want := `(from stop.c, used by "run", at .text+0x8, line stop.c:5, also by "stop" at .text+0x20 (stop.c:12));`
	if text := textOf(r); !strings.Contains(text, want) {
		t.Errorf("got %s, want %s", text, want)
	}
}

// The lines of very many findings are not looked for.
func TestManyLines(t *testing.T) {
	o, err := elftext.Parse("stop.hyp.o", string(golden.Read(t, "debug.txt")))
	if err != nil {
		t.Fatal(err)
	}
	c, err := newChecker(o, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxLines {
		if got := c.line(1, 8); got != "stop.c:5" {
			t.Fatalf("place %d: got %q", i, got)
		}
	}
	if got := c.line(1, 8); got != "" {
		t.Errorf("got %q for one more", got)
	}
}

// Uses in one function count once, and only the first functions are listed.
func TestManyUses(t *testing.T) {
	var b strings.Builder
	const functions = 2 * (otherUses + 1)
	fmt.Fprintf(&b, "section .text PROGBITS AX align=4 size=%d\n  %s\n", 8*functions, strings.Repeat("00000094 00000094 ", functions))
	for i := range functions {
		fmt.Fprintf(&b, "  +%#x R_AARCH64_CALL26 host+0\n  +%#x R_AARCH64_CALL26 host+0\n", 8*i, 8*i+4)
	}
	for i := range functions {
		fmt.Fprintf(&b, "symbol f%d GLOBAL FUNC .text+%#x size=8\n", i, 8*i)
	}
	b.WriteString("symbol host GLOBAL NOTYPE UND\n")
	o, err := elftext.Parse("a.o", b.String())
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(o, Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &r.Findings[0]
	if len(r.Findings) != 1 || f.UsedBy != "f0" || len(f.OtherUses) != otherUses || f.OtherUses[0].By != "f1" || f.MoreUses != functions-1-otherUses {
		t.Errorf("got %+v", f)
	}
	if text, want := textOf(r), fmt.Sprintf("and %d more)", f.MoreUses); !strings.Contains(text, want) {
		t.Errorf("got %s, want %q in it", text, want)
	}
}
