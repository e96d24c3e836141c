// SPDX-License-Identifier: Apache-2.0

// Package linediff compares lists of strings, such as the lines of two texts.
package linediff

import "slices"

// Hunk is a place where two lists differ.
type Hunk struct {
	Removed, Added []string
	A, B           int // indices of the place in the two lists
}

// maxTable is how many comparisons of a pair of lists are made at most. Longer lists
// are one hunk, without what they begin and end with in common.
const maxTable = 1 << 18

// Diff returns where two lists differ, with a longest common subsequence between the
// hunks.
func Diff(a, b []string) []Hunk {
	same := 0
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
		same++
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) == 0 && len(b) == 0:
		return nil
	case len(a) == 0, len(b) == 0, len(a)*len(b) > maxTable:
		return []Hunk{{slices.Clone(a), slices.Clone(b), same, same}}
	}
	// longest[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	var hunks []Hunk
	var h Hunk
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if len(h.Removed)+len(h.Added) == 0 {
			h.A, h.B = same+i, same+j
		}
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			if len(h.Removed)+len(h.Added) > 0 {
				hunks = append(hunks, h)
				h = Hunk{}
			}
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && longest[(i+1)*width+j] >= longest[i*width+j+1]:
			h.Removed = append(h.Removed, a[i])
			i++
		default:
			h.Added = append(h.Added, b[j])
			j++
		}
	}
	if len(h.Removed)+len(h.Added) > 0 {
		hunks = append(hunks, h)
	}
	return hunks
}
