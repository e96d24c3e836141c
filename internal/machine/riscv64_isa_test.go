// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// uniteISA merges instruction sets of inputs 0.o, 1.o and so on.
func uniteISA(isas ...string) (string, error) {
	m := isaMerge{}
	for i := range isas {
		m.sets = append(m.sets, AttributeSet{Input: fmt.Sprintf("%d.o", i)})
	}
	for i, isa := range isas {
		if err := m.add(isa, i); err != nil {
			return "", fmt.Errorf("%d.o: %w", i, err)
		}
	}
	return m.String(), nil
}

func TestMergeISA(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"rv64i2p1_m2p0_a2p1", "rv64i2p1_c2p0", "rv64i2p1_m2p0_a2p1_c2p0"},
		{"rv64i2p0_zicsr2p0", "rv64i2p1_m2p0_zifencei2p0_zba1p0", "rv64i2p1_m2p0_zicsr2p0_zifencei2p0_zba1p0"},
		{"rv64i2p1_xvendor1p0", "rv64i2p1_sstc1p0_zmmul1p0", "rv64i2p1_zmmul1p0_sstc1p0_xvendor1p0"},
		{"rv64i2p1_zicbop1p0_zimop1p0", "rv64i2p1_zcmop1p0_zcmp1p0", "rv64i2p1_zicbop1p0_zimop1p0_zcmop1p0_zcmp1p0"},
		{"rv64i2p1_zve64d1p0_zvl128b1p0", "rv64i2p1_zvksh1p0_zvl128b1p10", "rv64i2p1_zve64d1p0_zvksh1p0_zvl128b1p10"},
		{"rv64i2p1_p0p18", "rv64i2p1_ss1p11", "rv64i2p1_p0p18_ss1p11"},
		{"rv64i2p1_zfinx1p0_zcmp1p0", "rv64i2p1_c2p0", "rv64i2p1_c2p0_zfinx1p0_zcmp1p0"},
		{"rv64i2p1_c2p0_zcd1p0_zcmt1p0", "rv64i2p1_m2p0", "rv64i2p1_m2p0_c2p0_zcd1p0_zcmt1p0"}, // one compiler's business
	} {
		for _, isas := range [][]string{{tt.a, tt.b}, {tt.b, tt.a}, {tt.a, tt.b, tt.a}} {
			if got, err := uniteISA(isas...); got != tt.want || err != nil {
				t.Errorf("%s: got %s, %v, want %s", isas, got, err, tt.want)
			}
		}
	}
	for _, tt := range []struct {
		isas []string
		want string
	}{
		{[]string{"rv64i2p1", "rv32i2p1"}, "1.o: instruction set is rv32, but rv64 in 0.o"},
		{[]string{"rv64i2p1", "rv64gc"}, `1.o: instruction set "rv64gc": "gc" is no extension with a version`},
		{[]string{"rv64i2p1_zicbop"}, `0.o: instruction set "rv64i2p1_zicbop": "zicbop" is no extension with a version`},
		{[]string{"rv64i2p1_1p0"}, `0.o: instruction set "rv64i2p1_1p0": "1p0" is no extension with a version`},
		{[]string{"rv64i2p1_m2"}, `0.o: instruction set "rv64i2p1_m2": "m2" is no extension with a version`},
		{[]string{"rv64i2p1_m99999999999999999999p0"}, `0.o: instruction set "rv64i2p1_m99999999999999999999p0": "m99999999999999999999p0" is no extension with a version`},
		{[]string{"arm"}, `0.o: instruction set "arm" does not start with rv32 or rv64`},
		{[]string{"rv64i2p1_f2p2", "rv64i2p1_m2p0", "rv64i2p1_zfinx1p0"}, "2.o: instruction set has zfinx, which excludes f of 0.o"},
		{[]string{"rv64i2p1_zfinx1p0", "rv64i2p1_f2p2"}, "1.o: instruction set has f, which excludes zfinx of 0.o"},
		{[]string{"rv64i2p1_zca1p0_zcmp1p0", "rv64i2p1_zcd1p0"}, "1.o: instruction set has zcd, which excludes zcmp of 0.o"},
		{[]string{"rv64i2p1_c2p0_zcmt1p0", "rv64i2p1_d2p2"}, "1.o: instruction set has d, which excludes zcmt of 0.o"},
		{[]string{"rv64i2p1_d2p2", "rv64i2p1_c2p0_zcmt1p0"}, "1.o: instruction set has zcmt, which excludes d of 0.o"},
		{[]string{"rv64i2p1_zcmt1p0", "rv64i2p1_d2p2", "rv64i2p1_c2p0"}, "2.o: instruction set has c, which excludes zcmt of 0.o"},
	} {
		if got, err := uniteISA(tt.isas...); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.isas, got, err, tt.want)
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
			if got, err := uniteISA(isas...); got != want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
			slices.Reverse(isas)
		}
	}
	if lines != 3 || extensions < 300 {
		t.Errorf("%d instruction sets with %d extensions", lines, extensions)
	}
}

// TestMergeManyExtensions has instruction sets with a hundred thousand
// extensions, which once took quadratic time.
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
	got, err := uniteISA(isa("za"), isa("zb"))
	if want := 2*n + 1; err != nil || strings.Count(got, "_")+1 != want {
		t.Errorf("%d extensions, %v, want %d", strings.Count(got, "_")+1, err, want)
	}
}
