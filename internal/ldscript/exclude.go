// SPDX-License-Identifier: Apache-2.0

package ldscript

import "github.com/rules-hyp/rules_hyp/internal/glob"

// exclusion is the patterns of an EXCLUDE_FILE, of which there can be thousands.
type exclusion struct {
	files  glob.Set    // those without a colon
	colons []*FileGlob // those with one
}

// excludes is FileGlob.Excludes for all patterns.
func (x *exclusion) excludes(f InputFile) bool {
	if x.files.Match(f.Path) || f.Archive != "" && x.files.Match(f.Archive) {
		return true
	}
	for _, g := range x.colons {
		if g.Excludes(f) {
			return true
		}
	}
	return false
}

// exclusions numbers the EXCLUDE_FILE lists of a script; number 0 is none. Patterns
// of one description may share a list.
type exclusions struct {
	lists   []*exclusion
	numbers map[*FileGlob]int32 // by the first pattern
}

// number returns the number of a list.
func (x *exclusions) number(list []FileGlob) int32 {
	if len(list) == 0 {
		return 0
	}
	if n, ok := x.numbers[&list[0]]; ok {
		return n
	}
	e := &exclusion{}
	for i := range list {
		if g := &list[i]; g.colon {
			e.colons = append(e.colons, g)
		} else {
			e.files.Add(&g.file)
		}
	}
	if x.numbers == nil {
		x.numbers, x.lists = map[*FileGlob]int32{}, make([]*exclusion, 1)
	}
	x.lists = append(x.lists, e)
	n := int32(len(x.lists) - 1)
	x.numbers[&list[0]] = n
	return n
}

// fileMemo remembers which lists exclude a file: the sections of a file come one
// after another. It is not safe for concurrent use.
type fileMemo struct {
	file InputFile
	// known has, by list, what excludes returned, or notKnown.
	known []exclusionState
}

type exclusionState uint8

const (
	notKnown exclusionState = iota
	isExcluded
	isIncluded
)

// excluded reports whether the list with a number excludes a file.
func (m *fileMemo) excluded(x *exclusions, number int32, f InputFile) bool {
	if number == 0 {
		return false
	}
	if m.known == nil || m.file != f {
		if m.known == nil {
			m.known = make([]exclusionState, len(x.lists))
		}
		clear(m.known)
		m.file = f
	}
	if m.known[number] == notKnown {
		m.known[number] = isIncluded
		if x.lists[number].excludes(f) {
			m.known[number] = isExcluded
		}
	}
	return m.known[number] == isExcluded
}
