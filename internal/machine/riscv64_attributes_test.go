package machine

import "testing"

// Sets of RISC-V attributes: rv64i2p1_m2p0 and a stack alignment of 16;
// rv64i2p1_c2p0 and unaligned accesses; a stack alignment of 32.
const (
	withM     = "4120000000726973637600011600000004100572763634693270315f6d32703000"
	withC     = "4122000000726973637600011800000004100572763634693270315f63327030000601"
	withStack = "4120000000726973637600011600000004200572763634693270315f6332703000"
	withBoth  = "4127000000726973637600011d00000004100572763634693270315f6d3270305f63327030000601"
)

func TestMergeRISCVAttributes(t *testing.T) {
	for _, c := range []attributeCase{
		{"two", []string{withM, withC}, withBoth, nil},
		{"equal", []string{withC, withC}, withC, nil},
		{"two stacks", []string{withM, withC, withStack}, "", []string{"2-1: build attribute 4 is 32, but 16 in an earlier input"}},
		{"another vendor", []string{withM, "41" + withM[2:10] + "787878787800" + withM[22:]}, "", []string{"1+0: build attributes: not those of RISC-V"}},
		{"cut", []string{withM[:60], withM}, "", []string{"0+11: build attributes: more than one subsection, or one of another size"}},
		{"no end of text", []string{withM[:len(withM)-2] + "41", withM}, "", []string{"0+19: build attributes: text does not end"}},
		{"empty", []string{"", withM}, "", []string{"0+0: build attributes: not those of RISC-V"}},
		{"not RISC-V's, but equal", []string{"410a", "410a"}, "410a", nil},
	} {
		c.run(t, riscv64, false, true, nil)
	}
}
