// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"errors"
	"slices"
	"testing"
)

// testEnv is an Env over maps.
type testEnv struct {
	section  string
	dot      uint64
	near     string
	symbols  map[string]Value
	sections map[string]SectionInfo
}

func (e *testEnv) Section() string    { return e.section }
func (e *testEnv) Dot() uint64        { return e.dot }
func (e *testEnv) DotSection() string { return e.near }

func (e *testEnv) Defined(name string) bool {
	_, ok := e.symbols[name]
	return ok
}

func (e *testEnv) Symbol(name string) (Value, bool) {
	v, ok := e.symbols[name]
	return v, ok
}

func (e *testEnv) SectionInfo(name string) (SectionInfo, bool) {
	i, ok := e.sections[name]
	return i, ok
}

// layoutEnv is the middle of a layout: .text is done, .data is being laid out or
// was, and the location counter is 12 bytes after its start.
func layoutEnv(section string) *testEnv {
	return &testEnv{
		section: section,
		dot:     0x100c,
		near:    ".data",
		symbols: map[string]Value{
			"t0":  Rel(".text", 0),
			"t1":  Rel(".text", 0x10),
			"d0":  Rel(".data", 0),
			"d8":  Rel(".data", 8),
			"abs": Abs(0x70),
			"add": Abs(7),
		},
		sections: map[string]SectionInfo{
			".text":  {Addr: 0x20, Size: 0x10, Align: 4},
			".data":  {Addr: 0x1000, Size: 0xc, Align: 8},
			".empty": {Addr: 0x100c},
		},
	}
}

// parseAssign parses `name op expression;` into an assignment.
func parseAssign(t testing.TB, src string) *Assignment {
	t.Helper()
	s, err := Parse("s", []byte("SECTIONS {\n"+src+";\n}"))
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return s.commands[0].(*Sections).commands[0].(*Assignment)
}

// TestAssignSymbol compares values and sections with what GNU ld 2.40 -r was seen to
// give to such symbols.
func TestAssignSymbol(t *testing.T) {
	tests := []struct{ expr, inside, outside string }{
		// Numbers: an offset inside of an output section, absolute outside.
		{"5", ".data+0x5", "abs:0x5"},
		{"2 * 3 + 1", ".data+0x7", "abs:0x7"},
		{"-1", ".data+0xffffffffffffffff", "abs:0xffffffffffffffff"},
		{"SIZEOF(.text)", ".data+0x10", "abs:0x10"},
		{"SIZEOF(.text) + SIZEOF(.data)", ".data+0x1c", "abs:0x1c"},
		{"SIZEOF(.text) + 4", ".data+0x14", "abs:0x14"},
		{"ALIGNOF(.data)", ".data+0x8", "abs:0x8"},
		{"ALIGNOF(.empty)", ".data+0x1", "abs:0x1"},
		{"DEFINED(t0)", ".data+0x1", "abs:0x1"},
		{"DEFINED(missing) ? missing : 3", ".data+0x3", "abs:0x3"},
		// The location counter.
		{".", ".data+0xc", ".data+0xc"},
		{". + 4", ".data+0x10", ".data+0x10"},
		{"4 + .", ".data+0x10", ".data+0x10"},
		{"ALIGN(16)", ".data+0x10", ".data+0x10"},
		{"ALIGN(., 16)", ".data+0x10", ".data+0x10"},
		{"ALIGN(1)", ".data+0xc", ".data+0xc"},
		{"ABSOLUTE(.)", "abs:0x100c", "abs:0x100c"},
		{"ABSOLUTE(.) + 4", "abs:0x1010", "abs:0x1010"},
		// Symbols keep their section.
		{"t1", ".text+0x10", ".text+0x10"},
		{"abs", ".data+0x70", "abs:0x70"},
		{"ADDR(.text)", ".text+0x0", ".text+0x0"},
		{"!t1", ".text+0x0", ".text+0x0"},
		{"~t0 + 1", ".text+0x0", "abs:0x20"},
		// A symbol and a number: the symbol's section inside; outside a number is
		// absolute, and two kinds of value make an absolute one.
		{"t1 + 4", ".text+0x14", "abs:0x34"},
		{"4 + t1", ".text+0x14", "abs:0x34"},
		{"t1 + SIZEOF(.data)", ".text+0x1c", ".text+0x1c"},
		{"t1 + abs", ".text+0x80", "abs:0xa0"},
		// Two symbols of one section: a number.
		{"t1 - t0", ".data+0x10", "abs:0x10"},
		{"t1 + t0", ".data+0x10", "abs:0x10"},
		{"(t1 - t0) << 2", ".data+0x40", "abs:0x40"},
		// Two sections: absolute, then a number.
		{"d0 - t0", ".data+0xfe0", "abs:0xfe0"},
		{". - t0", ".data+0xfec", "abs:0xfec"},
		{". - d8", ".data+0x4", "abs:0x4"},
		// Comparisons give numbers. Outside, one that read the location counter
		// counts as an address in GNU ld, odd as it is.
		{"t1 > t0", ".data+0x1", "abs:0x1"},
		{". == 3", ".data+0x0", ".data+0xfffffffffffff000"},
		{"t1 && abs", ".data+0x1", "abs:0x1"},
		{"0 || t0", ".data+0x0", "abs:0x1"},
		// MAX, MIN and ALIGN keep a common section.
		{"MAX(t0, t1)", ".text+0x10", ".text+0x10"},
		{"MIN(t0, t1)", ".text+0x0", ".text+0x0"},
		{"MAX(., 2)", ".data+0xc", ".data+0xc"},
		{"MIN(4, t1)", ".text+0x4", "abs:0x4"},
		{"MAX(d0, t1)", "abs:0x1000", "abs:0x1000"},
		{"ALIGN(t0 + 3, 8)", ".text+0x8", "abs:0x28"},
		{"ALIGN(7, 8)", ".data+0x8", "abs:0x8"},
		{"ALIGN(7, 0)", ".data+0x7", "abs:0x7"},
		{"1 ? t1 : missing", ".text+0x10", ".text+0x10"},
		{`"add" + 1`, ".data+0x8", "abs:0x8"},
	}
	for _, test := range tests {
		a := parseAssign(t, "x = "+test.expr)
		for section, want := range map[string]string{".data": test.inside, "": test.outside} {
			got, err := AssignSymbol(a, layoutEnv(section))
			if err != nil || got.String() != want {
				t.Errorf("x = %s in section %q: got %v, %v, want %s", test.expr, section, got, err, want)
			}
		}
	}
}

