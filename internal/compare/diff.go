// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"cmp"
	"slices"
	"sort"
)

// run is a run of n equal items, at index a in one sequence and b in the other.
type run struct{ a, b, n int }

// Limits of the search for the shortest difference (Myers, "An O(ND) Difference
// Algorithm"), for one unit and for all units. Its time is proportional to the
// number of differences times the number of items, its memory to the square of
// the number of differences. Beyond the limits, the middle of a unit counts as
// replaced.
const (
	maxDifferences = 1200
	maxSteps       = 300_000_000
)

// matcher finds common subsequences.
type matcher struct{ steps int } // steps left

// match returns a longest common subsequence, as runs.
func (mt *matcher) match(a, b []int32) []run {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var runs []run
	if head > 0 {
		runs = append(runs, run{0, 0, head})
	}
	for _, r := range mt.middle(a[head:len(a)-tail], b[head:len(b)-tail]) {
		runs = append(runs, run{r.a + head, r.b + head, r.n})
	}
	if tail > 0 {
		runs = append(runs, run{len(a) - tail, len(b) - tail, tail})
	}
	return runs
}

// middle matches what is left between a common prefix and a common suffix.
func (mt *matcher) middle(a, b []int32) []run {
	n, m := len(a), len(b)
	if n == 0 || m == 0 {
		return nil
	}
	limit := min(n+m, maxDifferences)
	v := make([]int, 2*limit+3)
	off := limit + 1
	var trace [][]int
	for d := 0; d <= limit; d++ {
		if mt.steps -= d; mt.steps < 0 {
			return nil
		}
		trace = append(trace, slices.Clone(v[off-d:off+d+1]))
		for k := -d; k <= d; k += 2 {
			x := v[off+k-1] + 1
			if k == -d || k != d && v[off+k-1] < v[off+k+1] {
				x = v[off+k+1]
			}
			y := x - k
			for x < n && y < m && x >= 0 && y >= 0 && a[x] == b[y] {
				x++
				y++
				mt.steps--
			}
			v[off+k] = x
			if x >= n && y >= m {
				return backtrack(trace, d, n, m)
			}
		}
	}
	return nil
}

// backtrack follows the steps back from the end. trace[d] says how far each
// diagonal had come before step d; diagonal 0 is in its middle.
func backtrack(trace [][]int, d, x, y int) []run {
	var runs []run
	for ; d >= 0; d-- {
		v := trace[d]
		at := func(k int) int {
			if k < -d || k > d {
				return -1
			}
			return v[d+k]
		}
		k := x - y
		prev := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			prev = k + 1
		}
		px := 0
		if d > 0 {
			px = at(prev)
		}
		py := px - prev
		if d == 0 {
			px, py = 0, 0
		}
		n := 0
		for x > px && y > py {
			x--
			y--
			n++
		}
		if n > 0 {
			runs = append(runs, run{x, y, n})
		}
		x, y = px, py
	}
	slices.Reverse(runs)
	return runs
}

// alignment maps offsets in a unit to offsets in its counterpart, where both
// have the same items. Its runs are in bytes.
type alignment struct {
	runs       []run
	aEnd, bEnd int
}

// offset maps an offset in the unit. Bytes between two runs were replaced: their
// start maps to the start of the replacement, and if it has the same size, so do
// the other bytes.
func (al *alignment) offset(d int64) (int64, bool) {
	if d < 0 {
		return d, true
	}
	if d >= int64(al.aEnd) {
		return d - int64(al.aEnd) + int64(al.bEnd), true
	}
	i := sort.Search(len(al.runs), func(i int) bool { return int64(al.runs[i].a) > d })
	before, after := run{}, run{al.aEnd, al.bEnd, 0}
	if i > 0 {
		before = al.runs[i-1]
	}
	if i < len(al.runs) {
		after = al.runs[i]
	}
	rest := d - int64(before.a+before.n)
	if rest <= 0 || after.a-before.a == after.b-before.b {
		return rest + int64(before.b+before.n), true
	}
	return 0, false
}

// inOrder reports which positions are in a longest increasing subsequence, that
// is, did not move.
func inOrder(positions []int32) []bool {
	tails := []int{} // index of the smallest last position of a subsequence of each length
	before := make([]int, len(positions))
	for i, p := range positions {
		n, _ := slices.BinarySearchFunc(tails, p, func(j int, p int32) int { return cmp.Compare(positions[j], p) })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	stays := make([]bool, len(positions))
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = before[i] {
			stays[i] = true
		}
	}
	return stays
}
