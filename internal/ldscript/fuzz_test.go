// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// addSeeds gives the fuzzer all scripts of this package's tests.
func addSeeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.lds")
	if err != nil || len(files) == 0 {
		f.Fatalf("no scripts in testdata: %v", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, r := range refusals {
		f.Add([]byte(r.src))
	}
}

// FuzzParse checks what the parser promises for any input: a script that prints
// to the same script, or an *Error with a place and a message of bounded length.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := Parse("s", src)
		if err == nil {
			checkPrinting(t, s)
			NewMatcher(s)
			return
		}
		var e *Error
		if !errors.As(err, &e) || !e.Pos.IsValid() || e.What == "" || e.Do == "" {
			t.Fatalf("got error %#v, want an *Error with place, reason and advice", err)
		}
		if len(e.What)+len(e.Do) > 500 || !utf8.Valid(src) != !utf8.ValidString(e.What) && utf8.Valid(src) {
			t.Fatalf("the message is too long or not UTF-8: %q", e.What)
		}
	})
}

// FuzzEval evaluates everything in a script, inside of a section and outside.
func FuzzEval(f *testing.F) {
	addSeeds(f)
	f.Add([]byte("SECTIONS { a = ALIGN(t0 + 3, 8) * SIZEOF(.text); .d : { b = MAX(., t1) / (d8 - d0); LONG(1 << abs) } }"))
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := Parse("s", src)
		if err != nil {
			return
		}
		if err := s.Visit(evalAll{layoutEnv("")}); err != nil {
			t.Fatal(err)
		}
	})
}

// evalAll evaluates what it is shown.
type evalAll struct{ env *testEnv }

// check looks at an error of an evaluation.
func (v evalAll) check(err error) error {
	var e *Error
	if err != nil && (!errors.As(err, &e) || !e.Pos.IsValid()) {
		return fmt.Errorf("got error %#v, want an *Error with a place", err)
	}
	return nil
}

func (v evalAll) OutputSection(o *OutputSection) error {
	for _, e := range []Expr{o.Align, o.SubAlign} {
		if e == nil {
			continue
		}
		align, err := EvalAlign(e, v.env)
		if err == nil && (align == 0 || align&(align-1) != 0) {
			return fmt.Errorf("%v: got alignment %#x", o, align)
		}
		if err := v.check(err); err != nil {
			return err
		}
	}
	return o.Visit(evalAll{layoutEnv(".data")})
}

func (v evalAll) Assignment(a *Assignment) error {
	if a.IsDot() {
		dot, err := AssignDot(a, v.env)
		if err == nil && v.env.section != "" && dot < v.env.dot {
			return fmt.Errorf("%v moves the location counter from %#x to %#x", a, v.env.dot, dot)
		}
		return v.check(err)
	}
	x, err := AssignSymbol(a, v.env)
	if err == nil && (x.Kind == PlainNumber || (x.Section != "") != (x.Kind == Relative)) {
		return fmt.Errorf("%v: got value %#v", a, x)
	}
	return v.check(err)
}

func (v evalAll) Assert(a *Assert) error { return v.check(CheckAssert(a, v.env)) }

func (v evalAll) Data(d *Data) error {
	_, err := EvalData(d, v.env)
	return v.check(err)
}

func (v evalAll) Fill(*Fill) error           { return nil } // it is constant
func (v evalAll) InputSpec(*InputSpec) error { return nil }

// FuzzPlace compares the matcher with a scan of the script, for any script and
// name.
func FuzzPlace(f *testing.F) {
	f.Add("*(SORT(.a.*) .b)", ".a.1", "dir/a.o")
	f.Add("EXCLUDE_FILE(x.a:) *(.[!a-c]?* EXCLUDE_FILE(*b.o) *z)", ".dz", "b.o")
	f.Add("SORT(*)(SORT_BY_ALIGNMENT(.t*) *)", ".text", "a.o")
	f.Fuzz(func(t *testing.T, specs, name, path string) {
		if len(specs) > 1000 || len(name) > 1000 {
			return // the scan is slow
		}
		s, err := Parse("s", []byte("SECTIONS { .x : { "+specs+"\n} .y : { *(*) } }"))
		if err != nil {
			return
		}
		for _, o := range s.OutputSections() {
			if len(o.InputSpecs()) != len(o.contents) {
				return
			}
		}
		m := NewMatcher(s)
		inputs := []InputSection{
			{File: InputFile{Path: path}, Name: name, Align: 4},
			{File: InputFile{Path: "m.o", Archive: path}, Name: name},
			{File: InputFile{Path: path}, Name: name + "x", Align: 8},
			{File: InputFile{Path: "m.o"}, Name: strings.TrimSuffix(name, "x")},
		}
		for _, in := range inputs {
			if _, got, _ := m.Match(in.File, in.Name); got != scan(s, in.File, in.Name) {
				t.Fatalf("%v: got %v, want %v", in, got, scan(s, in.File, in.Name))
			}
		}
		checkPlacement(t, m, inputs)
	})
}

// checkPlacement holds Place to give each input section one place.
func checkPlacement(t *testing.T, m *Matcher, inputs []InputSection) {
	p, err := m.Place(inputs)
	if err != nil {
		return
	}
	count := make([]int, len(inputs))
	for _, list := range p.Specs {
		for _, i := range list {
			count[i]++
		}
	}
	for i := range inputs {
		want := 1
		if p.Owners[i] == nil {
			want = 0
		}
		if count[i] != want {
			t.Fatalf("%v is in %d descriptions, want %d", inputs[i], count[i], want)
		}
	}
}
