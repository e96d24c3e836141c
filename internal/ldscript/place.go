// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Placement says where each input section goes.
type Placement struct {
	// Specs holds, for each input section description that takes any, the indexes
	// of its input sections in output order.
	Specs map[*InputSpec][]int
	// Owners holds the output section of each input section: nil for an orphan,
	// one with Discard set for a section that is left out.
	Owners []*OutputSection
}

// Place distributes the inputs over the script's input section descriptions.
//
// inputs must be in the order of the link: the files as given, the members of an
// archive in the archive's order, the sections of a file by their index. The
// matches of one description stay in this order, also across its patterns
// (`*(.a .b)` mixes them as they come, `*(.a) *(.b)` does not), unless it sorts.
//
// It is an error (an *Error) if a file pattern without wildcards names no input.
// GNU ld would open that file; here inputs come from the command line only.
func (m *Matcher) Place(inputs []InputSection) (*Placement, error) {
	p := &Placement{
		Specs:  make(map[*InputSpec][]int),
		Owners: make([]*OutputSection, len(inputs)),
	}
	if err := m.checkFiles(inputs); err != nil {
		return nil, err
	}
	perRule := make([][]int, len(m.rules))
	var memo fileMemo
	for i := range inputs {
		c, ok := m.match(inputs[i].File, inputs[i].Name, &memo)
		if !ok {
			continue
		}
		p.Owners[i] = m.rules[c.rule].section
		perRule[c.rule] = append(perRule[c.rule], i)
	}
	for r, list := range perRule {
		if len(list) == 0 {
			continue
		}
		s := sorter{matcher: m, rule: int32(r), inputs: inputs}
		list, err := s.sort(list)
		if err != nil {
			return nil, err
		}
		p.Specs[m.rules[r].spec] = list
	}
	return p, nil
}

// checkFiles looks for file patterns that name no input.
func (m *Matcher) checkFiles(inputs []InputSection) error {
	missing := make(map[string]Pos)
	for _, r := range m.rules {
		g := &r.spec.File.Glob
		if _, seen := missing[g.pattern]; !seen && g.IsLiteral() {
			missing[g.pattern] = r.spec.File.Pos
		}
	}
	if len(missing) == 0 {
		return nil
	}
	for i := range inputs {
		if inputs[i].File.Archive == "" {
			delete(missing, inputs[i].File.Path)
		}
	}
	for _, r := range m.rules {
		g := &r.spec.File.Glob
		if pos, ok := missing[g.pattern]; ok && g.IsLiteral() {
			return errorAt(errcode.NoInputFile, pos, "name it as an input, or write a pattern such as *"+clip(g.pattern),
				"no input file is called %q", clip(g.pattern))
		}
	}
	return nil
}

// sorter puts the input sections of one description in order.
type sorter struct {
	matcher *Matcher
	rule    int32
	inputs  []InputSection
	memo    fileMemo
}

func (s *sorter) spec() *InputSpec { return s.matcher.rules[s.rule].spec }

// kind returns the sorting that pattern i of the description asks for.
func (s *sorter) kind(i int32) SortKind {
	if len(s.spec().Patterns) == 0 {
		return SortDefault
	}
	k := s.spec().Patterns[i].Sort
	if k == SortNone {
		return SortDefault
	}
	return k
}

func (s *sorter) byFile() bool { return s.spec().File.Sort == SortByName }

func (s *sorter) sort(list []int) ([]int, error) {
	kind := s.kind(0)
	for i := range s.spec().Patterns {
		if s.kind(int32(i)) != kind {
			return s.mixed(list)
		}
	}
	if kind == SortByInitPriority && s.someWithoutPriority(list) {
		return s.mixed(list)
	}
	if kind != SortDefault || s.byFile() {
		slices.SortStableFunc(list, func(a, b int) int { return s.compare(kind, a, b) })
	}
	return list, nil
}

// compare orders two input sections. Files come first where the description sorts
// them: archives by their path, members of one archive by their name.
func (s *sorter) compare(kind SortKind, a, b int) int {
	x, y := &s.inputs[a], &s.inputs[b]
	if s.byFile() {
		if c := compareFiles(x.File, y.File); c != 0 {
			return c
		}
	}
	byName := func() int { return strings.Compare(x.Name, y.Name) }
	byAlign := func() int { return cmp.Compare(max(y.Align, 1), max(x.Align, 1)) }
	switch kind {
	case SortByName:
		return byName()
	case SortByAlignment:
		return byAlign()
	case SortByNameThenAlignment:
		return cmp.Or(byName(), byAlign())
	case SortByAlignmentThenName:
		return cmp.Or(byAlign(), byName())
	case SortByInitPriority:
		p, q := initPriority(x.Name), initPriority(y.Name)
		if p < 0 || q < 0 {
			return byName()
		}
		return cmp.Or(cmp.Compare(p, q), byName())
	}
	return 0
}

func compareFiles(x, y InputFile) int {
	first := func(f InputFile) string {
		if f.Archive != "" {
			return f.Archive
		}
		return f.Path
	}
	return cmp.Or(strings.Compare(first(x), first(y)), strings.Compare(x.Path, y.Path))
}
