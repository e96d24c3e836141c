// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/golden"
)

// Each pair differs in something that no function, variable or symbol covers. It is a
// difference, whatever else differs or is ignored.
var restCases = []struct {
	name string
	a, b string
	want string // what the report has
}{
	{
		"zeros and NOPs in other places of padding", `
section .text PROGBITS AX align=4
  c0035fd6 1f2003d5 00000000 c0035fd6
symbol f GLOBAL FUNC .text+0x0 size=4
symbol g GLOBAL FUNC .text+0xc size=4
`, `
section .text PROGBITS AX align=4
  c0035fd6 1f2003d5 1f2003d5 c0035fd6
symbol f GLOBAL FUNC .text+0x0 size=4
symbol g GLOBAL FUNC .text+0xc size=4
`, "padding",
	},
	{
		"traps and NOPs", `
machine x86-64
section .text PROGBITS AX align=1
  c3cccccc c3
symbol f GLOBAL FUNC .text+0x0 size=1
symbol g GLOBAL FUNC .text+0x4 size=1
`, `
machine x86-64
section .text PROGBITS AX align=1
  c3909090 c3
symbol f GLOBAL FUNC .text+0x0 size=1
symbol g GLOBAL FUNC .text+0x4 size=1
`, "padding",
	},
	{
		"a relocation in padding", `
machine x86-64
section .text PROGBITS AX align=1
  c3909090 c3
  +0x1 R_X86_64_NONE u1+0
symbol f GLOBAL FUNC .text+0x0 size=1
symbol g GLOBAL FUNC .text+0x4 size=1
`, `
machine x86-64
section .text PROGBITS AX align=1
  c3909090 c3
symbol f GLOBAL FUNC .text+0x0 size=1
symbol g GLOBAL FUNC .text+0x4 size=1
`, "padding",
	},
	{
		"the addend of a relocation in padding", `
machine x86-64
section .text PROGBITS AX align=1
  c3909090 c3
  +0x1 R_X86_64_NONE u1+0
symbol f GLOBAL FUNC .text+0x0 size=1
symbol g GLOBAL FUNC .text+0x4 size=1
`, `
machine x86-64
section .text PROGBITS AX align=1
  c3909090 c3
  +0x1 R_X86_64_NONE u1+4
symbol f GLOBAL FUNC .text+0x0 size=1
symbol g GLOBAL FUNC .text+0x4 size=1
`, "padding",
	},
	{
		"a relocation of an empty section", `
section .empty PROGBITS A align=1
  +0x0 R_AARCH64_NONE u1+0
`, `
section .empty PROGBITS A align=1
`, "section .empty",
	},
	{
		"a global label", `
section .data PROGBITS WA align=1
  0102
symbol .Lx GLOBAL OBJECT .data+0x1 size=1
`, `
section .data PROGBITS WA align=1
  0102
symbol .Lx WEAK OBJECT .data+0x1 size=1
`, "symbol .Lx",
	},
	{
		"the size of a label", `
section .data PROGBITS WA align=1
  0102
symbol .Lx LOCAL OBJECT .data+0x1 size=1
`, `
section .data PROGBITS WA align=1
  0102
symbol .Lx LOCAL OBJECT .data+0x1 size=0
`, "local-labels",
	},
	{"an undefined label", "symbol .Lu GLOBAL NOTYPE UND\n", "symbol .Lv GLOBAL NOTYPE UND\n", "symbol .Lu"},
	{"an absolute label", "symbol .Lc LOCAL NOTYPE ABS+0x5\n", "symbol .Lc LOCAL NOTYPE ABS+0x6\n", "symbol .Lc"},
	{"a common label", "symbol .Lc GLOBAL OBJECT COMMON+0x8 size=8\n", "symbol .Lc GLOBAL OBJECT COMMON+0x8 size=16\n", "symbol .Lc"},
	{
		"a symbol without a name", `
section .data PROGBITS WA align=1
  0102
symbol unnamed LOCAL NOTYPE .data+0x0
`, `
section .data PROGBITS WA align=1
  0102
symbol unnamed LOCAL OBJECT .data+0x0 size=1
`, "symbol \"\"",
	},
	{
		"the name of a group's section", `
section .text.f PROGBITS AX align=4
  c0035fd6
symbol f WEAK FUNC .text.f+0x0 size=4
group f COMDAT .text.f
`, `
section .text.f PROGBITS AX align=4
  c0035fd6
symbol f WEAK FUNC .text.f+0x0 size=4
group f COMDAT .text.f
`, "section groups",
	},
}

