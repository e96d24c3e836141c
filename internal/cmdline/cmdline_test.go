// SPDX-License-Identifier: Apache-2.0

package cmdline

import (
	"flag"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

func newFlags() (f *flag.FlagSet, out *string, all *bool) {
	f = flag.NewFlagSet("test", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f, f.String("o", "", "output `FILE`"), f.Bool("all", false, "take all")
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		args, operands string
		out            string
		all            bool
	}{
		{"", "", "", false},
		{"a b", "a b", "", false},
		{"-o x a --all b", "a b", "x", true},
		{"a -o x -- --all -o", "a --all -o", "x", false},
		{"-- a", "a", "", false},
		{"a --", "a", "", false},
		{"-o -- a", "a", "--", false},
	} {
		f, out, all := newFlags()
		operands, err := Parse(f, strings.Fields(c.args))
		if err != nil || !slices.Equal(operands, strings.Fields(c.operands)) || *out != c.out || *all != c.all {
			t.Errorf("%q: operands %q, -o %q, --all %v, %v", c.args, operands, *out, *all, err)
		}
	}
	for _, args := range []string{"--unknown", "a -o", "a --help"} {
		f, _, _ := newFlags()
		if operands, err := Parse(f, strings.Fields(args)); err == nil {
			t.Errorf("%q: operands %q, want an error", args, operands)
		}
	}
}

// Each error has the code of its kind, and that of the flag's own error if it has one.
func TestCodes(t *testing.T) {
	for args, want := range map[string]errcode.Code{
		"--unknown":             errcode.UnknownOption,
		"a -o":                  errcode.OptionSyntax,
		"---o":                  errcode.OptionSyntax,
		"--count=x":             errcode.OptionValue,
		"--all=maybe":           errcode.OptionValue,
		"--rename=x":            errcode.BadRename,
		"a --rename a\": -o: b": errcode.BadRename,
	} {
		f, _, _ := newFlags()
		f.Int("count", 0, "")
		f.Func("rename", "", func(s string) error { return errcode.BadRename.Errorf("%q: want OLD=NEW", s) })
		_, err := Parse(f, strings.SplitN(args, " ", 3))
		if got := errcode.Of(err); got != want {
			t.Errorf("%q: %v has the code %q, want %q", args, err, got, want)
		}
	}
	f, _, _ := newFlags()
	if _, err := Parse(f, []string{"--help"}); err != flag.ErrHelp || errcode.Of(err) != "" {
		t.Errorf("--help: %v", err)
	}
}

func TestExamples(t *testing.T) {
	if got, want := Examples([]string{"test a", "test --all b"}), "\nexamples:\n  test a\n  test --all b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Examples(nil); got != "" {
		t.Errorf("got %q for no examples", got)
	}
}
