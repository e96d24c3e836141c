// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// Small objects, each for one behaviour.
var smallCases = []struct {
	name, a, b string
	want       []string
}{
	{"functions in a different order", `
section .text PROGBITS AX align=4
  01000014 02000094 c0035fd6 1f2003d5 c0035fd6
symbol f GLOBAL FUNC .text+0x0 size=4
symbol g GLOBAL FUNC .text+0x4 size=8
symbol h GLOBAL FUNC .text+0xc size=8
`, `
section .text PROGBITS AX align=4
  04000094 c0035fd6 feffff17 00000000 1f2003d5 c0035fd6
symbol f GLOBAL FUNC .text+0x8 size=4
symbol g GLOBAL FUNC .text+0x0 size=8
symbol h GLOBAL FUNC .text+0x10 size=8
`, []string{
		"section .text: size 0x14 -> 0x18",
		"function f: moved from .text+0x0 to .text+0x8",
	}},
	{"same bytes, different callee", `
section .text PROGBITS AX align=4
  01000094 c0035fd6 00008052 c0035fd6 20008052 c0035fd6
symbol $x LOCAL NOTYPE .text+0x0
symbol f GLOBAL FUNC .text+0x0 size=4
symbol pad GLOBAL FUNC .text+0x4 size=4
symbol g GLOBAL FUNC .text+0x8 size=8
symbol h GLOBAL FUNC .text+0x10 size=8
`, `
section .text PROGBITS AX align=4
  01000094 c0035fd6 00008052 c0035fd6 20008052 c0035fd6
symbol $x LOCAL NOTYPE .text+0x0
symbol f GLOBAL FUNC .text+0x0 size=4
symbol g GLOBAL FUNC .text+0x8 size=8
symbol h GLOBAL FUNC .text+0x10 size=8
symbol pad2 GLOBAL FUNC .text+0x4 size=4
`, []string{
		"function f: 1 instruction differs",
		"  -   +0x0  bl <pad>",
		"  +   +0x0  bl <pad2>",
		"function pad: removed (.text+0x4, 0x4 bytes)",
		"function pad2: added (.text+0x4, 0x4 bytes)",
	}},
	{"NONE relocations at the end of a section", `
section .hyp.text PROGBITS AX align=4
  c0035fd6
  +0x4 NONE f+0
section .hyp.rodata PROGBITS A align=1
  68656c6c 6f00
  +0x6 NONE f+0
symbol f GLOBAL FUNC UND
symbol g GLOBAL FUNC UND
symbol h GLOBAL FUNC .hyp.text+0x0 size=4
symbol text GLOBAL OBJECT .hyp.rodata+0x0 size=6
`, `
section .hyp.text PROGBITS AX align=4
  c0035fd6
  +0x4 NONE g+0
section .hyp.rodata PROGBITS A align=1
  68656c6c 6f00
  +0x6 NONE g+0
symbol f GLOBAL FUNC UND
symbol g GLOBAL FUNC UND
symbol h GLOBAL FUNC .hyp.text+0x0 size=4
symbol text GLOBAL OBJECT .hyp.rodata+0x0 size=6
`, []string{
		"function h: 1 instruction differs",
		"  -   +0x0  ret  R_AARCH64_NONE f",
		"  +   +0x0  ret  R_AARCH64_NONE g",
		"constant text: 1 data item differs",
		"  -   +0x0  \"hello\"  R_AARCH64_NONE f",
		"  +   +0x0  \"hello\"  R_AARCH64_NONE g",
	}},
	{"two functions swapped", `
section .text PROGBITS AX align=4
  02000014 00008052 20008052 c0035fd6
symbol f GLOBAL FUNC .text+0x0 size=4
symbol g GLOBAL FUNC .text+0x4 size=4
symbol h GLOBAL FUNC .text+0x8 size=8
`, `
section .text PROGBITS AX align=4
  02000014 20008052 c0035fd6 00008052
symbol f GLOBAL FUNC .text+0x0 size=4
symbol g GLOBAL FUNC .text+0xc size=4
symbol h GLOBAL FUNC .text+0x4 size=8
`, []string{
		"function f: 1 instruction differs",
		"  -   +0x0  b <h>",
		"  +   +0x0  b <h+0x4>",
		"function g: moved from .text+0x4 to .text+0xc",
	}},
	{"static function of two sources", `
section .text PROGBITS AX align=4
  00008052 20008052
symbol a.c LOCAL FILE ABS
symbol init LOCAL FUNC .text+0x0 size=4
symbol b.c LOCAL FILE ABS
symbol init LOCAL FUNC .text+0x4 size=4
`, `
section .text PROGBITS AX align=4
  00008052 40008052
symbol a.c LOCAL FILE ABS
symbol init LOCAL FUNC .text+0x0 size=4
symbol b.c LOCAL FILE ABS
symbol init LOCAL FUNC .text+0x4 size=4
`, []string{
		"function init of b.c: 1 instruction differs",
		"  -   +0x0  mov w0, #0x1",
		"  +   +0x0  mov w0, #0x2",
	}},
	{"compiler-generated suffix", `
section .data PROGBITS WA align=4
  01000000
symbol a.c LOCAL FILE ABS
symbol count.12 LOCAL OBJECT .data+0x0 size=4
`, `
section .data PROGBITS WA align=4
  01000000
symbol a.c LOCAL FILE ABS
symbol count.345 LOCAL OBJECT .data+0x0 size=4
`, []string{"variable count.12 of a.c: renamed to count.345"}},
	{"prefixed", `
section .text PROGBITS AX align=4
  c0035fd6
symbol $x LOCAL NOTYPE .text+0x0
symbol f GLOBAL FUNC .text+0x0 size=4
`, `
section .text PROGBITS AX align=4
  c0035fd6
symbol __p_$x LOCAL NOTYPE .text+0x0
symbol __p_f GLOBAL FUNC .text+0x0 size=4
`, []string{`symbol prefix "" -> "__p_"`}},
	{"prefixed except for mapping symbols", `
section .text PROGBITS AX align=4
  c0035fd6
symbol __p_$x LOCAL NOTYPE .text+0x0
symbol __p_f GLOBAL FUNC .text+0x0 size=4
`, `
section .text PROGBITS AX align=4
  c0035fd6
symbol $x LOCAL NOTYPE .text+0x0
symbol __p_f GLOBAL FUNC .text+0x0 size=4
`, []string{"encoding: only string tables or file offsets differ"}},
	{"another machine", "machine AArch64\n", "machine x86-64\n", []string{"machine AArch64 -> x86-64"}},
	{"x86-64", `
machine x86-64
section .text PROGBITS AX align=16
  e80b0000 00c3662e 0f1f8400 00000000 31c0c3
symbol f GLOBAL FUNC .text+0x0 size=6
symbol g GLOBAL FUNC .text+0x10 size=3
`, `
machine x86-64
section .text PROGBITS AX align=16
  31c990e8 08000000 c30f1f80 00000000 b8010000 00c3
symbol f GLOBAL FUNC .text+0x0 size=9
symbol g GLOBAL FUNC .text+0x10 size=6
`, []string{
		"section .text: size 0x13 -> 0x16",
		"function f: 2 instructions differ, size 0x6 -> 0x9",
		"  +   +0x0  xor %ecx,%ecx",
		"  +   +0x2  nop",
		"function g: 1 instruction differs, size 0x3 -> 0x6",
		"  -   +0x0  xor %eax,%eax",
		"  +   +0x0  mov $0x1,%eax",
	}},
	{"RISC-V", `
machine RISC-V
section .text PROGBITS AX align=2
  ef008000 82800100 01458280
symbol f GLOBAL FUNC .text+0x0 size=6
symbol g GLOBAL FUNC .text+0x8 size=4
`, `
machine RISC-V
section .text PROGBITS AX align=2
  0100ef00 60008280 05458280
symbol f GLOBAL FUNC .text+0x0 size=8
symbol g GLOBAL FUNC .text+0x8 size=4
`, []string{
		"function f: 1 instruction differs, size 0x6 -> 0x8",
		"  +   +0x0  nop",
		"function g: 1 instruction differs",
		"  -   +0x0  li x10,0",
		"  +   +0x0  li x10,1",
	}},
	{"big-endian code and data", `
machine AArch64 big
section .text PROGBITS AX align=4
  00008052 c0035fd6
section .data PROGBITS WA align=4
  00000001
symbol f GLOBAL FUNC .text+0x0 size=8
symbol d GLOBAL OBJECT .data+0x0 size=4
`, `
machine AArch64 big
section .text PROGBITS AX align=4
  20008052 c0035fd6
section .data PROGBITS WA align=4
  00000002
symbol f GLOBAL FUNC .text+0x0 size=8
symbol d GLOBAL OBJECT .data+0x0 size=4
`, []string{
		"function f: 1 instruction differs",
		"  -   +0x0  mov w0, #0x0",
		"  +   +0x0  mov w0, #0x1",
		"variable d: 1 data item differs",
		"  -   +0x0  00 00 00 01",
		"  +   +0x0  00 00 00 02",
	}},
	{"groups", `
section .text.f PROGBITS AX align=4
  c0035fd6
symbol f WEAK FUNC .text.f+0x0 size=4
group f COMDAT .text.f
`, `
section .text.f PROGBITS AX align=4
  c0035fd6
symbol f WEAK FUNC .text.f+0x0 size=4
`, []string{"group f, flags 0x1: .text.f: removed", "section .text.f: flags AXG -> AX"}},
	{"common and absolute symbols", `
symbol c GLOBAL OBJECT COMMON+0x4 size=4
symbol a GLOBAL NOTYPE ABS+0x10
`, `
symbol c GLOBAL OBJECT COMMON+0x8 size=4
symbol a GLOBAL NOTYPE ABS+0x11
`, []string{
		"symbol c: at common, alignment+0x4 -> common, alignment+0x8",
		"symbol a: at absolute+0x10 -> absolute+0x11",
	}},
	{"strings of a section that is not loaded", `
section .comment PROGBITS MS align=1 entsize=1
  "GCC 12" 00 "as 2.40" 00
`, `
section .comment PROGBITS MS align=1 entsize=1
  "GCC 13.1" 00 "as 2.40" 00
`, []string{
		"section .comment: size 0xf -> 0x11",
		"data .comment: 1 data item differs, size 0xf -> 0x11",
		`  -   +0x0  "GCC 12"`,
		`  +   +0x0  "GCC 13.1"`,
	}},
	{"debug information", `
section .debug_info PROGBITS - align=1
  01020304
`, `
section .debug_info PROGBITS - align=1
  01030404
`, []string{"section .debug_info: 2 bytes differ, the first at +0x1"}},
}

