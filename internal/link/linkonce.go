// SPDX-License-Identifier: Apache-2.0

package link

import (
	"cmp"
	"debug/elf"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

const linkOncePrefix = ".gnu.linkonce."

// isLinkOnce reports whether a section is of the kind that was used before
// section groups: of those with one name, a linker takes the first.
func isLinkOnce(name string) bool { return strings.HasPrefix(name, linkOncePrefix) }

// dropRepeated leaves out sections that are linked once and that came before. It
// reports whether there were any.
func (l *linker) dropRepeated() (any bool) {
	l.linkedOnce = make(map[string]*inputSection, len(l.special.linkOnce))
	for _, isec := range l.special.linkOnce {
		if name := isec.sec.Name; l.linkedOnce[name] == nil {
			l.linkedOnce[name] = isec
			continue
		}
		isec.drop(discardByName)
		any = true
	}
	return any
}

// dropOfBothKinds leaves out the second of a section that is linked once and a COMDAT
// group: what an old compiler, or assembly, has in .gnu.linkonce.t.f, a compiler of
// today has in a group with the signature f. As with GNU ld, the two are one only if
// the section is the group's only member and defines the same symbols.
func (l *linker) dropOfBothKinds(numbers []int) {
	rest := l.special.linkOnce
	if len(rest) == 0 {
		return
	}
	defined := definitions{}
	sections, members := map[string][]*inputSection{}, map[string]*inputSection{}
	for k := range l.inputs {
		in := &l.inputs[k]
		for ; len(rest) > 0 && rest[0].in == in; rest = rest[1:] {
			isec := rest[0]
			if isec.discard != kept {
				continue
			}
			_, key, _ := strings.Cut(isec.sec.Name[len(linkOncePrefix):], ".")
			if m := members[key]; m != nil && defined.same(m, isec) {
				isec.drop(discardByName)
				continue
			}
			sections[key] = append(sections[key], isec)
		}
		for i := range in.obj.Groups {
			g := &in.obj.Groups[i]
			if g.Flags&elfobj.GroupComdat == 0 || l.firstGroups[numbers[k]+i] != 0 || len(g.Members) != 1 {
				continue
			}
			name, isec := l.signature(in, g), &in.sections[g.Members[0]]
			if slices.ContainsFunc(sections[name], func(s *inputSection) bool { return defined.same(s, isec) }) {
				isec.drop(discardByGroup)
				continue
			}
			members[name] = isec
		}
	}
}

// definitions are the symbols that the sections of inputs define, by name.
type definitions map[*inputSection][]elfobj.Symbol

// of returns the symbols that a section defines.
func (d definitions) of(isec *inputSection) []elfobj.Symbol {
	if _, ok := d[isec]; !ok {
		// All sections of the input, so that its symbols are read once.
		for i := range isec.in.sections {
			d[&isec.in.sections[i]] = nil
		}
		for _, s := range isec.in.obj.Symbols {
			if s.Section > 0 && s.Type() != elf.STT_SECTION {
				at := &isec.in.sections[s.Section]
				d[at] = append(d[at], s)
			}
		}
		for i := range isec.in.sections {
			slices.SortStableFunc(d[&isec.in.sections[i]], func(a, b elfobj.Symbol) int { return cmp.Compare(a.Name, b.Name) })
		}
	}
	return d[isec]
}

// same reports whether sections of two inputs define the same symbols, and some.
func (d definitions) same(a, b *inputSection) bool {
	return a.in != b.in && a.sec.Type == b.sec.Type && len(d.of(a)) > 0 && slices.EqualFunc(d.of(a), d.of(b), func(x, y elfobj.Symbol) bool {
		return x.Name == y.Name && x.Info == y.Info && x.Other == y.Other
	})
}