func TestRest(t *testing.T) {
	orders := [][2]string{
		{"symbol u1 GLOBAL NOTYPE UND\nsymbol u2 GLOBAL NOTYPE UND\n", "symbol u1 GLOBAL NOTYPE UND\nsymbol u2 GLOBAL NOTYPE UND\n"},
		{"symbol u1 GLOBAL NOTYPE UND\nsymbol u2 GLOBAL NOTYPE UND\n", "symbol u2 GLOBAL NOTYPE UND\nsymbol u1 GLOBAL NOTYPE UND\n"},
	}
	for _, c := range restCases {
		for i, order := range orders {
			for _, ignore := range [][]string{nil, {catComment, catSymbolOrder, catEncoding}} {
				for _, swap := range []bool{false, true} {
					a, b := parse(t, "a.o", c.a+order[0]), parse(t, "b.o", c.b+order[1])
					unname(a)
					unname(b)
					if len(b.Groups) > 0 {
						b.Groups[0].Name = ".group2"
					}
					if swap {
						a, b = b, a
					}
					r, err := Run(a, b, Options{Ignore: ignore})
					if err != nil {
						t.Fatal(err)
					}
					got := strings.Join(lines(t, r), "\n")
					if r.Equal || !swap && !strings.Contains(got, c.want) {
						t.Errorf("%s, order %d, ignoring %v: equal %v, got %s", c.name, i, ignore, r.Equal, got)
					}
				}
			}
		}
	}
}

// unname takes the names of symbols away, which the text form needs.
func unname(o *elfobj.Object) {
	for i := range o.Symbols {
		if s := &o.Symbols[i]; s.Name == "unnamed" {
			s.Name = ""
		}
	}
}

// Header fields that an Object has no place for are a difference; an address has no meaning.
func TestUnkept(t *testing.T) {
	text := string(golden.Read(t, "hyp.txt"))
	for _, c := range []struct {
		name   string
		at     uint64
		strict bool
		equal  bool
	}{{"sh_addr", 16, false, true}, {"sh_addr", 16, true, false}, {"sh_link", 40, false, false}} {
		b := golden.Encode(t, parse(t, "b.o", text))
		shoff := binary.LittleEndian.Uint64(b[40:])
		b[shoff+64+c.at] = 1 // of the first section
		o, err := elfobj.Parse("b.o", b)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(parse(t, "a.o", text), o, Options{Strict: c.strict})
		if err != nil {
			t.Fatal(err)
		}
		if r.Equal != c.equal || c.equal && !maps.Equal(r.Meaningless, map[string]int{kindAddresses: 1}) || !c.equal && (len(r.Header) != 1 || !strings.Contains(r.Header[0], c.name)) {
			t.Errorf("%s: equal %v, %q, %v", c.name, r.Equal, r.Header, r.Meaningless)
		}
	}
}

// A call graph profile is compared by contents and by the names of its symbols.
func TestCallGraphProfile(t *testing.T) {
	object := func(order string, profile elfobj.LeftOut) *elfobj.Object {
		o := parse(t, "a.o", order)
		o.LeftOut = profile
		return o
	}
	const one, other = "symbol u1 GLOBAL NOTYPE UND\nsymbol u2 GLOBAL NOTYPE UND\n", "symbol u2 GLOBAL NOTYPE UND\nsymbol u1 GLOBAL NOTYPE UND\n"
	profile := elfobj.LeftOut{Name: ".profile", Data: []byte{10}, Symbols: []uint32{1, 2}}
	for _, c := range []struct {
		name  string
		order string
		other elfobj.LeftOut
		equal bool
	}{
		{"the same", one, profile, true},
		{"the same in another order", other, elfobj.LeftOut{Name: ".profile", Data: []byte{10}, Symbols: []uint32{2, 1}}, true},
		{"other symbols", other, profile, false},
		{"another weight", one, elfobj.LeftOut{Name: ".profile", Data: []byte{20}, Symbols: []uint32{1, 2}}, false},
		{"none", one, elfobj.LeftOut{}, false},
	} {
		r, err := Run(object(one, profile), object(c.order, c.other), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Equal != c.equal || !c.equal && !slices.ContainsFunc(r.Header, func(h string) bool { return strings.Contains(h, ".profile") }) {
			t.Errorf("%s: equal %v, %q", c.name, r.Equal, r.Header)
		}
	}
}
