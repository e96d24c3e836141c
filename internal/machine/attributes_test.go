package machine

import (
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
)

// Sets of RISC-V attributes: rv64i2p1_m2p0 and a stack alignment of 16;
// rv64i2p1_c2p0 and unaligned accesses; a stack alignment of 32.
const (
	withM     = "4120000000726973637600011600000004100572763634693270315f6d32703000"
	withC     = "4122000000726973637600011800000004100572763634693270315f63327030000601"
	withStack = "4120000000726973637600011600000004200572763634693270315f6332703000"
	withBoth  = "4127000000726973637600011d00000004100572763634693270315f6d3270305f63327030000601"
)

func TestMergeAttributes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		machine *Machine
		sets    []string
		want    string
		bad     []string // set+offset: what
	}{
		{"RISC-V", riscv64, []string{withM, withC}, withBoth, nil},
		{"RISC-V, equal", riscv64, []string{withC, withC}, withC, nil},
		{"RISC-V, two stacks", riscv64, []string{withM, withC, withStack}, "", []string{"2-1: build attribute 4 is 32, but 16 in an earlier input"}},
		{"RISC-V, another vendor", riscv64, []string{withM, "41" + withM[2:10] + "787878787800" + withM[22:]}, "", []string{"1+0: build attributes: not RISC-V attributes"}},
		{"RISC-V, truncated", riscv64, []string{withM[:60], withM}, "", []string{"0+11: build attributes: more than one subsection, or a wrong size"}},
		{"RISC-V, unterminated string", riscv64, []string{withM[:len(withM)-2] + "41", withM}, "", []string{"0+19: build attributes: unterminated string"}},
		{"RISC-V, empty", riscv64, []string{"", ""}, "", []string{"0+0: build attributes: not RISC-V attributes", "1+0: build attributes: not RISC-V attributes"}},
		{"AArch64, equal", aarch64, []string{"410a", "410a"}, "410a", nil},
		{"AArch64", aarch64, []string{"410a", "410a", "410b"}, "", []string{"0-1: build attributes differ from those of 2.o and cannot be merged"}},
	} {
		var sets []AttributeSet
		for i, s := range tt.sets {
			b, err := hex.DecodeString(s)
			if err != nil {
				t.Fatal(err)
			}
			sets = append(sets, AttributeSet{Input: fmt.Sprintf("%d.o", i), Data: b})
		}
		merged, errs := tt.machine.MergeAttributes(sets)
		var bad []string
		for _, e := range errs {
			bad = append(bad, fmt.Sprintf("%d%+d: %s", e.Set, e.Offset, e.What))
		}
		if !slices.Equal(bad, tt.bad) || len(bad) == 0 && hex.EncodeToString(merged) != tt.want {
			t.Errorf("%s: got %x, %q, want %s, %q", tt.name, merged, bad, tt.want, tt.bad)
		}
	}
}

func TestIsAttributes(t *testing.T) {
	for m, want := range map[*Machine]bool{aarch64: true, x86_64: false, riscv64: true} {
		if m.IsAttributes(0x70000003) != want || m.IsAttributes(0) || m.IsAttributes(1) {
			t.Errorf("%s: wrong section type", m.Name)
		}
	}
}
