// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"errors"
	"strings"
	"testing"
)

// parseFiles parses scripts, of which the names are given, with the files that they
// may include.
func parseFiles(files map[string]string, scripts ...string) (*Script, error) {
	var sources []Source
	for _, name := range scripts {
		sources = append(sources, Source{Name: name, Text: []byte(files[name])})
	}
	return ParseAll(sources, func(name string) (Source, error) {
		text, ok := files[name]
		if !ok {
			return Source{}, errors.New("there is none; write one")
		}
		return Source{Name: name, Text: []byte(text)}, nil
	})
}

// Several scripts, and files that they include, are the one script that has their texts
// in place.
func TestIncludeIsText(t *testing.T) {
	for _, test := range []struct {
		name    string
		files   map[string]string
		scripts []string
		whole   string
	}{
		{
			"commands",
			map[string]string{
				"a": "x = 1; INCLUDE b y = x + 1;",
				"b": "SECTIONS { .t : { *(.text) } } z = 3;",
			},
			[]string{"a"},
			"x = 1; SECTIONS { .t : { *(.text) } } z = 3; y = x + 1;",
		},
		{
			"in SECTIONS",
			map[string]string{
				"a":         "SECTIONS { .t : { *(.text) } INCLUDE dir/b.lds .d : { *(.data) } }",
				"dir/b.lds": ".r : { *(.rodata) } =0x90 end = .;",
			},
			[]string{"a"},
			"SECTIONS { .t : { *(.text) } .r : { *(.rodata) } =0x90 end = .; .d : { *(.data) } }",
		},
		{
			"in an output section",
			map[string]string{
				"a": `SECTIONS { .t : { start = .; INCLUDE "b c"; *(.text) } }`, "b c": "*(.text.hot)\nKEEP(*(.keep)) BYTE(1)",
			},
			[]string{"a"},
			"SECTIONS { .t : { start = .; *(.text.hot) KEEP(*(.keep)) BYTE(1) *(.text) } }",
		},
		{
			"nested, twice, and empty",
			map[string]string{
				"a": "INCLUDE b SECTIONS { INCLUDE c }", "b": "INCLUDE d x = 1;", "c": ".t : { INCLUDE e *(.text) INCLUDE e }", "d": "", "e": "BYTE(7)",
			},
			[]string{"a"},
			"x = 1; SECTIONS { .t : { BYTE(7) *(.text) BYTE(7) } }",
		},
		{
			"several scripts",
			map[string]string{
				"a": "SECTIONS { .t : { *(.text) } }", "b": "x = SIZEOF(.t); SECTIONS { .d : { *(.data) } }",
			},
			[]string{"a", "b"},
			"SECTIONS { .t : { *(.text) } } x = SIZEOF(.t); SECTIONS { .d : { *(.data) } }",
		},
		{
			"program headers of another script",
			map[string]string{
				"a": "SECTIONS { .t : { *(.text) } :text }", "b": "PHDRS { text PT_LOAD; }",
			},
			[]string{"a", "b"},
			"SECTIONS { .t : { *(.text) } }",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := parseFiles(test.files, test.scripts...)
			if err != nil {
				t.Fatal(err)
			}
			whole, err := Parse("s", []byte(test.whole))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := s.String(), whole.String(); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			if want := strings.Join(test.scripts, ", "); s.Name != want {
				t.Errorf("the name is %q, want %q", s.Name, want)
			}
		})
	}
}

// Errors name the file and line in which they are, and those of an INCLUDE where it is.
func TestIncludeErrors(t *testing.T) {
	deep := map[string]string{"s": "INCLUDE s"}
	wide := map[string]string{"a": "INCLUDE b", "b": strings.Repeat("INCLUDE c\n", 30), "c": strings.Repeat("INCLUDE d\n", 40), "d": ""}
	for _, test := range []struct {
		name, want string
		files      map[string]string
		scripts    []string
	}{
		{"no such file", "a:2:3: INCLUDE of `b`: there is none; write one", map[string]string{"a": "x = 1;\n  INCLUDE b"}, []string{"a"}},
		{"error in the file", "b:2:1: MEMORY is not supported; remove it: a relocatable object has no memory regions", map[string]string{"a": "INCLUDE b", "b": "x = 1;\nMEMORY { }"}, []string{"a"}},
		{"error after the file", "a:2:1: MEMORY is not supported; remove it: a relocatable object has no memory regions", map[string]string{"a": "INCLUDE b\nMEMORY { }", "b": "x\n=\n1;"}, []string{"a"}},
		{"line marker in the file", "b.S:8:1: unexpected `}`; write a command", map[string]string{"a": "INCLUDE b", "b": "# 8 \"b.S\"\n}"}, []string{"a"}},
		{"half a SECTIONS", "b:1:11: unexpected end of file; write an output section, an assignment or `}`", map[string]string{"a": "INCLUDE b }", "b": "SECTIONS {"}, []string{"a"}},
		{"closing brace", "b:1:1: unexpected `}`; write an output section, an assignment or `}`", map[string]string{"a": "SECTIONS { INCLUDE b", "b": "}"}, []string{"a"}},
		{"closing brace of an output section", "b:1:9: unexpected `}`; write an input section description, an assignment or `}`", map[string]string{"a": "SECTIONS { .t : { INCLUDE b", "b": "*(.text)} "}, []string{"a"}},
		{"half a script", "a:1:11: unexpected end of file; write an output section, an assignment or `}`", map[string]string{"a": "SECTIONS {", "b": "}"}, []string{"a", "b"}},
		{"no name", "a:1:8: unexpected end of file; write the name of a file", map[string]string{"a": "INCLUDE"}, []string{"a"}},
		{"empty name", "a:1:9: empty name of a file; write a name between the quotes", map[string]string{"a": `INCLUDE ""`}, []string{"a"}},
		{"circle", "s:1:1: INCLUDE of `s`: more than 10 files include each other; remove one level, or the circle that they form", deep, []string{"s"}},
		{"too many", "c:15:1: INCLUDE of `d`: more than 1000 files are included; write some of the text into the script", wide, []string{"a"}},
		{"output section of another script", "b:1:12: second description of `.t`, which GNU ld makes a second section of that name; the first is at a:1:12; put the contents of both into one description", map[string]string{"a": "SECTIONS { .t : { *(.text) } }", "b": "SECTIONS { .t : { *(.text.x) } }"}, []string{"a", "b"}},
		{"number for a name", "a:1:9: unexpected `}`; write the name of a file", map[string]string{"a": `INCLUDE }`}, []string{"a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseFiles(test.files, test.scripts...)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// A chain of as many files as GNU ld takes.
func TestIncludeDepth(t *testing.T) {
	files := map[string]string{"j": "x = 1;"}
	for i := range "abcdefghi" {
		files[string(rune('a'+i))] = "INCLUDE " + string(rune('b'+i))
	}
	if _, err := parseFiles(files, "a"); err != nil {
		t.Error(err)
	}
	files["z"] = "INCLUDE a"
	if _, err := parseFiles(files, "z"); err == nil {
		t.Error("eleven files that include each other are accepted")
	}
}
