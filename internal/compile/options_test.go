// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParseOptions(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"opts.h": "-I 'a b' @more -DX=\\\"y\\\"\n", "more": "-specs=s.h"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o, err := parseOptions([]string{"gcc", "-idirafterlast", "-Iinc", "@opts.h", "@missing", "-isystem", "sys", "-iquote", "q", "-c", "-o", "a.o", "a.S"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"opts.h", "more"}; !slices.Equal(o.responseFiles, want) {
		t.Errorf("response files %q, want %q", o.responseFiles, want)
	}
	if want := []string{"inc", "a b", "sys", "q"}; !slices.Equal(o.includes, want) {
		t.Errorf("includes %q, want %q", o.includes, want)
	}
	if want := []string{"q", "inc", "a b", "sys", "last"}; !slices.Equal(o.search, want) {
		t.Errorf("search %q, want %q", o.search, want)
	}
	for _, want := range []string{"opts.h", "s.h"} {
		if !slices.Contains(o.named, want) {
			t.Errorf("named %q; want %s among them", o.named, want)
		}
	}
	if o.source != "a.S" || o.output != "a.o" || !o.preprocesses || !o.assembles {
		t.Errorf("got %+v", o)
	}
}

func TestParseOptionsFindsSteps(t *testing.T) {
	for _, tt := range []struct {
		args                    string
		preprocesses, assembles bool
	}{
		{"-c a.c", true, true},
		{"-c a.s", false, true},
		{"-x assembler-with-cpp -c a.s", true, true},
		{"-E -x assembler-with-cpp -o a.lds a.lds.S", true, false},
		{"-S a.c", true, false},
	} {
		o, err := parseOptions(append([]string{"gcc"}, strings.Fields(tt.args)...))
		if err != nil || o.preprocesses != tt.preprocesses || o.assembles != tt.assembles {
			t.Errorf("%s: got %+v, %v", tt.args, o, err)
		}
	}
}

func TestResponseFileThatNamesItself(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("opts", []byte("@opts"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := parseOptions([]string{"gcc", "@opts", "a.c"}); err == nil || !strings.Contains(err.Error(), "names itself") {
		t.Errorf("got %v, want an error", err)
	}
}

func TestSplitWords(t *testing.T) {
	got := splitWords("-a  'b c' \"d e\"f g\\ h ''\n-i")
	if want := []string{"-a", "b c", "d ef", "g h", "", "-i"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
