// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// longest returns the length of a longest common subsequence, by dynamic
// programming.
func longest(a, b []int32) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			up := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

func TestMatchIsLongest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		letters := int32(1 + rnd.IntN(5))
		random := func() []int32 {
			s := make([]int32, rnd.IntN(14))
			for i := range s {
				s[i] = rnd.Int32N(letters)
			}
			return s
		}
		a, b := random(), random()
		m := matcher{steps: maxSteps}
		n, x, y := 0, 0, 0
		for _, r := range m.match(a, b) {
			if r.a < x || r.b < y || !slices.Equal(a[r.a:r.a+r.n], b[r.b:r.b+r.n]) || r.n == 0 {
				t.Fatalf("%v %v: run %+v is wrong", a, b, r)
			}
			x, y, n = r.a+r.n, r.b+r.n, n+r.n
		}
		if want := longest(a, b); n != want {
			t.Fatalf("%v %v: %d in common, want %d", a, b, n, want)
		}
	}
}

// Beyond the limits, a common prefix and suffix are still found.
func TestMatchHasLimits(t *testing.T) {
	a, b := make([]int32, 10000), make([]int32, 10000)
	for i := range a {
		a[i], b[i] = int32(i), int32(-i)
	}
	a[9999], b[9999] = 1, 1
	m := matcher{steps: maxSteps}
	runs := m.match(a, b)
	if len(runs) != 2 || runs[0] != (run{0, 0, 1}) || runs[1] != (run{9999, 9999, 1}) {
		t.Errorf("%v", runs)
	}
	m.steps = 10
	if runs := m.match(a, b); len(runs) != 2 {
		t.Errorf("with 10 steps: %v", runs)
	}
}

func TestAlignment(t *testing.T) {
	// 0-8 stay, 8-12 become 8-16, 12-20 stay, 20-24 become 24-28.
	al := alignment{runs: []run{{0, 0, 8}, {12, 16, 8}}, aEnd: 24, bEnd: 28}
	for d, want := range map[int64]int64{-4: -4, 0: 0, 4: 4, 8: 8, 10: -1, 12: 16, 16: 20, 20: 24, 22: 26, 24: 28, 30: 34} {
		got, ok := al.offset(d)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("offset(%d) = %d, want %d", d, got, want)
		}
	}
}

func TestInOrder(t *testing.T) {
	for _, c := range []struct {
		positions []int32
		want      []bool
	}{
		{nil, []bool{}},
		{[]int32{0, 1, 2}, []bool{true, true, true}},
		{[]int32{2, 0, 1}, []bool{false, true, true}},
		{[]int32{1, 2, 3, 0, 4}, []bool{true, true, true, false, true}},
		{[]int32{2, 1, 0}, []bool{false, false, true}},
	} {
		if got := inOrder(c.positions); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.positions, got, c.want)
		}
	}
}