// TestOperators compares the arithmetic with GNU ld's: 64 bits, signed division,
// unsigned comparison, C's precedences.
func TestOperators(t *testing.T) {
	tests := []struct {
		expr string
		want uint64
	}{
		{"7 / 2", 3},
		{"-7 / 2", ^uint64(2)},
		{"-7 % 2", ^uint64(0)},
		{"7 % -2", 1},
		{"(1 << 63) / -1", 1 << 63},
		{"(1 << 63) % -1", 0},
		{"-1 > 1", 1},
		{"-1 < 1", 0},
		{"1 <= 1", 1},
		{"1 >= 2", 0},
		{"1 != 1", 0},
		{"1 | 2 == 2", 1},
		{"6 & 3 ^ 5 | 8", 15},
		{"1 + 2 << 3", 24},
		{"1 << 2 + 3", 32},
		{"2 - 1 - 1", 0},
		{"16 >> 2 >> 1", 2},
		{"2 * 3 % 4", 2},
		{"-1 >> 63", 1},
		{"1 || 0 && 0", 1},
		{"!0 + !5", 1},
		{"~0 & 0xff", 255},
		{"- - 3", 3},
		{"+3", 3},
		{"1 ? 2 : 0 ? 3 : 4", 2},
		{"0 ? 2 : 0 ? 3 : 4", 4},
		{"1 < 2 ? 5 : 6", 5},
		{"1K", 1024},
		{"2M", 2 << 20},
		{"0x10k", 16384},
		{"010", 8},
		{"0", 0},
		{"010K", 8192},
		{"0xffffffffffffffff + 1", 0},
		{"18446744073709551615", ^uint64(0)},
	}
	for _, test := range tests {
		a := parseAssign(t, "x = "+test.expr)
		got, err := Eval(a.Value, &testEnv{})
		if err != nil || got != Abs(test.want) && got != Plain(test.want) {
			t.Errorf("%s: got %v, %v, want %#x", test.expr, got, err, test.want)
		}
	}
}

