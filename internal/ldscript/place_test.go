// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// twoObjects and an archive with the second of them are the inputs of the
// experiments with GNU ld 2.40 whose results the tests below hold.
var (
	objectA = []InputSection{
		{Name: ".text", Align: 4}, {Name: ".a.2", Align: 1}, {Name: ".a.1", Align: 4}, {Name: ".b", Align: 1},
	}
	objectB = []InputSection{
		{Name: ".text", Align: 4}, {Name: ".a.0", Align: 8}, {Name: ".a.1", Align: 1}, {Name: ".b", Align: 1},
	}
	objectC = []InputSection{
		{Name: ".c.3"}, {Name: ".u.1"}, {Name: ".c.1"}, {Name: ".u.0"}, {Name: ".c.2"}, {Name: ".z.2"}, {Name: ".c.0"},
	}
)

// of returns the sections as those of file.
func of(sections []InputSection, path, archive string) []InputSection {
	var list []InputSection
	for _, s := range sections {
		s.File = InputFile{Path: path, Archive: archive}
		list = append(list, s)
	}
	return list
}

// named returns sections with names.
func named(names ...string) (list []InputSection) {
	for _, n := range names {
		list = append(list, InputSection{Name: n})
	}
	return list
}

// placed formats what each output section takes, as
// ".d: a.o.a.1 b.o.b; orphans: a.o.text".
func placed(t *testing.T, s *Script, inputs []InputSection) string {
	t.Helper()
	p, err := NewMatcher(s).Place(inputs)
	if err != nil {
		t.Fatal(err)
	}
	label := func(i int) string { return inputs[i].File.Path + inputs[i].Name }
	var parts []string
	for _, o := range s.OutputSections() {
		part := o.Name + ":"
		for _, spec := range o.InputSpecs() {
			for _, i := range p.Specs[spec] {
				part += " " + label(i)
				if p.Owners[i] != o {
					t.Errorf("%s is in %s, but its owner is %v", label(i), o.Name, p.Owners[i])
				}
			}
		}
		parts = append(parts, part)
	}
	orphans := "orphans:"
	for i, o := range p.Owners {
		if o == nil {
			orphans += " " + label(i)
		}
	}
	return strings.Join(append(parts, orphans), "; ")
}

