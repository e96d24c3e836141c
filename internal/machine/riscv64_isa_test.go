package machine

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestMergeISA(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"rv64i2p1_m2p0_a2p1", "rv64i2p1_c2p0", "rv64i2p1_m2p0_a2p1_c2p0"},
		{"rv64i2p0_zicsr2p0", "rv64i2p1_m2p0_zifencei2p0_zba1p0", "rv64i2p1_m2p0_zicsr2p0_zifencei2p0_zba1p0"},
		{"rv64i2p1_xvendor1p0", "rv64i2p1_sstc1p0_zmmul1p0", "rv64i2p1_zmmul1p0_sstc1p0_xvendor1p0"},
		{"rv64i2p1_zicbop1p0_zimop1p0", "rv64i2p1_zcmop1p0_zcmp1p0", "rv64i2p1_zicbop1p0_zimop1p0_zcmop1p0_zcmp1p0"},
		{"rv64i2p1_zve64d1p0_zvl128b1p0", "rv64i2p1_zvksh1p0_zvl128b1p10", "rv64i2p1_zve64d1p0_zvksh1p0_zvl128b1p10"},
		{"rv64i2p1_p0p18", "rv64i2p1_ss1p11", "rv64i2p1_p0p18_ss1p11"},
	} {
		if got, err := mergeISA(tt.a, tt.b); got != tt.want || err != nil {
			t.Errorf("%s and %s: got %s, %v, want %s", tt.a, tt.b, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ a, b, want string }{
		{"rv64i2p1", "rv32i2p1", "instruction set rv32, but rv64 in an earlier input"},
		{"rv64i2p1", "rv64gc", `instruction set "rv64gc": "gc" is no extension with a version`},
		{"rv64i2p1", "rv64i2p1_zicbop", `instruction set "rv64i2p1_zicbop": "zicbop" is no extension with a version`},
		{"rv64i2p1", "rv64i2p1_1p0", `instruction set "rv64i2p1_1p0": "1p0" is no extension with a version`},
		{"rv64i2p1", "rv64i2p1_m2", `instruction set "rv64i2p1_m2": "m2" is no extension with a version`},
		{"arm", "rv64i2p1", `instruction set "arm" does not start with rv32 or rv64`},
	} {
		if _, err := mergeISA(tt.a, tt.b); err == nil || err.Error() != tt.want {
			t.Errorf("%s and %s: got %v, want %s", tt.a, tt.b, err, tt.want)
		}
	}
}

// TestMergeAllExtensions takes apart what other linkers made, and expects the
// same of an object for each extension, in any order.
func TestMergeAllExtensions(t *testing.T) {
	b, err := os.ReadFile("testdata/riscv64-isa.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines, extensions := 0, 0
	for want := range strings.Lines(string(b)) {
		want = strings.TrimSpace(want)
		if strings.HasPrefix(want, "#") {
			continue
		}
		base, rest, _ := strings.Cut(want, "_")
		exts := strings.Split(rest, "_")
		lines, extensions = lines+1, extensions+len(exts)
		var isas []string
		for _, e := range exts {
			isas = append(isas, base+"_"+e)
		}
		for range 2 {
			got := isas[0]
			for _, isa := range isas[1:] {
				if got, err = mergeISA(got, isa); err != nil {
					t.Fatal(err)
				}
			}
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			slices.Reverse(isas)
		}
	}
	if lines != 3 || extensions < 300 {
		t.Errorf("%d instruction sets with %d extensions", lines, extensions)
	}
}

// TestMergeManyExtensions has instruction sets with a hundred thousand
// extensions, which once took time by the square of their number.
func TestMergeManyExtensions(t *testing.T) {
	const n = 100000
	isa := func(prefix string) string {
		var s strings.Builder
		s.WriteString("rv64i2p1")
		for i := range n {
			fmt.Fprintf(&s, "_%s%05dx1p0", prefix, i)
		}
		return s.String()
	}
	got, err := mergeISA(isa("za"), isa("zb"))
	if want := 2*n + 1; err != nil || strings.Count(got, "_")+1 != want {
		t.Errorf("%d extensions, %v, want %d", strings.Count(got, "_")+1, err, want)
	}
}