func TestCompoundAssignment(t *testing.T) {
	tests := []struct {
		src  string
		want uint64
	}{
		{"add += 3", 10},
		{"add -= 3", 4},
		{"add *= 3", 21},
		{"add /= 3", 2},
		{"add <<= 3", 56},
		{"add >>= 1", 3},
		{"add &= 3", 3},
		{"add |= 8", 15},
	}
	for _, test := range tests {
		got, err := AssignSymbol(parseAssign(t, test.src), layoutEnv(""))
		if err != nil || got != Abs(test.want) {
			t.Errorf("%s: got %v, %v, want abs:%#x", test.src, got, err, test.want)
		}
	}
}

func TestAssignDot(t *testing.T) {
	tests := []struct {
		src             string
		inside, outside uint64
	}{
		{". = .", 0x100c, 0x100c},
		{". += 4", 0x1010, 0x1010},
		{". = . + 4", 0x1010, 0x1010},
		{". = ALIGN(16)", 0x1010, 0x1010},
		{". = ALIGN((1 << 12))", 0x2000, 0x2000},
		{". = 0x20", 0x1020, 0x20}, // an offset inside, an address outside
		{". = ABSOLUTE(0x2000)", 0x2000, 0x2000},
		{". = d8 + 8", 0x1010, 0x1010},
		{". = t0 + 0x2000", 0x2020, 0x2020},
		{". = ALIGN(. != 0 ? 32 : 1)", 0x1020, 0x1020},
	}
	for _, test := range tests {
		a := parseAssign(t, test.src)
		for section, want := range map[string]uint64{".data": test.inside, "": test.outside} {
			if got, err := AssignDot(a, layoutEnv(section)); err != nil || got != want {
				t.Errorf("%s in section %q: got %#x, %v, want %#x", test.src, section, got, err, want)
			}
		}
	}
}

func TestEvalErrors(t *testing.T) {
	const (
		symbol = iota
		dot
		data
		align
		assert
	)
	tests := []struct {
		how       int
		expr      string
		inSection string
		want      string
	}{
		{symbol, "missing", "", `s:2:5: undefined symbol "missing" in an expression; define it in the script or in an input, or test it with DEFINED`},
		{symbol, "SIZEOF(.none)", "", `s:2:5: output section ".none" does not exist or is not laid out yet; name an output section, and use what depends on its size after it`},
		{symbol, "1 / 0", "", "s:2:9: division by zero; guard it with `divisor != 0 ? … : …`"},
		{symbol, "1 % (t0 - t0)", "", "s:2:10: division by zero; guard it with `divisor != 0 ? … : …`"},
		{symbol, "0 && 1 / 0", "", "s:2:14: division by zero; guard it with `divisor != 0 ? … : …`"},
		{symbol, "1 << 64", "", `s:2:10: shift by 64, but values have 64 bits; shift by 63 at most`},
		{symbol, "1 >> -1", "", `s:2:10: shift by 18446744073709551615, but values have 64 bits; shift by 63 at most`},
		{symbol, "ALIGN(12)", "", `s:2:11: alignment 0xc is not a power of two; use a power of two`},
		{symbol, "ALIGN(., 3)", "", `s:2:14: alignment 0x3 is not a power of two; use a power of two`},
		{symbol, "ALIGN(-1, 16)", "", `s:2:15: aligning 0xffffffffffffffff to 0x10 exceeds 64 bits; use a smaller alignment`},
		{dot, ". - 4", ".data", `s:2:1: cannot move the location counter backwards, from 0x100c to 0x1008; inside an output section it can only grow`},
		{dot, "4", ".data", `s:2:1: cannot move the location counter backwards, from 0x100c to 0x1004; inside an output section it can only grow`},
		{data, ".", ".data", `s:2:5: an address as data of a relocatable object would be wrong after the next link; write the difference of two addresses, or define the data in an input with a relocation`},
		{data, "t1 + 4", ".data", ""},
		{data, "d8", ".data", `s:2:5: an address as data of a relocatable object would be wrong after the next link; write the difference of two addresses, or define the data in an input with a relocation`},
		{align, ". + 1", ".data", `s:2:5: the location counter has no value here; use a constant`},
		{align, "24", ".data", `s:2:5: alignment 0x18 is not a power of two; use a power of two`},
		{assert, "1 == 2", "", `s:2:1: assertion failed: the message`},
		{assert, "t0", "", `s:2:1: assertion failed: the message`},
		{assert, "missing", "", `s:2:5: undefined symbol "missing" in an expression; define it in the script or in an input, or test it with DEFINED`},
	}
	for _, test := range tests {
		a := parseAssign(t, "x = "+test.expr)
		env := layoutEnv(test.inSection)
		var err error
		switch test.how {
		case symbol:
			_, err = AssignSymbol(a, env)
		case dot:
			a.Name = "."
			_, err = AssignDot(a, env)
		case data:
			_, err = EvalData(&Data{Size: 8, Value: a.Value}, env)
		case align:
			_, err = EvalAlign(a.Value, env)
		case assert:
			err = CheckAssert(&Assert{Pos: a.Pos, Cond: a.Value, Message: "the message"}, env)
		}
		var e *Error
		if test.want == "" && err == nil {
			continue
		}
		if !errors.As(err, &e) || err.Error() != test.want {
			t.Errorf("%s in section %q:\ngot  %v\nwant %s", test.expr, test.inSection, err, test.want)
		}
	}
}