func TestPlace(t *testing.T) {
	ab := append(of(objectA, "a.o", ""), of(objectB, "b.o", "")...)
	ba := append(of(objectB, "b.o", ""), of(objectA, "a.o", "")...)
	lib := append(of(objectA, "a.o", ""), of(objectB, "b.o", "libx.a")...)
	c := of(objectC, "", "")
	tests := []struct {
		name   string
		inputs []InputSection
		src    string
		want   string
	}{
		{
			"one list mixes", ab, ".d : { *(.a.1 .a.2 .a.0 .b) }",
			".d: a.o.a.2 a.o.a.1 a.o.b b.o.a.0 b.o.a.1 b.o.b; orphans: a.o.text b.o.text",
		},
		{
			"several lists do not", ab, ".d : { *(.a.1) *(.a.2) *(.a.*) *(.b) }",
			".d: a.o.a.1 b.o.a.1 a.o.a.2 b.o.a.0 a.o.b b.o.b; orphans: a.o.text b.o.text",
		},
		{
			"first description wins", ab, ".x : { *(.a.1) } .y : { *(.a.*) } .z : { *(.a.1 .b) }",
			".x: a.o.a.1 b.o.a.1; .y: a.o.a.2 b.o.a.0; .z: a.o.b b.o.b; orphans: a.o.text b.o.text",
		},
		{
			"/DISCARD/ has its turn", ab, ".x : { *(.a.1) } /DISCARD/ : { *(.a.* .text) } .y : { *(*) }",
			".x: a.o.a.1 b.o.a.1; /DISCARD/: a.o.text a.o.a.2 b.o.text b.o.a.0; .y: a.o.b b.o.b; orphans:",
		},
		{
			"/DISCARD/ twice", ab, "/DISCARD/ : { *(.a.1) } .e : { *(.a.*) } /DISCARD/ : { *(.b) }",
			"/DISCARD/: a.o.a.1 b.o.a.1; .e: a.o.a.2 b.o.a.0; /DISCARD/: a.o.b b.o.b; orphans: a.o.text b.o.text",
		},
		{
			"SORT", ab, ".d : { *(SORT(.a.*)) }",
			".d: b.o.a.0 a.o.a.1 b.o.a.1 a.o.a.2; orphans: a.o.text a.o.b b.o.text b.o.b",
		},
		{
			"SORT_BY_ALIGNMENT", ab, ".d : { *(SORT_BY_ALIGNMENT(.a.*)) }",
			".d: b.o.a.0 a.o.a.1 a.o.a.2 b.o.a.1; orphans: a.o.text a.o.b b.o.text b.o.b",
		},
		{
			"name, then alignment", ba, ".d : { *(SORT_BY_NAME(SORT_BY_ALIGNMENT(.a.*))) }",
			".d: b.o.a.0 a.o.a.1 b.o.a.1 a.o.a.2; orphans: b.o.text b.o.b a.o.text a.o.b",
		},
		{
			"alignment, then name", ab, ".d : { *(SORT_BY_ALIGNMENT(SORT(.a.*))) }",
			".d: b.o.a.0 a.o.a.1 b.o.a.1 a.o.a.2; orphans: a.o.text a.o.b b.o.text b.o.b",
		},
		{
			"SORT_NONE", ab, ".d : { *(SORT_NONE(.a.*)) }",
			".d: a.o.a.2 a.o.a.1 b.o.a.0 b.o.a.1; orphans: a.o.text a.o.b b.o.text b.o.b",
		},
		{
			"files by name, then sections", ba, ".d : { SORT(*)(SORT(.a.*)) }",
			".d: a.o.a.1 a.o.a.2 b.o.a.0 b.o.a.1; orphans: b.o.text b.o.b a.o.text a.o.b",
		},
		{
			"files by name", ba, ".d : { SORT(*)(.a.*) }",
			".d: a.o.a.2 a.o.a.1 b.o.a.0 b.o.a.1; orphans: b.o.text b.o.b a.o.text a.o.b",
		},
		{
			"EXCLUDE_FILE of one pattern", ab, ".d : { *(EXCLUDE_FILE(a.o) .a.* .b) }",
			".d: a.o.b b.o.a.0 b.o.a.1 b.o.b; orphans: a.o.text a.o.a.2 a.o.a.1 b.o.text",
		},
		{
			"EXCLUDE_FILE of all patterns", ab, ".d : { EXCLUDE_FILE(*a.o) *(.a.* .b) }",
			".d: b.o.a.0 b.o.a.1 b.o.b; orphans: a.o.text a.o.a.2 a.o.a.1 a.o.b b.o.text",
		},
		{
			"a file alone", ab, ".d : { b.o }",
			".d: b.o.text b.o.a.0 b.o.a.1 b.o.b; orphans: a.o.text a.o.a.2 a.o.a.1 a.o.b",
		},
		{
			"archive by its path", lib, ".d : { *libx.a(.a.1) } .e : { *x.a:(.a.1) }",
			".d:; .e: b.o.a.1; orphans: a.o.text a.o.a.2 a.o.a.1 a.o.b b.o.text b.o.a.0 b.o.b",
		},
		{
			"archive and member", lib, ".d : { :*.o(.b) *x.a:b.o(.a.0) }",
			".d: a.o.b b.o.a.0; orphans: a.o.text a.o.a.2 a.o.a.1 b.o.text b.o.a.1 b.o.b",
		},
		{
			"EXCLUDE_FILE of an archive", lib, ".d : { *(EXCLUDE_FILE(*libx.a) .b) } .e : { *(.b) }",
			".d: a.o.b; .e: b.o.b; orphans: a.o.text a.o.a.2 a.o.a.1 b.o.text b.o.a.0 b.o.a.1",
		},
		{
			"archives by name", append(of(objectB, "b.o", "z.a"), of(objectA, "y.o", "")...), ".d : { SORT(*)(.b) }",
			".d: y.o.b b.o.b; orphans: b.o.text b.o.a.0 b.o.a.1 y.o.text y.o.a.2 y.o.a.1",
		},
		{
			"mixed sorting 1", c, ".d : { *(SORT(.c.*) .u.*) }",
			".d: .c.0 .c.1 .c.2 .c.3 .u.1 .u.0; orphans: .z.2",
		},
		{
			"mixed sorting 2", c, ".d : { *(.u.* SORT(.c.*) SORT_BY_ALIGNMENT(.z.*)) }",
			".d: .c.0 .c.1 .c.2 .c.3 .u.1 .u.0 .z.2; orphans:",
		},
		{
			"mixed sorting 3", c, ".d : { *(.c.1 SORT(*.?)) }",
			".d: .c.0 .c.1 .c.2 .c.3 .u.0 .u.1 .z.2; orphans:",
		},
		{
			"mixed sorting 4", c, ".d : { *(SORT_NONE(.c.1) SORT_BY_ALIGNMENT(.c.3) SORT(*.?)) }",
			".d: .c.0 .c.1 .c.2 .c.3 .u.0 .u.1 .z.2; orphans:",
		},
		{
			"mixed sorting, unsorted first", c, ".d : { *(.c.3 SORT(.u.*)) }",
			".d: .c.3 .u.0 .u.1; orphans: .c.1 .c.2 .z.2 .c.0",
		},
		{
			"by priority", named(".init_array.65535", ".init_array.200", ".ctors.65435", ".init_array.00007", ".ctors.65535", ".init_array.200"), ".d : { *(SORT_BY_INIT_PRIORITY(*)) }",
			".d: .ctors.65535 .init_array.00007 .ctors.65435 .init_array.200 .init_array.200 .init_array.65535; orphans:",
		},
		{
			"by priority, equal ones by name", named(".init_array.5", ".init_array.00005", ".ctors.65530"), ".d : { *(SORT_BY_INIT_PRIORITY(*)) }",
			".d: .ctors.65530 .init_array.00005 .init_array.5; orphans:",
		},
		{
			"by priority, some without", named(".ctors.100", ".init_array.200", ".ctors.65535", ".init_array.65535", ".init_array.00001", ".ctors.abc", ".init_array.zz",
				".init_array.", ".ctors.99999", ".init_array.99999999999999999999", ".init_array.0x10", ".ctors.010", ".init_array.1.2"), ".d : { *(SORT_BY_INIT_PRIORITY(*)) }",
			".d: .ctors.65535 .init_array.00001 .init_array.1.2 .init_array.200 .ctors.100 .ctors.010 .ctors.99999 .ctors.abc " +
				".init_array. .init_array.0x10 .init_array.65535 .init_array.99999999999999999999 .init_array.zz; orphans:",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := Parse("s", []byte("SECTIONS { "+test.src+" }"))
			if err != nil {
				t.Fatal(err)
			}
			if got := placed(t, s, test.inputs); got != test.want {
				t.Errorf("\ngot  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestPlaceMissingFile(t *testing.T) {
	s, err := Parse("s", []byte("SECTIONS {\n .a : { a.o(.text) lib/none.o(.text) } }"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewMatcher(s).Place(of(objectA, "a.o", ""))
	want := `s:2:20: no input file is called "lib/none.o"; name it as an input, or write a pattern such as *lib/none.o`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestMixedSortingIsBounded holds the time for a sorting tree that grows to a
// list.
func TestMixedSortingIsBounded(t *testing.T) {
	s, err := Parse("s", []byte("SECTIONS {\n .a : { *(SORT(.a.*) .b) } }"))
	if err != nil {
		t.Fatal(err)
	}
	inputs := make([]InputSection, 40000)
	for i := range inputs {
		inputs[i].Name = fmt.Sprintf(".a.%06d", i)
	}
	_, err = NewMatcher(s).Place(inputs)
	want := `s:2:9: too many input sections for a description that mixes sortings; write one description for each sorting`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestMatcherAgainstScan compares the trie with a scan of the whole script.
func TestMatcherAgainstScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	patterns := words("ab*?", 3)[1:]
	names := words("ab", 4)
	files := []InputFile{{Path: "a.o"}, {Path: "b.o"}, {Path: "a.o", Archive: "x.a"}}
	for range 300 {
		var src strings.Builder
		src.WriteString("SECTIONS {\n")
		for o := range 1 + rng.IntN(4) {
			fmt.Fprintf(&src, "s%d : {", o)
			for range rng.IntN(4) {
				src.WriteString(pick(" *", " *a.o", " x.a:*", " EXCLUDE_FILE(b.o) *"))
				sep := "("
				for range 1 + rng.IntN(3) {
					src.WriteString(sep + pick("", "EXCLUDE_FILE(a.o) ") + pick(patterns...))
					sep = " "
				}
				src.WriteString(")")
			}
			src.WriteString(" }\n")
		}
		src.WriteString("}\n")
		s, err := Parse("s", []byte(src.String()))
		if err != nil {
			t.Fatalf("%v\n%s", err, src.String())
		}
		m := NewMatcher(s)
		for _, f := range files {
			for _, n := range names {
				_, got, _ := m.Match(f, n)
				if want := scan(s, f, n); got != want {
					t.Fatalf("%v %q: got %v, want %v in\n%s", f, n, got, want, src.String())
				}
			}
		}
	}
}

// scan finds the description by looking at each in turn.
func scan(s *Script, f InputFile, name string) *InputSpec {
	for _, o := range s.OutputSections() {
		for _, spec := range o.InputSpecs() {
			if !spec.File.Glob.Match(f) || excluded(spec.File.Exclude, f) {
				continue
			}
			if len(spec.Patterns) == 0 {
				return spec
			}
			for i := range spec.Patterns {
				p := &spec.Patterns[i]
				if p.Glob.Match(name) && !excluded(p.Exclude, f) {
					return spec
				}
			}
		}
	}
	return nil
}

// words returns all words of up to n letters of the alphabet.
func words(alphabet string, n int) []string {
	list := []string{""}
	for from := 0; n > 0; n-- {
		to := len(list)
		for _, w := range list[from:to] {
			for i := range len(alphabet) {
				list = append(list, w+alphabet[i:i+1])
			}
		}
		from = to
	}
	return list
}

// excluded looks at one pattern after another.
func excluded(list []FileGlob, f InputFile) bool {
	for i := range list {
		if list[i].Excludes(f) {
			return true
		}
	}
	return false
}

// Thousands of patterns that exclude files, of all forms: those that are looked up
// and those that are not.
func TestManyExclusions(t *testing.T) {
	const patterns, files, sections = 4000, 300, 200
	var text strings.Builder
	text.WriteString("SECTIONS { .hyp.text : { EXCLUDE_FILE(")
	for i := range patterns {
		fmt.Fprintf(&text, []string{"out/%d.o ", "*dir/%d.o ", "lib?%d.o ", "lib.a:%d.o "}[i%4], i)
	}
	text.WriteString(") *(.text .text.*) } }")
	s, err := Parse("hyp.lds", []byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	var inputs []InputSection
	for file := range files {
		for i := range sections {
			inputs = append(inputs, InputSection{File: InputFile{Path: fmt.Sprintf("out/%d.o", file)}, Name: fmt.Sprintf(".text.%d", i)})
		}
	}
	inputs = append(inputs, InputSection{File: InputFile{Path: "3.o", Archive: "lib.a"}, Name: ".text"},
		InputSection{File: InputFile{Path: "4.o", Archive: "lib.a"}, Name: ".text"},
		InputSection{File: InputFile{Path: "x/dir/1.o"}, Name: ".text"}, InputSection{File: InputFile{Path: "lib-2.o"}, Name: ".text"})
	p, err := NewMatcher(s).Place(inputs)
	if err != nil {
		t.Fatal(err)
	}
	exclude := s.OutputSections()[0].InputSpecs()[0].File.Exclude
	last := InputFile{}
	want := false
	for i := range inputs {
		if f := inputs[i].File; f != last {
			last, want = f, !excluded(exclude, f)
		}
		if got := p.Owners[i] != nil; got != want {
			t.Fatalf("%v %s: taken is %v, want %v", inputs[i].File, inputs[i].Name, got, want)
		}
	}
}
