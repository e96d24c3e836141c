// SPDX-License-Identifier: Apache-2.0

package cmdline

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// TestDefaults has the dashes of usage lines, and no types of Go, before names.
func TestDefaults(t *testing.T) {
	f, _, _ := newFlags()
	f.String("order", "input", "`ORDER`: the order of symbols")
	f.Int("lines", 20, "how many lines")
	f.String("policy", "", "a `file`")
	const want = "  --all\n        take all\n  --lines N\n        how many lines (default 20)\n  -o FILE\n        output FILE\n" +
		"  --order ORDER\n        the order of symbols (default input)\n  --policy file\n        a file\n"
	if got := Defaults(f, Two); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Defaults(f, One), strings.ReplaceAll(want, "--", "-"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRefuseEmpty gives options an empty value, as a shell does whose variable is not
// set. Where it should name a file that was taken for no option.
func TestRefuseEmpty(t *testing.T) {
	for args, refused := range map[string]bool{
		"-o=": true, "a --o= b": true, "-o x": false, "--policy=": true, "--prefix=": false, "--all": false,
	} {
		f, _, _ := newFlags()
		f.String("policy", "", "a `file`")
		f.String("prefix", "p", "`PREFIX`: what names begin with")
		_, err := Parse(f, strings.Fields(args))
		if (err != nil) != refused || refused && errcode.Of(err) != errcode.OptionValue {
			t.Errorf("%s: got error %v", args, err)
		}
	}
}
