// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"slices"
	"sort"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// Debug information is in section groups itself: what a header's macros are
// (.debug_macro of gcc -g3), or partial units. A unit refers to the group of its own object
// by an offset, for which there is no tombstone: 0 is another unit. So such a
// reference goes to the same member of the group that is kept, which says the same.

// debugSections are how the names of sections with debug information start, as in
// GNU ld.
var debugSections = []string{".debug", ".zdebug", ".gnu.debuglto_.debug_", ".gnu.linkonce.wi.", ".line", ".stab"}

// isDebug reports whether a section holds debug information.
func isDebug(s *elfobj.Section) bool {
	return s.Flags&elf.SHF_ALLOC == 0 && slices.ContainsFunc(debugSections, func(prefix string) bool { return strings.HasPrefix(s.Name, prefix) })
}

// findTwins finds what is kept instead of the debug information that is left out
// with section groups.
func (l *linker) findTwins() error {
	return parallel.Parts(len(l.inputs), workers(len(l.inputs)), func(_, from, to int) error {
		for i := from; i < to; i++ {
			if in := &l.inputs[i]; in.discards && in.dropsSymbols {
				l.findTwinsOf(in)
			}
		}
		return nil
	})
}

func (l *linker) findTwinsOf(in *input) {
	for k := range in.obj.Groups {
		if l.firstGroups == nil {
			break // GroupError, or nothing is repeated
		}
		first := l.firstGroups[in.groupsBefore+k]
		if first == 0 {
			continue
		}
		kept := map[string][]*inputSection{} // by name, in the order of the group
		for _, m := range in.obj.Groups[k].Members {
			isec := &in.sections[m]
			if !isDebug(isec.sec) {
				continue
			}
			if len(kept) == 0 {
				kept = l.debugMembers(int(first - 1))
			}
			name := isec.sec.PlainName()
			if same := kept[name]; len(same) > 0 {
				in.addTwin(isec, same[0])
				kept[name] = same[1:]
			}
		}
	}
	for i := range in.sections {
		if isec := &in.sections[i]; isec.discard == discardByName && isDebug(isec.sec) {
			in.addTwin(isec, l.linkedOnce[isec.sec.Name])
		}
	}
}

// debugMembers returns the members with debug information of the group of a number.
func (l *linker) debugMembers(number int) map[string][]*inputSection {
	// The last input before which there are no more groups.
	i := sort.Search(len(l.inputs), func(i int) bool { return l.inputs[i].groupsBefore > number }) - 1
	in, members := &l.inputs[i], map[string][]*inputSection{}
	for _, m := range in.obj.Groups[number-in.groupsBefore].Members {
		if isec := &in.sections[m]; isDebug(isec.sec) {
			members[isec.sec.PlainName()] = append(members[isec.sec.PlainName()], isec)
		}
	}
	return members
}

// addTwin notes that a section is left out for another one, if that is in the
// output and of the same size: one of another size says something else.
func (in *input) addTwin(isec, kept *inputSection) {
	if kept.home() == nil || kept.sec.Type != isec.sec.Type || kept.sec.PlainSize() != isec.sec.PlainSize() {
		return
	}
	if in.twins == nil {
		in.twins = map[*inputSection]*inputSection{}
	}
	in.twins[isec] = kept
}

// redirectToTwin makes a reference of debug information to a section that is left
// out one to its twin.
func (in *input) redirectToTwin(rel elfobj.Reloc) (elfobj.Reloc, bool) {
	s := &in.obj.Symbols[rel.Symbol]
	if s.Section <= 0 || in.twins[&in.sections[s.Section]] == nil {
		return rel, false
	}
	kept, value, addend := in.twins[&in.sections[s.Section]], s.Value, rel.Addend
	if s.Type() == elf.STT_SECTION {
		value, addend = value+uint64(addend), 0
	}
	if kept.merged != nil && value >= kept.size() {
		return rel, false
	}
	at, value := kept.locate(value)
	rel.Symbol, rel.Addend = in.sectionSymbol(at.out), int64(at.offset+value)+addend
	return rel, true
}

// sectionSymbol returns a number that stands for the section symbol of an output
// section in relocations of the input, after those of its own symbols.
func (in *input) sectionSymbol(o *output) uint32 {
	m, own := &in.symbols, len(in.obj.Symbols)
	if k := slices.Index(m.Index[own:], uint32(o.index)); k >= 0 {
		return uint32(own + k)
	}
	// The symbols of other inputs come next in memory.
	m.Index = append(slices.Clip(m.Index), uint32(o.index))
	return uint32(len(m.Index) - 1)
}
