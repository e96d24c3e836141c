// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// TestPropertyNotes requires BTI of objects with all kinds of property notes.
func TestPropertyNotes(t *testing.T) {
	const (
		section = "section .note.gnu.property NOTE A align=8\n "
		header  = " 04000000 10000000 05000000 474e5500"
		bti     = " 000000c0 04000000 01000000 00000000"
		both    = " 000000c0 04000000 03000000 00000000"
		pac     = " 000000c0 04000000 02000000 00000000"
		said    = "\nsection .ARM.attributes 0x70000003 - align=1\n "
		subs    = " 61656162695f666561747572655f616e645f6269747300 0100 "
		missing = "+0x0: .note.gnu.property does not say that all code has branch target identification (BTI)"
	)
	for _, tt := range []struct{ name, object, want string }{
		{"both", section + header + both, ""},
		{"two notes", section + header + both + header + bti, ""},
		{"two notes, one without", section + header + bti + header + pac, missing},
		{"two sections, the first without", section + header + pac + "\n" + section + header + bti, missing},
		{"another property", section + " 04000000 20000000 05000000 474e5500 01000000 08000000 01020304 05060708" + bti, ""},
		{
			"a property of another size", section + " 04000000 10000000 05000000 474e5500 000000c0 08000000 01000000 00000000",
			missing,
		},
		{"build attributes", said + " 41 1f000000" + subs + "0001", ""},
		{"build attributes, big-endian", "machine AArch64 big" + said + " 41 0000001f" + subs + "0001", ""},
		{"both forms", section + header + both + said + " 41 21000000" + subs + "00010101", ""},
		{
			"build attributes without", said + " 41 21000000" + subs + "00000101",
			"+0x0: .ARM.attributes does not say that all code has branch target identification (BTI)",
		},
		{
			"build attributes that contradict the note", section + header + both + said + " 41 1f000000" + subs + "0101",
			"+0x0: .ARM.attributes does not say that all code has branch target identification (BTI)",
		},
		{"build attributes of something else", section + header + both + said + " 41 19000000 61656162695f706175746861626900 0000 01020205", ""},
		{
			"damaged build attributes", section + header + both + said + " 41 1f000000" + subs + "0003",
			"+0x1e: .ARM.attributes is damaged (build attributes: tag 0 of aeabi_feature_and_bits is 3, want 0 or 1) and cannot say that all code has branch target identification (BTI)",
		},
		{
			"damaged", section + header + both + header,
			"+0x20: .note.gnu.property is damaged (note of 32 bytes is cut short) and cannot say that all code has branch target identification (BTI)",
		},
	} {
		o, err := elftext.Parse("o", tt.object)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(o, Options{RequireBTI: true})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range r.Findings {
			got += fmt.Sprintf("%+#x: %s", f.Offset, f.Message)
		}
		if got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
		if r, err = Run(o, Options{}); err != nil || !r.Passed {
			t.Errorf("%s: without --require-bti: %v %s", tt.name, err, textOf(r))
		}
	}
}
