// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func compile(source string, words ...string) Compile {
	made := Compile{Source: source}
	for _, word := range words {
		made.Options = append(made.Options, Option(strings.Fields(word)))
	}
	return made
}

func texts(options []Option) []string {
	var words []string
	for _, option := range options {
		words = append(words, option.String())
	}
	return words
}

func TestShare(t *testing.T) {
	for _, test := range []struct {
		name     string
		compiles []Compile
		common   []string
		rest     map[string][]string
	}{
		{
			"equal but for the names",
			[]Compile{
				compile("f/a-b.c", "-O2", `-DKBUILD_MODFILE="f/a-b.nvhe"`, `-DKBUILD_BASENAME="a_b.nvhe"`, "-D__KBUILD_MODNAME=kmod_a_b.nvhe"),
				compile("f/c.c", "-O2", `-DKBUILD_MODFILE="f/c.nvhe"`, `-DKBUILD_BASENAME="c.nvhe"`, "-D__KBUILD_MODNAME=kmod_c.nvhe"),
			},
			[]string{"-O2", `-DKBUILD_MODFILE="f/$(NAME).nvhe"`, `-DKBUILD_BASENAME="$(IDENT).nvhe"`, "-D__KBUILD_MODNAME=kmod_$(IDENT).nvhe"},
			nil,
		},
		{
			"Linux 7 has no kmod_",
			[]Compile{compile("f/a-b.c", "-D__KBUILD_MODNAME=a_b.nvhe")},
			[]string{"-D__KBUILD_MODNAME=$(IDENT).nvhe"},
			nil,
		},
		{
			"a name that only begins like the source's",
			[]Compile{compile("f/a.c", `-DKBUILD_BASENAME="ab"`)},
			[]string{`-DKBUILD_BASENAME="ab"`},
			nil,
		},
		{
			"one more option",
			[]Compile{compile("f/a.c", "-O2", "-Wno-x", "-I$(TREE)/f"), compile("f/b.c", "-O2", "-I$(TREE)/f")},
			[]string{"-O2", "-I$(TREE)/f"},
			map[string][]string{"f/a.c": {"-Wno-x"}},
		},
		{
			"an option less",
			[]Compile{compile("f/a.c", "-O2", "-g"), compile("f/b.c", "-O2")},
			[]string{"-O2"},
			map[string][]string{"f/a.c": {"-g"}},
		},
		{
			"repeated options stay",
			[]Compile{compile("f/a.c", "-DA=", "-DA="), compile("f/b.c", "-DA=", "-DA=")},
			[]string{"-DA=", "-DA="},
			nil,
		},
		{
			"a source spelled with dots",
			[]Compile{compile("f/../a.c", "-fmacro-prefix-map=$(TREE)/=")},
			[]string{"-fmacro-prefix-map=$(TREE)/="},
			map[string][]string{"a.c": {"-ffile-prefix-map=$(TREE)/a.c=f/../a.c"}},
		},
		{
			"a directory spelled with dots",
			[]Compile{compile("f/../lib/s.S", "-fmacro-prefix-map=$(TREE)/=", "-gdwarf-5")},
			[]string{"-fmacro-prefix-map=$(TREE)/=", "-gdwarf-5"},
			map[string][]string{"lib/s.S": {"-ffile-prefix-map=$(TREE)/lib/s.S=f/../lib/s.S", "-fdebug-prefix-map=$(TREE)/lib=f/../lib"}},
		},
		{
			"dots where __FILE__ is not mapped",
			[]Compile{compile("f/../g/s.S", "-g"), compile("f/../s.S", "-g"), compile("f/../g/a.c", "-g")},
			[]string{"-g"},
			map[string][]string{
				"g/s.S": {"-ffile-prefix-map=$(TREE)/g/s.S=f/../g/s.S", "-fdebug-prefix-map=$(TREE)/g=f/../g"},
				"s.S":   {"-ffile-prefix-map=$(TREE)/s.S=f/../s.S"}, "g/a.c": {"-ffile-prefix-map=$(TREE)/g/a.c=f/../g/a.c"},
			},
		},
		{
			"dots without debug information",
			[]Compile{compile("f/../lib/s.S", "-g", "-g0")},
			[]string{"-g", "-g0"},
			map[string][]string{"lib/s.S": {"-ffile-prefix-map=$(TREE)/lib/s.S=f/../lib/s.S"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			shared := Share(test.compiles)
			if got := texts(shared.Common); !reflect.DeepEqual(got, test.common) {
				t.Errorf("common: got %q, want %q", got, test.common)
			}
			if len(shared.PerSource) != len(test.rest) {
				t.Errorf("rest: got %v, want %v", shared.PerSource, test.rest)
			}
			for source, want := range test.rest {
				if got := texts(shared.PerSource[source]); !reflect.DeepEqual(got, want) {
					t.Errorf("rest of %s: got %q, want %q", source, got, want)
				}
			}
		})
	}
}

func TestShareOrderThatCounts(t *testing.T) {
	for _, pair := range [][2]string{
		{"-I$(TREE)/a", "-I$(TREE)/b"},
		{"-O3", "-O2"},
		{"-DA=1", "-UA"},
		{"-fPIE", "-fno-pic"},
		{"-funsigned-char", "-fsigned-char"},
		{"-mcmodel=small", "-mcmodel=tiny"},
		{"-Wno-main", "-Werror=main"},
		{"-Wa,-march=armv8", "-Wa,-mcpu=x"},
		{"-fno-stack-protector", "-fstack-protector-strong"},
		{"-g0", "-gdwarf-5"},
	} {
		// -c is about nothing else, so it stays common.
		shared := Share([]Compile{compile("f/a.c", pair[0], pair[1], "-C"), compile("f/b.c", pair[1], "-C")})
		if got := texts(shared.Common); !reflect.DeepEqual(got, []string{"-C"}) {
			t.Errorf("%s before %s: got common options %q, want -C alone", pair[0], pair[1], got)
		}
		if got := texts(shared.PerSource["f/a.c"]); !reflect.DeepEqual(got, pair[:]) {
			t.Errorf("f/a.c: got %q, want %q in this order", got, pair)
		}
		if got := texts(shared.PerSource["f/b.c"]); !reflect.DeepEqual(got, pair[1:]) {
			t.Errorf("f/b.c: got %q, want %q", got, pair[1:])
		}
	}
}

// As in Linux 7 with CONFIG_NVHE_EL2_TRACING: one source has a directory before those that all have. Moving one common option
// blocks the next one, and one of a source that was checked before.
func TestShareMovesWhatFollows(t *testing.T) {
	lists := map[string][]string{
		"f/a.c": {"-I$(TREE)/include", "-O2", "-I$(TREE)/hyp", "-DX", "-I$(TREE)/nvhe"},
		"f/e.c": {"-I$(TREE)/include", "-O2", "-I$(TREE)/kernel/trace", "-I$(TREE)/hyp", "-DX", "-I$(TREE)/nvhe"},
		"f/z.c": {"-I$(TREE)/include", "-O2", "-I$(TREE)/hyp", "-DX", "-UX", "-I$(TREE)/nvhe"},
	}
	var compiles []Compile
	for _, source := range []string{"f/a.c", "f/e.c", "f/z.c"} {
		compiles = append(compiles, compile(source, lists[source]...))
	}
	shared := Share(compiles)
	if got, want := texts(shared.Common), []string{"-I$(TREE)/include", "-O2", "-DX"}; !reflect.DeepEqual(got, want) {
		t.Errorf("common: got %q, want %q", got, want)
	}
	for source, list := range lists {
		// The options of one subject are in kbuild's order.
		full := append(slices.Clone(shared.Common), shared.PerSource[source]...)
		bySubject := func(options []Option) map[string][]string {
			made := map[string][]string{}
			for _, option := range options {
				made[subject(option)] = append(made[subject(option)], option.String())
			}
			return made
		}
		if got, want := bySubject(full), bySubject(compile(source, list...).Options); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}

// Where kbuild maps __FILE__ nothing is added; else a header is ./d/h.h, and a source f/a.c.
func TestMacroMaps(t *testing.T) {
	for options, want := range map[string][]Option{
		"-O2":                              {{"-fmacro-prefix-map=$(TREE)/=./"}, {"-fmacro-prefix-map=$(TREE)/f/=f/"}},
		"-fdebug-prefix-map=$(TREE)/= -g":  {{"-fmacro-prefix-map=$(TREE)/=./"}, {"-fmacro-prefix-map=$(TREE)/f/=f/"}},
		"-O2 -fmacro-prefix-map=$(TREE)/=": nil,
		"-ffile-prefix-map=$(TREE)/= -DA=\"$(TREE)/=\"": nil,
	} {
		c := Compile{Source: "f/../g/a.c", Object: "f/a.o"}
		for option := range strings.FieldsSeq(options) {
			c.Options = append(c.Options, Option{option})
		}
		if got := MacroMaps(c); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", options, got, want)
		}
	}
}

func TestDebugMaps(t *testing.T) {
	const tree, source = "-fdebug-prefix-map=$(TREE)/=", "-fdebug-prefix-map=./$(TREE)/="
	for _, test := range []struct {
		options string
		want    []Option
	}{
		{"-O2", nil},
		{"-g -O2", []Option{{tree}}},
		{"-gdwarf-5", []Option{{tree}}},
		{"-g -g0", nil},
		{"-g0 -g", []Option{{tree}}},
		{"-g -include=$(TREE)/a.h", []Option{{tree}}},
		{"-g -include=$(TREE)/a.h -include=$(TREE)/a.c", []Option{{tree}, {source}}},
		{"-include=$(TREE)/a.c", nil},
	} {
		var options []Option
		for _, word := range strings.Fields(test.options) {
			options = append(options, Option(strings.SplitN(word, "=", 2))) // one of two words
		}
		if got := DebugMaps(options); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.options, got, test.want)
		}
	}
}

// With clang, a group of warnings that comes after a single one overrides it.
func TestWarningGroups(t *testing.T) {
	list := func(text string) (options []Option) {
		for _, word := range strings.Fields(text) {
			options = append(options, Option{word})
		}
		return options
	}
	for _, test := range []struct {
		options, common string
		want            int
	}{
		{"-O2 -Wall -Wno-unused", "-O2 -Wno-unused", 1},
		{"-Wextra -Werror=return-type", "-Werror=return-type", 0},
		{"-Wall -Wa,-I. -O2", "-Wa,-I. -O2", -1},
		{"-Wno-unused -Wall", "-Wno-unused", -1},
		{"-Wshadow -Wno-unused", "-Wno-unused", -1},
	} {
		if got := blocked(list(test.options), list(test.common)); got != test.want {
			t.Errorf("%s, common %s: got %d, want %d", test.options, test.common, got, test.want)
		}
	}
}
