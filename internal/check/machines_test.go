// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// The tables of the other machines: each object breaks at most one line of them.
func TestOtherMachines(t *testing.T) {
	const text = `
section .init.text PROGBITS AX align=4
  00000000 00000000 00000000 00000000
`
	const symbols = `
symbol f GLOBAL FUNC .init.text+0x0 size=16
symbol host GLOBAL NOTYPE UND
`
	for _, c := range []struct {
		name, object string
		want         []string
	}{
		{"x86-64 address", "machine x86-64\nabsolute" + text + "  +0x1 R_X86_64_32S f+0\n" + symbols, []string{"HYP014 .init.text f - -"}},
		{"x86-64 size", "machine x86-64\nabsolute" + text + "  +0x1 R_X86_64_SIZE32 f+0\n" + symbols, nil},
		{"RISC-V address", "machine RISC-V\nabsolute" + text + "  +0x0 R_RISCV_HI20 host+0\n" + symbols, []string{"HYP014 .init.text f - -"}},
		{"RISC-V relative", "machine RISC-V\nabsolute" + text + "  +0x0 R_RISCV_PCREL_HI20 host+0\n" + symbols, nil},
		{"x86-64", "machine x86-64" + text + "  +0x1 R_X86_64_PLT32 host-4\n  +0x8 R_X86_64_64 f+0\n" + symbols, nil},
		{"x86-64 GOT", "machine x86-64" + text + "  +0x1 R_X86_64_GOTPCREL host-4\n" + symbols, []string{"HYP001 .init.text f - -"}},
		{"x86-64 TLS", "machine x86-64" + text + "  +0x1 R_X86_64_TPOFF32 host+0\n" + symbols, []string{"HYP001 .init.text f - -"}},
		{"x86-64 short jump", "machine x86-64" + text + "  +0x1 R_X86_64_PC8 f+128\n" + symbols, nil},
		{"x86-64 short jump too far", "machine x86-64" + text + "  +0x1 R_X86_64_PC8 f+129\n" + symbols, []string{"HYP008 .init.text f - -"}},
		{"RISC-V", "machine RISC-V" + text + "  +0x0 R_RISCV_CALL_PLT host+0\n  +0x0 R_RISCV_RELAX -+0\n" + symbols, nil},
		{"RISC-V GOT", "machine RISC-V" + text + "  +0x0 R_RISCV_GOT_HI20 host+0\n" + symbols, []string{"HYP001 .init.text f - -"}},
		{"RISC-V branch", "machine RISC-V" + text + "  +0x4 R_RISCV_BRANCH f+4098\n" + symbols, nil},
		{"RISC-V branch too far", "machine RISC-V" + text + "  +0x4 R_RISCV_BRANCH f+4100\n" + symbols, []string{"HYP008 .init.text f - -"}},
		{"RISC-V compressed jump too far", "machine RISC-V" + text + "  +0x4 R_RISCV_RVC_JUMP f-2046\n" + symbols, []string{"HYP008 .init.text f - -"}},
	} {
		text := strings.Replace(c.object, "\nabsolute\n", "\n", 1) // no absolute relocations
		o, err := elftext.Parse("o", text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		r, err := Run(o, Options{Undefined: names("host"), NoAbsolute: text != c.object})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range r.Findings {
			got = append(got, summary(&r.Findings[i]))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q\n%s", c.name, got, c.want, textOf(r))
		}
	}
}

// Properties that a machine does not have cannot be required.
func TestRequireBTIOnRISCV(t *testing.T) {
	o, err := elftext.Parse("o", "machine RISC-V\n")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(o, Options{RequireBTI: true})
	if err != nil || len(r.Findings) != 1 || r.Findings[0].Fix != "remove --require-bti" {
		t.Errorf("%v %+v", err, r)
	}
}

// Findings do not depend on the byte order.
func TestBigEndian(t *testing.T) {
	o := object(t, "machine AArch64", "machine AArch64 big",
		"section .hyp.bss NOBITS", "section .note.gnu.property NOTE A align=8\n  00000004 00000010 00000005 474e5500 c0000000 00000004 00000003 00000000\nsection .hyp.bss NOBITS")
	opts := options()
	opts.RequireBTI, opts.RequirePAC = true, true
	r, err := Run(o, opts)
	if err != nil || !r.Passed {
		t.Errorf("%v %s", err, textOf(r))
	}
	if r, err = Run(object(t, "machine AArch64", "machine AArch64 big", "__hyp_section_.hyp.rodata+16", "__hyp_section_.hyp.rodata+12"), options()); err != nil || len(r.Findings) != 2 {
		t.Errorf("%v %s", err, textOf(r))
	}
}

// Relocations that need a dynamic linker are refused everywhere, and PC-relative
// ones are fine everywhere.
func TestVerdicts(t *testing.T) {
	for _, m := range machine.All() {
		for typ := range uint32(len(m.Fields())) {
			hyp, host := verdictOn(m, typ, true), verdictOn(m, typ, false)
			want := fine
			switch m.RelocKind(typ) {
			case machine.KindUnknown, machine.KindGOT, machine.KindTLS, machine.KindDynamic:
				want = refused
			case machine.KindNone, machine.KindRelative, machine.KindBranch:
			default:
				continue
			}
			if hyp != want || host != want {
				t.Errorf("%s: verdict %d in hypervisor sections, %d in others, want %d", m.RelocName(typ), hyp, host, want)
			}
		}
		if verdictOn(m, 1<<20, true) != refused || verdictOn(m, 1<<20, false) != refused {
			t.Errorf("%s: an unknown relocation is not refused", m.Name)
		}
	}
	for _, tt := range []struct {
		name      string
		hyp, host verdict
	}{
		{"ABS64", listed, fine}, {"ABS32", constant, fine}, {"ABS16", refused, fine}, {"MOVW_UABS_G0", refused, fine}, {"PLT32", fine, fine},
	} {
		m := machine.Named("AArch64")
		typ, _ := m.RelocNumber(tt.name)
		if hyp, host := verdictOn(m, typ, true), verdictOn(m, typ, false); hyp != tt.hyp || host != tt.host {
			t.Errorf("%s: verdict %d in hypervisor sections, %d in others", tt.name, hyp, host)
		}
	}
}
