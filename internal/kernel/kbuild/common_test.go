package kbuild

import (
	"reflect"
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
			"dots do not count where __FILE__ is not mapped",
			[]Compile{compile("f/../a.c", "-O2")},
			[]string{"-O2"},
			nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			shared, err := Share(test.compiles)
			if err != nil {
				t.Fatal(err)
			}
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
		_, err := Share([]Compile{compile("f/a.c", pair[0], pair[1]), compile("f/b.c", pair[1])})
		if err == nil || !strings.Contains(err.Error(), pair[0]+" is before "+pair[1]) {
			t.Errorf("%s before %s: got error %v, want one about the order", pair[0], pair[1], err)
		}
	}
}

func TestDebugMap(t *testing.T) {
	for _, test := range []struct {
		options string
		want    Option
	}{
		{"-O2", nil},
		{"-g -O2", Option{"-fdebug-prefix-map=$(TREE)/="}},
		{"-gdwarf-5", Option{"-fdebug-prefix-map=$(TREE)/="}},
		{"-g -g0", nil},
		{"-g0 -g", Option{"-fdebug-prefix-map=$(TREE)/="}},
	} {
		var options []Option
		for _, word := range strings.Fields(test.options) {
			options = append(options, Option{word})
		}
		if got := DebugMap(options); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.options, got, test.want)
		}
	}
}
