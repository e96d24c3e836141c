package machine

import (
	"fmt"
	"strings"
	"testing"
)

func TestMergeISA(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"rv64i2p1_m2p0_a2p1", "rv64i2p1_c2p0", "rv64i2p1_m2p0_a2p1_c2p0"},
		{"rv64i2p0_zicsr2p0", "rv64i2p1_m2p0_zifencei2p0_zba1p0", "rv64i2p1_m2p0_zicsr2p0_zifencei2p0_zba1p0"},
		{"rv64i2p1_xvendor1p0", "rv64i2p1_sstc1p0_zmmul1p0", "rv64i2p1_zmmul1p0_sstc1p0_xvendor1p0"},
	} {
		if got, err := mergeISA(tt.a, tt.b); got != tt.want || err != nil {
			t.Errorf("%s and %s: got %s, %v, want %s", tt.a, tt.b, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ a, b, want string }{
		{"rv64i2p1", "rv32i2p1", "instruction set rv32, but rv64 in an earlier input"},
		{"rv64i2p1", "rv64gc", `instruction set "rv64gc": "gc" is not an extension with a version`},
		{"arm", "rv64i2p1", `instruction set "arm" does not start with rv32 or rv64`},
	} {
		if _, err := mergeISA(tt.a, tt.b); err == nil || err.Error() != tt.want {
			t.Errorf("%s and %s: got %v, want %s", tt.a, tt.b, err, tt.want)
		}
	}
}

// TestMergeManyExtensions has instruction sets with a hundred thousand extensions,
// which once took quadratic time.
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
