// SPDX-License-Identifier: Apache-2.0

package link

import (
	"strings"
	"testing"
)

// Sections of 4, 24 and 8 bytes, one that no script here names, and symbols of several types.
const several = `machine AArch64
section .text PROGBITS AX align=4
  c0035fd6
section .a PROGBITS WA align=8
  00000000 00000000 00000000 00000000 00000000 00000000
section .b PROGBITS WA align=8
  00000000 00000000
section .orphan PROGBITS A align=1
  0000000000
section .dis PROGBITS A align=1
  00
section .tdata PROGBITS WAT align=1
  00
section .comment PROGBITS - align=1
  00
symbol f GLOBAL FUNC .text+0x0 size=4
symbol tv GLOBAL TLS .tdata+0x0 size=1
symbol gone GLOBAL OBJECT .dis+0x0 size=1
symbol common GLOBAL OBJECT COMMON+0x8 size=8
`

// The values are those of GNU ld 2.40.
func TestExpressions(t *testing.T) {
	const sections = ".text : { *(.text) } .a : { *(.a) } .b : { *(.b) }"
	for _, c := range []struct{ script, want string }{
		// The location counter between output sections is in the loaded section before, or in the next one if there is none, or after an assignment to it.
		{"x = .; " + sections, "x GLOBAL NOTYPE .text+0x0"},
		{". = ALIGN(8); x = .; " + sections, "x GLOBAL NOTYPE .text+0x0"},
		{".text : { *(.text) } x = .; .a : { *(.a) }", "x GLOBAL NOTYPE .text+0x4"},
		{".text : { *(.text) } . = ALIGN(4096); x = .; .a : ALIGN(4096) { *(.a) }", "x GLOBAL NOTYPE .a+0x0"},
		{".text : { *(.text) } . = ALIGN(8); x = .;", "x GLOBAL NOTYPE .text+0x8"},
		{".text : { *(.text) } .comment : { *(.comment) } x = .; .a : { *(.a) }", "x GLOBAL NOTYPE .text+0x"},
		// A section without anything in it is none, unless a symbol is in it.
		{".text : { *(.text) } .none : { *(.none) } x = .; .a : { *(.a) }", "x GLOBAL NOTYPE .text+0x4"},
		{".text : { *(.text) } .none : { *(.none) } x = ADDR(.none);", "x GLOBAL NOTYPE .none+0x0"},
		{".text : { *(.text) } .none : { *(.none) } x = ADDR(.none) + SIZEOF(.none);", "x GLOBAL NOTYPE .none+0x0"},
		// Addresses run through the sections.
		{".text : { s = .; *(.text) } .a : { *(.a) e = .; } x = e - s;", "x GLOBAL NOTYPE ABS+0x20"},
		{sections + " x = ADDR(.b) - ADDR(.a);", "x GLOBAL NOTYPE ABS+0x18"},
		{sections + " x = MAX(ADDR(.text), ADDR(.b));", "x GLOBAL NOTYPE ABS+0x20"},
		{sections + " x = ADDR(.b) > ADDR(.a) ? 7 : 8;", "x GLOBAL NOTYPE ABS+0x7"},
		{sections + " x = ADDR(.b) + 4;", "x GLOBAL NOTYPE ABS+0x24"},
		{".text : { *(.text) } .a : { . = ALIGN(16); x = ABSOLUTE(.); *(.a) }", "x GLOBAL NOTYPE ABS+0x8"},
		{".text : { *(.text) } .a 0 : { *(.a) } x = ADDR(.a) - ADDR(.text);", "x GLOBAL NOTYPE ABS\n"},
		{".text : { *(.text) } .tdata : { *(.tdata) } .a : { *(.a) } x = ADDR(.a) - ADDR(.tdata);", "x GLOBAL NOTYPE ABS+0x4"},
		{sections + ` ASSERT(. <= 40, "large")`, ""},
		{sections + ` ASSERT(. <= 39, "large")`, "assertion failed: large"},
		{sections + ` ASSERT(ADDR(.b) > ADDR(.a), "order")`, ""},
		{".text : { *(.text) } .a ALIGN(8) : { *(.a) } .b . : { *(.b) } x = ADDR(.b) - ADDR(.text);", "x GLOBAL NOTYPE ABS+0x20"},
		{sections + " x = SIZEOF(.orphan);", "x GLOBAL NOTYPE ABS+0x5"},
		// An alignment inside of a section is one of the offset.
		{".text : { *(.text) } .b : { . = ALIGN(16); *(.b) x = .; }", "x GLOBAL NOTYPE .b+0x8"},
		// DEFINED is about inputs, and what the script has defined so far.
		{"x = DEFINED(common) ? 1 : 2; " + sections, "x GLOBAL NOTYPE ABS+0x1"},
		{"x = DEFINED(gone) ? 1 : 2; /DISCARD/ : { *(.dis) }", "x GLOBAL NOTYPE ABS+0x1"},
		{"x = DEFINED(x) ? x : 0x400; " + sections, "x GLOBAL NOTYPE ABS+0x400"},
		{"x = DEFINED(y) ? 1 : 2; y = 5; " + sections, "x GLOBAL NOTYPE ABS+0x2"},
		{"y = 5; x = DEFINED(y) ? 1 : 2; " + sections, "x GLOBAL NOTYPE ABS+0x1"},
		// PROVIDE defines what the script itself refers to.
		{"x = p; PROVIDE(p = 4); " + sections, "x GLOBAL NOTYPE ABS+0x4"},
		{"PROVIDE(p = q); PROVIDE(q = 5); x = p; " + sections, "x GLOBAL NOTYPE ABS+0x5"},
		{".text : { *(.text) } .a : { PROVIDE(p = .); *(.a) PROVIDE(q = .); } x = q - p;", "x GLOBAL NOTYPE ABS+0x18"},
		{"PROVIDE(q = 4); x = DEFINED(q) ? 1 : 2; " + sections, "x GLOBAL NOTYPE ABS+0x2"},
		{"PROVIDE(q = 4); ASSERT(q == 4, \"q\"); x = 1; " + sections, "x GLOBAL NOTYPE ABS+0x1"},
		{"PROVIDE(q = 4); x = r; " + sections, "undefined symbol"},
		// Another name of a symbol is of its type.
		{sections + " x = f;", "x GLOBAL FUNC .text+0x0"},
		{sections + " .tdata : { *(.tdata) } y = tv; x = y;", "x GLOBAL TLS .tdata+0x0"},
		{sections + " x = f + 0;", "x GLOBAL NOTYPE "},
	} {
		got := linkText(t, several, "SECTIONS { "+c.script+" }")
		if c.want == "" && strings.HasPrefix(got, "error") || !strings.Contains(got, c.want) {
			t.Errorf("%s gives:\n%s\nwant %q", c.script, got, c.want)
		}
	}
}

// The terminator is after the last of the frames, before what the script puts after these.
func TestFramesEndWhereTheyAre(t *testing.T) {
	const frames = `machine AArch64
section .eh_frame PROGBITS A align=4
  0c000000 00000000 01000178 1e1b0c1f 00000000
section .after PROGBITS A align=4
  22222222
`
	got := linkText(t, frames, "SECTIONS { .r : { start = .; *(.eh_frame) end = .; *(.after) } }")
	for _, want := range []string{"00000000 01000178 1e1b0c1f 00000000 22222222", "symbol end GLOBAL NOTYPE .r+0x14"} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
			t.Errorf("got:\n%s\nwant %q in it", got, want)
		}
	}
}
