package ldscript

import (
	"errors"
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

// FuzzParse holds the parser to its promises for any input: a script that prints
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
		inside, outside := layoutEnv(".data"), layoutEnv("")
		for _, c := range s.Commands {
			switch c := c.(type) {
			case *Sections:
				for _, sc := range c.Commands {
					evalAny(t, sc, outside)
					if o, ok := sc.(*OutputSection); ok {
						for _, st := range o.Contents {
							evalAny(t, st, inside)
						}
					}
				}
			default:
				evalAny(t, c, outside)
			}
		}
	})
}

func evalAny(t *testing.T, n any, env *testEnv) {
	var v Value
	var err error
	switch n := n.(type) {
	case *Assignment:
		if n.IsDot() {
			var dot uint64
			dot, err = AssignDot(n, env)
			if err == nil && env.section != "" && dot < env.dot {
				t.Fatalf("%v moves the location counter from %#x to %#x", n, env.dot, dot)
			}
			break
		}
		v, err = AssignSymbol(n, env)
		if err == nil && (v.Kind == PlainNumber || (v.Section != "") != (v.Kind == Relative)) {
			t.Fatalf("%v: got value %#v", n, v)
		}
	case *Assert:
		err = CheckAssert(n, env)
	case *Data:
		_, err = EvalData(n, env)
	case *OutputSection:
		for _, e := range []Expr{n.Align, n.SubAlign} {
			if e == nil {
				continue
			}
			var align uint64
			align, err = EvalAlign(e, env)
			if err == nil && (align == 0 || align&(align-1) != 0) {
				t.Fatalf("%v: got alignment %#x", n, align)
			}
		}
	}
	var e *Error
	if err != nil && (!errors.As(err, &e) || !e.Pos.IsValid()) {
		t.Fatalf("got error %#v, want an *Error with a place", err)
	}
}

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
			for _, st := range o.Contents {
				if _, ok := st.(*InputSpec); !ok {
					return
				}
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
			t.Fatalf("%v stands in %d descriptions, want %d", inputs[i], count[i], want)
		}
	}
}
