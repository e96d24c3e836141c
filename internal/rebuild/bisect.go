// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"math/bits"
	"slices"
)

// minimize returns a part of a list for which fails is still true, such that it is true
// for no half, quarter and so on of it, and for no single one left out. It is true for
// the list. (Zeller's ddmin: A. Zeller and R. Hildebrandt, "Simplifying and Isolating
// Failure-Inducing Input", 2002.)
func minimize(names []string, fails func([]string) (bool, error)) ([]string, error) {
	for n := 2; len(names) >= 2; {
		parts := split(names, n)
		next := 0
		for _, part := range parts {
			if bad, err := fails(part); err != nil {
				return nil, err
			} else if bad {
				names, next = part, 2
				break
			}
		}
		if next == 0 && n > 2 {
			for i := range parts {
				rest := slices.Concat(slices.Concat(parts[:i]...), slices.Concat(parts[i+1:]...))
				if bad, err := fails(rest); err != nil {
					return nil, err
				} else if bad {
					names, next = rest, max(n-1, 2)
					break
				}
			}
		}
		if next == 0 {
			if n >= len(names) {
				break
			}
			next = min(2*n, len(names))
		}
		n = next
	}
	return names, nil
}

// split splits a list into n parts of about the same length.
func split(names []string, n int) [][]string {
	parts := make([][]string, 0, n)
	for i := range n {
		if part := names[i*len(names)/n : (i+1)*len(names)/n]; len(part) > 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// singly reports whether to vary one thing at a time rather than to halve: which of n
// variations is responsible for each of some divergences.
func singly(divergences, n int) bool { return 2*divergences*bits.Len(uint(n)) > n+2 }
