// SPDX-License-Identifier: Apache-2.0

package link

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// TestThinMembers matches the member of an archive by its name, and one of a thin
// archive by its path, as GNU ld 2.40 does.
func TestThinMembers(t *testing.T) {
	for _, c := range []struct {
		pattern        string
		thin, ordinary bool // whether it takes the section
	}{
		{"*drv/foo.o(.d)", true, false},
		{"drv/*(.d)", true, false},
		{"?oo.o(.d)", false, true},
		{"*oo.o(.d)", true, true},
		{"*in.a:drv/foo.o(.d)", true, false},
		{"*in.a:foo.o(.d)", false, true},
		{"*(EXCLUDE_FILE(drv/foo.o) .d)", false, true},
	} {
		for _, thin := range []bool{true, false} {
			o, err := elftext.Parse("drv/built-in.a(foo.o)", "section .d PROGBITS WA align=1\n  01\nsection .text PROGBITS AX align=4\n  00000000\n")
			if err != nil {
				t.Fatal(err)
			}
			want := c.ordinary
			if o.Archive = "drv/built-in.a"; thin {
				o.ThinPath, want = "drv/foo.o", c.thin
			}
			s, err := ldscript.Parse("s.lds", []byte("SECTIONS { .text : { *(.text) } .x : { "+c.pattern+" } .y : { *(.d) } }"))
			if err != nil {
				t.Fatal(err)
			}
			out, err := Link([]*elfobj.Object{o}, Options{Name: "out.o", Script: s})
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(elftext.Format(out), "section .x "); got != want {
				t.Errorf("%s: %s, thin archive %v: taken %v, want %v", "members-of-thin-archives", c.pattern, thin, got, want)
			}
		}
	}
}
