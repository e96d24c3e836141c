// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

const sameNames = `machine AArch64
section .text.x PROGBITS AX align=4
  1f2003d5 c0035fd6
section .text.y PROGBITS AX align=4
  c0035fd6 1f2003d5
section .bss.x NOBITS WA align=1 size=0
section .bss.y NOBITS WA align=1 size=0
section .data PROGBITS WA align=8
  00000000 00000000
  +0x0 R_AARCH64_ABS64 end_a+0
symbol end_a LOCAL NOTYPE .text.x+0x8
symbol end_b LOCAL NOTYPE .text.y+0x8
symbol empty_a LOCAL NOTYPE .bss.x+0x0
symbol empty_b LOCAL NOTYPE .bss.y+0x0
symbol fa GLOBAL FUNC .text.x+0x0 size=8
symbol fb GLOBAL FUNC .text.y+0x0 size=8
symbol tab GLOBAL OBJECT .data+0x0 size=8
`

// Places without a unit, at the end of sections or in empty ones, are those of one section, even if others have its name.
func TestSectionsOfOneName(t *testing.T) {
	object := func(target string) *elfobj.Object {
		o := parse(t, target, strings.Replace(sameNames, "ABS64 end_a", "ABS64 "+target, 1))
		for _, s := range o.Sections {
			if s != nil {
				s.Name = strings.Replace(s.Name, ".y", ".x", 1)
			}
		}
		return o
	}
	targets := []string{"end_a", "end_b", "empty_a", "empty_b", "fa", "fb"}
	for _, x := range targets {
		for _, y := range targets {
			r, err := Run(object(x), object(y), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Equal != (x == y) {
				t.Errorf("a reference to %s and one to %s: equal is %t", x, y, r.Equal)
			}
		}
	}
}
