// SPDX-License-Identifier: Apache-2.0

package hyprel_test

import (
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/check"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
)

// FuzzAdd adds the table to any object. The result can be parsed again, and
// package check, which verifies the table independently, has no findings.
func FuzzAdd(f *testing.F) {
	for _, text := range []string{`section .hyp.text PROGBITS AX align=8
  00000000 00000000 00000000 00000000
  +0x8 ABS64 f+4
  +0x4 ADD_ABS_LO12_NC f+0
section .hyp.rodata PROGBITS A align=8
  0000000000000000 0000000000000000
  +0x8 ABS64 f+0
  +0x0 ABS64 outside+0
symbol f LOCAL FUNC .hyp.text+0x0
symbol __hyp_section_.hyp.text GLOBAL NOTYPE .hyp.text+0x0
symbol __hyp_section_.hyp.rodata GLOBAL NOTYPE .hyp.rodata+0x0
symbol outside GLOBAL NOTYPE UND
`, "section .hyp.text PROGBITS AX align=4\n  00000000\n", "section .hyp.bss NOBITS WA align=4 size=64\n  +0x0 NONE -+0\n"} {
		for _, machine := range []string{"machine AArch64\n", "machine AArch64 big\n", "machine x86-64\n"} {
			if o, err := elftext.Parse("in.o", machine+text); err == nil {
				f.Add(golden.Encode(f, o))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := elfobj.Parse("in.o", data)
		if err != nil || hyprel.Add(o, hyprel.DefaultSectionPrefix) != nil {
			return
		}
		data, err = o.Bytes()
		if err != nil {
			return // a relocation outside of hypervisor sections is damaged
		}
		if o, err = elfobj.Parse("out.o", data); err != nil {
			t.Fatal(err)
		}
		r, err := check.Run(o, check.Options{SectionPrefix: hyprel.DefaultSectionPrefix, HypRelocations: check.Required})
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Findings {
			if r.Findings[i].ID == "HYP007" {
				t.Error(r.Findings[i].Message)
			}
		}
	})
}
