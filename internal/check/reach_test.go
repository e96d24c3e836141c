package check

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// reaches are the distances that relocations reach, in bytes: back, forward, and
// what they have to be a multiple of. AAELF64 5.7.9 and 5.7.10; x86-64 psABI
// 4.4; RISC-V ISA manual, chapters 2 and 28.
var reaches = []struct {
	machine, relocation string
	back, forward, unit int64
}{
	{"AArch64", "TSTBR14", 32 << 10, 32<<10 - 4, 4},
	{"AArch64", "CONDBR19", 1 << 20, 1<<20 - 4, 4},
	{"AArch64", "LD_PREL_LO19", 1 << 20, 1<<20 - 4, 4},
	{"AArch64", "ADR_PREL_LO21", 1 << 20, 1<<20 - 1, 1},
	{"AArch64", "JUMP26", 128 << 20, 128<<20 - 4, 4},
	{"AArch64", "CALL26", 128 << 20, 128<<20 - 4, 4},
	{"x86-64", "PC8", 128, 127, 1},
	{"x86-64", "PC16", 32 << 10, 32<<10 - 1, 1},
	{"x86-64", "PC32", 2 << 30, 2<<30 - 1, 1},
	{"x86-64", "PLT32", 2 << 30, 2<<30 - 1, 1},
	{"RISC-V", "BRANCH", 4 << 10, 4<<10 - 2, 2},
	{"RISC-V", "JAL", 1 << 20, 1<<20 - 2, 2},
	{"RISC-V", "RVC_BRANCH", 256, 254, 2},
	{"RISC-V", "RVC_JUMP", 2 << 10, 2<<10 - 2, 2},
}

// TestReach takes each relocation with a short reach as far as it reaches, in
// both directions, a step further, and between two steps.
func TestReach(t *testing.T) {
	spans := 0
	for _, p := range []*machinePolicy{&aarch64Policy, &x86Policy, &riscvPolicy} {
		spans += len(p.spans)
	}
	if spans != len(reaches) {
		t.Errorf("%d relocations have a reach, and %d are tested", spans, len(reaches))
	}
	for _, c := range reaches {
		distances := map[int64]bool{-c.back: true, c.forward: true, 0: true, -c.back - c.unit: false, c.forward + c.unit: false}
		if c.unit > 1 {
			distances[c.unit/2] = false
		}
		for distance, ok := range distances {
			text := fmt.Sprintf("machine %s\nsection .hyp.text PROGBITS AX align=16\n  00000000 00000000 00000000 00000000\n  +0x8 %s f%+d\nsymbol f LOCAL FUNC .hyp.text+0x8 size=4\n",
				c.machine, c.relocation, distance)
			o, err := elftext.Parse("o", text)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(o, Options{SectionPrefix: DefaultSectionPrefix})
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Contains(r.Text(), "HYP008 branch-range")
			if found == ok || len(r.Findings) > 1 {
				t.Errorf("%s over %d bytes: %q", c.relocation, distance, r.Text())
			}
		}
	}
}

// A target in another section or outside has its distance from the final link.
func TestReachOfOtherSections(t *testing.T) {
	o, err := elftext.Parse("o", `section .hyp.text PROGBITS AX align=16
  00000000 00000000
  +0x0 TSTBR14 g+1048576
  +0x4 CONDBR19 h+2097152
section .hyp.idmap.text PROGBITS AX align=16
  00000000
symbol g LOCAL FUNC .hyp.idmap.text+0x0 size=4
symbol h GLOBAL FUNC UND
`)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(o, Options{SectionPrefix: DefaultSectionPrefix, Undefined: names("h")})
	if err != nil || !r.Passed {
		t.Errorf("%v %s", err, r.Text())
	}
}
