// SPDX-License-Identifier: Apache-2.0

package hyprel

import (
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// Global symbols of one bucket change places, relocations keep their symbols, and
// the sections of an assembler's object are there.
func TestFormatGNU(t *testing.T) {
	o, err := elftext.Parse("in.o", "machine AArch64\n"+sample+`symbol kvm_1 GLOBAL NOTYPE .hyp.text+0x0
symbol pkvm_356 GLOBAL NOTYPE .hyp.text+0x4
`)
	if err != nil {
		t.Fatal(err)
	}
	if err := Add(o, DefaultSectionPrefix); err != nil {
		t.Fatal(err)
	}
	FormatGNU(o)
	data, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	written, err := elfobj.Parse("out.o", data)
	if err != nil {
		t.Fatal(err)
	}
	var globals []string
	for i := range written.Symbols {
		if s := &written.Symbols[i]; i > 0 && !s.IsLocal() {
			globals = append(globals, s.Name)
		}
	}
	want := "outside pkvm_356 kvm_1"
	if got := strings.Join(slices.DeleteFunc(globals, func(s string) bool { return strings.HasPrefix(s, SymbolPrefix) }), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	text := elftext.Format(written)
	for _, want := range []string{
		"section .text PROGBITS AX align=1\n", "section .data PROGBITS WA align=1\n", "section .bss NOBITS WA align=1 size=0\n",
		"+0x0 R_AARCH64_PREL32 __hyp_section_.hyp.text+8\n", "+0x0 R_AARCH64_ABS64 outside+0\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
