// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"strings"
	"testing"
)

// sideText formats the sides of a unit.
func sideText(list []Side) string {
	var b strings.Builder
	text := func(l *Line) string {
		if l == nil {
			return ""
		}
		return fmt.Sprintf("%#x %s", l.Offset, l.Text)
	}
	for _, s := range list {
		switch {
		case s.Skipped > 0:
			fmt.Fprintf(&b, "… %d %v\n", s.Skipped, s.Cut)
		case s.Same:
			fmt.Fprintf(&b, "= %s | %s\n", text(s.A), text(s.B))
		default:
			fmt.Fprintf(&b, "! %s | %s\n", text(s.A), text(s.B))
		}
	}
	return b.String()
}

// An instruction that was replaced is beside the new one, what is new is beside
// nothing, and what is equal is beside itself.
func TestSides(t *testing.T) {
	r := compareEdited(t, Options{Sides: true}, shifted...)
	if len(r.Units) == 0 {
		t.Fatal("no unit differs")
	}
	got := sideText(r.Units[0].Sides)
	if strings.Count(got, "!  | 0x") != 1 || strings.Count(got, "!") != 1 || strings.Count(got, "= ") != sideContext*2 && strings.Count(got, "= ") < sideContext {
		t.Errorf("got\n%s", got)
	}
	for line := range strings.Lines(got) {
		if a, b, ok := strings.Cut(strings.TrimPrefix(line, "= "), " | "); ok && strings.HasPrefix(line, "= ") {
			_, a, _ = strings.Cut(a, " ")
			_, b, _ = strings.Cut(strings.TrimSpace(b), " ")
			if a != b {
				t.Errorf("equal lines are %q and %q", a, b)
			}
		}
	}
	// The sides have the lines of the report, and no others that differ.
	for _, u := range r.Units {
		n := 0
		for _, s := range u.Sides {
			if !s.Same && s.A != nil {
				n++
			}
			if !s.Same && s.B != nil {
				n++
			}
		}
		if len(u.Lines) > 0 && n != len(u.Lines) {
			t.Errorf("%s: %d lines differ side by side, %d in the report", u.Name, n, len(u.Lines))
		}
	}
	if plain := compareEdited(t, Options{}, shifted...); plain.Units[0].Sides != nil {
		t.Error("the sides were not asked for")
	}
}

// What is far from a difference is left out, and so is the rest of a large unit.
func TestSidesLimits(t *testing.T) {
	object := func(words int, edit ...int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "section .text PROGBITS AX align=4\n")
		for i := range words {
			word := "1f2003d5"
			for _, e := range edit {
				if e == i {
					word = "c0035fd6"
				}
			}
			fmt.Fprintf(&b, "  %s\n", word)
		}
		fmt.Fprintf(&b, "symbol f GLOBAL FUNC .text+0x0 size=%d\n", 4*words)
		return b.String()
	}
	run := func(a, b string) []Side {
		r, err := Run(parse(t, "a.o", a), parse(t, "b.o", b), Options{Sides: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range r.Units {
			if u.Name == "f" {
				return u.Sides
			}
		}
		t.Fatalf("f is equal: %+v", r)
		return nil
	}
	got := sideText(run(object(100), object(100, 50)))
	if !strings.HasPrefix(got, "… 44 false\n= ") || !strings.HasSuffix(got, "… 43 false\n") || strings.Count(got, "\n") != 2+2*sideContext+1 {
		t.Errorf("got\n%s", got)
	}
	whole := run("section .data PROGBITS WA align=4\n  00000000\n", object(maxSides+10))
	if last := whole[len(whole)-1]; len(whole) != maxSides+1 || last.Skipped != 10 || !last.Cut {
		t.Errorf("%d lines, the last is %+v", len(whole), last)
	}
}