func TestEvalDataAndAlign(t *testing.T) {
	for expr, want := range map[string]uint64{
		"5": 5, "d8 - d0": 8, ". - d0": 0x100c - 0x1000, "SIZEOF(.text)": 16, "-1": ^uint64(0),
		"t1 - t0 == 0x10": 1, "ABSOLUTE(t1)": 0x30,
	} {
		got, err := EvalData(&Data{Size: 8, Value: parseAssign(t, "x = "+expr).Value}, layoutEnv(".data"))
		if err != nil || got != want {
			t.Errorf("QUAD(%s): got %#x, %v, want %#x", expr, got, err, want)
		}
	}
	for expr, want := range map[string]uint64{"0": 1, "1": 1, "4K": 4096, "1 << 6": 64, "ALIGNOF(.data)": 8} {
		got, err := EvalAlign(parseAssign(t, "x = "+expr).Value, layoutEnv(".data"))
		if err != nil || got != want {
			t.Errorf("ALIGN(%s): got %#x, %v, want %#x", expr, got, err, want)
		}
	}
	got, err := EvalAddr(parseAssign(t, "x = t1 + 4").Value, layoutEnv(".data"))
	if err != nil || got != 0x34 {
		t.Errorf("address of t1 + 4: got %#x, %v, want 0x34", got, err)
	}
}

// TestDotWithoutSections: with no output section in the object an address made
// from the location counter stays absolute.
func TestDotWithoutSections(t *testing.T) {
	env := layoutEnv("")
	env.near = ""
	got, err := AssignSymbol(parseAssign(t, "x = . + 1"), env)
	if err != nil || got != Abs(0x100d) {
		t.Errorf("got %v, %v, want abs:0x100d", got, err)
	}
}

// TestFillBytes compares patterns with what GNU ld was seen to write.
func TestFillBytes(t *testing.T) {
	tests := []struct {
		expr string
		want []byte
	}{
		{"0xab", []byte{0xab}},
		{"0X9", []byte{0x09}},
		{"(0x77)", []byte{0x77}},
		{"+0x77", []byte{0x77}},
		{"0x00012345", []byte{0, 1, 0x23, 0x45}},
		{"0x0123456789abcdef0123456789", []byte{1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 1, 0x23, 0x45, 0x67, 0x89}},
		{"9", []byte{0, 0, 0, 9}},
		{"0x11 + 0", []byte{0, 0, 0, 0x11}},
		{"1K", []byte{0, 0, 4, 0}},
		{"0x1K", []byte{0, 0, 4, 0}},
		{"-1", []byte{255, 255, 255, 255}},
		{"0x1122334455 * 1", []byte{0x22, 0x33, 0x44, 0x55}},
		{"1 ? 2 : 3", []byte{0, 0, 0, 2}},
	}
	for _, test := range tests {
		s, err := Parse("s", []byte("SECTIONS { .a : { } ="+test.expr+" }"))
		if err != nil {
			t.Errorf("=%s: %v", test.expr, err)
			continue
		}
		if got := s.OutputSections()[0].Fill.Bytes; !slices.Equal(got, test.want) {
			t.Errorf("=%s: got % x, want % x", test.expr, got, test.want)
		}
	}
}