func TestSmall(t *testing.T) {
	for _, c := range smallCases {
		r, err := Run(parse(t, "a.o", c.a), parse(t, "b.o", c.b), Options{Ignore: []string{"symbol-order", "mapping-symbols", "padding"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(t, r); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
}

// Input names come from a map if either object has one.
func TestMaps(t *testing.T) {
	edits := []string{"010040f9 21040091", "010040f9 21080091", "67756573 74206578\n  69740068", "47756573 74206578\n  69740068"}
	for _, c := range []struct {
		a, b *layout.Layout
		want string
	}{
		{nil, nil, "switch.c"},
		{linkMap(t), nil, "switch.hyp.o"},
		{linkMap(t), linkMap(t), "switch.hyp.o"},
	} {
		r := compareEdited(t, Options{MapA: c.a, MapB: c.b}, edits...)
		got := lines(t, r)
		if len(got) != 6 || got[0] != "function vcpu_run of "+c.want+": 1 instruction differs" || !strings.HasPrefix(got[3], "data .hyp.rodata of "+c.want+": 1 data item") {
			t.Errorf("%s: %s", c.want, strings.Join(got, "\n"))
		}
	}
	m := linkMap(t)
	m.Sections[0].Size++
	if _, err := Run(parse(t, "a.o", string(golden.Read(t, "hyp.txt"))), parse(t, "b.o", string(golden.Read(t, "hyp.txt"))), Options{MapB: m}); err == nil {
		t.Error("a map of another link was accepted")
	}
}

func TestStem(t *testing.T) {
	for file, want := range map[string]string{"": "", "switch.c": "switch", "out/arm64/switch.hyp.o": "switch", "./hyp-init.nvhe.o": "hyp-init", "entry.S": "entry"} {
		if got := layout.Stem(file); got != want {
			t.Errorf("Stem(%q) = %q, want %q", file, got, want)
		}
	}
}
