// SPDX-License-Identifier: Apache-2.0

package elfdump

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Lines describes the object as a sorted list of lines. Objects with equal lines are
// equivalent to a linker.
func (o *Object) Lines() []string {
	var lines []string
	for _, h := range o.Header {
		lines = append(lines, "header "+h)
	}
	for i := range o.Sections {
		s := &o.Sections[i]
		if isTable(s) {
			continue
		}
		sum := "none"
		if s.Bytes != nil {
			sum = fmt.Sprintf("%x", sha256.Sum256(s.Bytes))[:16]
		}
		linkOrder := ""
		if strings.Contains(s.Flags, "L") && s.link < len(o.Sections) {
			linkOrder = " follows=" + o.Sections[s.link].Name
		}
		lines = append(lines, fmt.Sprintf("section %s type=%s flags=%s align=%d entsize=%d size=%#x bytes=%s%s",
			s.Name, s.Type, s.Flags, max(s.Align, 1), s.Entsize, s.Size, sum, linkOrder))
	}
	for _, s := range o.Symbols[min(1, len(o.Symbols)):] {
		lines = append(lines, fmt.Sprintf("symbol %s type=%s bind=%s vis=%s section=%s value=%#x size=%d",
			s.Name, s.Type, s.Bind, s.Vis, s.Section, s.Value, s.Size))
	}
	for _, r := range o.Relocs {
		lines = append(lines, fmt.Sprintf("reloc %s+%#x %s %s %+d", r.Section, r.Offset, r.Type, r.Target, r.Addend))
	}
	for _, g := range o.Groups {
		members := slices.Clone(g.Members)
		slices.Sort(members)
		lines = append(lines, fmt.Sprintf("group %s %s members=%s", g.Signature, g.Kind, strings.Join(members, ",")))
	}
	slices.Sort(lines)
	return lines
}

// Tolerance is an accepted difference, which docs/divergences.md explains. It has
// either Match or Canon.
type Tolerance struct {
	// ID is the divergence's name in docs/divergences.md.
	ID string
	// Only says which object may have lines of Match: "want" or "got".
	Only string
	// Match reports whether a line that only one object has is accepted.
	Match func(line string) bool
	// Canon removes from a line what may differ. Two lines, one of each object, are
	// accepted if they are equal afterwards.
	Canon func(line string) string
}

// HasPrefix returns a Match for lines with a prefix.
func HasPrefix(p string) func(string) bool {
	return func(l string) bool { return strings.HasPrefix(l, p) }
}

// Diff compares the lines of two objects. It returns the lines that only one of them
// has ("-": want, "+": got) and that no tolerance accepts, and the IDs of the
// tolerances that were used.
func Diff(want, got *Object, tolerated []Tolerance) (diff []string, used []string) {
	count := map[string]int{}
	for _, l := range want.Lines() {
		count[l]++
	}
	for _, l := range got.Lines() {
		count[l]--
	}
	var sides [2][]string // of want, of got
	for _, l := range slices.Sorted(maps.Keys(count)) {
		n, side := count[l], 0
		if n < 0 {
			n, side = -n, 1
		}
		for range n {
			sides[side] = append(sides[side], l)
		}
	}
	for _, t := range tolerated {
		var need bool
		if t.Canon != nil {
			sides, need = cancelPairs(sides, t.Canon)
		} else {
			side := slices.Index([]string{"want", "got"}, t.Only)
			left := slices.DeleteFunc(slices.Clone(sides[side]), t.Match)
			need = len(left) < len(sides[side])
			sides[side] = left
		}
		if need {
			used = append(used, t.ID)
		}
	}
	for i, sign := range []string{"-", "+"} {
		for _, l := range sides[i] {
			diff = append(diff, sign+" "+l)
		}
	}
	slices.SortStableFunc(diff, func(a, b string) int { return strings.Compare(a[2:]+a, b[2:]+b) })
	slices.Sort(used)
	return diff, slices.Compact(used)
}

// cancelPairs removes pairs of lines, one of each side, that are equal after canon.
func cancelPairs(sides [2][]string, canon func(string) string) (left [2][]string, found bool) {
	pairs := map[string]int{}
	for _, l := range sides[1] {
		pairs[canon(l)]++
	}
	paired := map[string]int{}
	for _, l := range sides[0] {
		if c := canon(l); pairs[c] > 0 {
			pairs[c]--
			paired[c]++
			found = true
		} else {
			left[0] = append(left[0], l)
		}
	}
	for _, l := range sides[1] {
		if c := canon(l); paired[c] > 0 {
			paired[c]--
		} else {
			left[1] = append(left[1], l)
		}
	}
	return left, found
}
