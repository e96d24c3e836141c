// SPDX-License-Identifier: Apache-2.0

package link

import (
	"reflect"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// linkOne links an object with a section .text of four bytes by a script.
func linkOne(t *testing.T, script string) string {
	t.Helper()
	return linkText(t, "machine AArch64\nsection .text PROGBITS AX align=4\n  c0035fd6\nsymbol f GLOBAL FUNC .text+0x0 size=4\n", script)
}

// linkText links an object by a script, and returns the result or the error as text.
func linkText(t *testing.T, object, script string) string {
	t.Helper()
	o, err := elftext.Parse("a.o", object)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ldscript.Parse("s.lds", []byte(script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	out, err := Link([]*elfobj.Object{o}, Options{Name: "out.o", Script: s})
	if err == nil {
		out, err = throughBytes(out)
	}
	if err != nil {
		return "error: " + err.Error()
	}
	return elftext.Format(out)
}

// TestEveryStatement puts each type of statement into output sections: next to
// an input section, and alone, where it says whether there is a section and of
// which kind. None may be without effect.
func TestEveryStatement(t *testing.T) {
	cases := map[string][]struct{ section, want string }{ // want is what the section becomes
		"InputSpec": {
			{".out : { *(.text) }", "section .out PROGBITS AX align=4\n  c0035fd6\n"},
			{".out : { *(.none) }", ""},
		},
		"Assignment": {
			{".out : { s = .; *(.text) }", "section .out PROGBITS AX align=4\n  c0035fd6\nsymbol s GLOBAL NOTYPE .out+0x0\n"},
			{".out : { s = .; }", "section .out PROGBITS A align=1\n"},
			{".out : { . = . + 8; *(.text) }", "section .out PROGBITS AX align=4\n  00000000 00000000 c0035fd6\n"},
			{".out : { . = . + 8; }", "section .out NOBITS WA align=1 size=8\n"},
		},
		"Data": {
			{".out : { LONG(0x01020304) *(.text) }", "section .out PROGBITS AX align=4\n  04030201 c0035fd6\n"},
			{".out : { LONG(0x01020304) }", "section .out PROGBITS A align=1\n  04030201\n"},
			{".out : { s = .; LONG(0x01020304) }", "section .out PROGBITS WA align=1\n  04030201\n"},
			{".out : { LONG(0x01020304) s = .; }", "section .out PROGBITS A align=1\n  04030201\n"},
		},
		"Fill": {
			{".out : { FILL(0xab) *(.text) . = . + 4; }", "section .out PROGBITS AX align=4\n  c0035fd6 abababab\n"},
			{".out : { FILL(0xab) }", "section .out PROGBITS A align=1\n"},
			{".out : { FILL(0xab) LONG(1) }", "section .out PROGBITS WA align=1\n  01000000\n"},
		},
		"Assert": {
			{`.out : { ASSERT(0, "no"); *(.text) }`, "error: s.lds:1:21: assertion failed: no"},
			{`.out : { ASSERT(0, "no"); }`, "error: s.lds:1:21: assertion failed: no"},
			{`.out : { ASSERT(1, "yes"); *(.text) }`, "section .out PROGBITS AX align=4\n  c0035fd6\n"},
			{`.out : { ASSERT(1, "yes"); }`, ""},
		},
	}
	for m := range reflect.TypeFor[ldscript.StatementVisitor]().Methods() {
		if cases[m.Name] == nil {
			t.Errorf("no case for %s", m.Name)
		}
	}
	for _, list := range cases {
		for _, c := range list {
			got := linkOne(t, "SECTIONS { "+c.section+" .text : { *(.text) } }")
			for line := range strings.Lines(c.want) {
				if !strings.Contains(got, line) {
					t.Errorf("%s gives:\n%s\nwant in it:\n%s", c.section, got, line)
				}
			}
			if has := strings.Contains(got, "section .out "); has != strings.Contains(c.want, "section .out ") {
				t.Errorf("%s: there is a section: %v\n%s", c.section, has, got)
			}
		}
	}
}

// TestEveryCommand does the same for what is outside of output sections, in
// SECTIONS and, where it may be, at the top.
func TestEveryCommand(t *testing.T) {
	cases := map[string]struct {
		command, want string
		top           bool
	}{
		"OutputSection": {".out : { LONG(1) }", "section .out PROGBITS A align=1\n  01000000\n", false},
		"Assignment":    {"s = 5;", "symbol s GLOBAL NOTYPE ABS+0x5\n", true},
		"Assert":        {`ASSERT(0, "no");`, "assertion failed: no", true},
	}
	for m := range reflect.TypeFor[ldscript.CommandVisitor]().Methods() {
		c, ok := cases[m.Name]
		if !ok {
			t.Errorf("no case for %s", m.Name)
			continue
		}
		scripts := []string{"SECTIONS { .text : { *(.text) } " + c.command + " }"}
		if c.top {
			scripts = append(scripts, c.command+" SECTIONS { .text : { *(.text) } }")
		}
		for _, script := range scripts {
			if got := linkOne(t, script); !strings.Contains(got, c.want) {
				t.Errorf("%s gives:\n%s\nwant in it:\n%s", script, got, c.want)
			}
		}
	}
}

// TestLocationCounterOutside checks which assignments to the location counter are
// accepted outside of output sections, where it would be an address.
func TestLocationCounterOutside(t *testing.T) {
	const refused = "outside of output sections; a relocatable object has no addresses"
	for statement, bad := range map[string]bool{
		". = 0x80000;": true, ". = . + 16;": true, ". += 16;": true, ". = ALIGN(0x80000, 16);": true, ". += ALIGN(8);": true,
		". = 0;": false, ". = .;": false, ". = ALIGN(4096);": false, ". = ALIGN(., 4096);": false, "": false,
	} {
		for _, script := range []string{"SECTIONS { " + statement + " .out : { *(.text) } }", "SECTIONS { .out : { *(.text) } " + statement + " .x : { LONG(1) } }"} {
			got := linkOne(t, script)
			// At the start, and after alignment, some of them change nothing.
			if want := bad && !strings.HasPrefix(script, "SECTIONS { . += ALIGN"); strings.Contains(got, refused) != want || !want && strings.Contains(got, "error") {
				t.Errorf("%s gives %s, refused should be %v", script, got, want)
			}
		}
	}
}
