// SPDX-License-Identifier: Apache-2.0

package link

import (
	"cmp"
	"debug/elf"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// output is an output section while it is made. There can be nearly as many as
// input sections.
type output struct {
	name string
	desc *described // what the script says of the section, nil for an orphan
	// next is the output section of the last orphan that followed one of these in
	// an input; of a member of a kept group, that of another member.
	next    *output
	sibling *output // another one of this name
	index   elfobj.SectionIndex
	count   int32 // input sections that belong to it
	frames  int32 // .eh_frame sections among them
	framed  int32 // and those of them that the layout has placed
	laid    int32 // those that the layout has placed, which must be all
	kind    int8  // the first of the kinds of its input sections; noKind without any

	linked     bool            // all input sections have SHF_LINK_ORDER
	mixed      bool            // its input sections do not go together, which is reported once
	excludes   bool            // a warning says that SHF_EXCLUDE is lost
	grouped    bool            // it is a member of a kept group
	terminated bool            // .eh_frame: there is a terminator after the last of the frames
	ended      bool            // and the layout has placed it
	terminator uint64          // where
	frameEnd   uint64          // where the frames that the layout has placed end
	relaxed    bool            // the final link may shorten what is laid out so far
	share      int16           // of an orphan: which processor lays it out
	merge      elf.SectionFlag // SHF_MERGE and SHF_STRINGS, as long as all input sections agree
	first      *inputSection   // the one that the type is compared with

	char    character // of an orphan
	typ     elf.SectionType
	flags   elf.SectionFlag
	entsize uint64
	align   uint64
	size    uint64
	addr    uint64          // in the script's expressions; orphans are at 0
	every   elf.SectionFlag // flags that all input sections have
	linkTo  *output         // SHF_LINK_ORDER
	chunks  []elfobj.Chunk
	pads    map[padding]*elfobj.Section
}

// described is what the script says of an output section, with its input
// sections.
type described struct {
	*ldscript.OutputSection
	placed   map[*ldscript.InputSpec][]*inputSection // by statement
	sections []*inputSection                         // all that patterns take, in order
	// orphans have the section's name, but no pattern takes them. They follow
	// what the script says.
	orphans []*inputSection
}

// placeSections gives each input section its output section: the first
// statement of the script that matches it, or one of its own name.
func (l *linker) placeSections() error {
	l.byName = map[string]*output{}
	l.apart, l.unknown = apartFlags(l.out.Machine), unknownFlags(l.out.Machine)
	if l.opts.Script != nil {
		if err := l.placeByScript(); err != nil {
			return err
		}
		if err := l.checkOrphans(); err != nil {
			return err
		}
	}
	l.placeOrphans()
	l.linkOutputs()
	for _, o := range l.outputs {
		o.finishType(l.out.Machine)
	}
	l.orderAsGNU()
	return errors.Join(l.misplaced...)
}

// eachKept calls f for each section that is not left out, in input order.
func (l *linker) eachKept(f func(*inputSection)) {
	for k := range l.inputs {
		in := &l.inputs[k]
		for i := range in.sections {
			if isec := &in.sections[i]; isec.sec != nil && isec.discard == kept {
				f(isec)
			}
		}
	}
}

// eachOrphan calls f for each section that no statement of the script has, in
// input order.
func (l *linker) eachOrphan(f func(*inputSection)) {
	l.eachKept(func(isec *inputSection) {
		if isec.out == nil || isec.out.desc == nil {
			f(isec)
		}
	})
}

// placeByScript matches sections against the script.
func (l *linker) placeByScript() error {
	var sections []*inputSection
	var candidates []ldscript.InputSection
	l.eachKept(func(isec *inputSection) {
		// A group that is kept must stay one: a member inside a section that
		// the script describes would make the whole section a member.
		if l.opts.Groups == GroupKeep && isec.sec.Flags&elf.SHF_GROUP != 0 {
			return
		}
		sections = append(sections, isec)
		candidates = append(candidates, ldscript.InputSection{File: isec.in.file(), Name: isec.sec.Name, Align: isec.align()})
	})
	placement, err := ldscript.NewMatcher(l.opts.Script).Place(candidates)
	if err != nil {
		return err
	}
	matched := false
	for i, owner := range placement.Owners {
		matched = matched || owner != nil && sections[i].size() > 0
		if owner != nil && owner.Discard {
			sections[i].drop(discardByScript)
		}
	}
	l.dropFollowers()
	for _, d := range l.opts.Script.OutputSections() {
		if !d.Discard {
			l.describe(d, placement, sections)
		}
	}
	if len(l.opts.Script.OutputSections()) == 0 {
		return &elfobj.Error{
			Code: errcode.NoOutputSections, File: l.opts.Script.Name, Offset: -1, What: "the script describes no output section",
			Advice: "write SECTIONS { NAME : { *(PATTERN) } }, and look at what the preprocessor left of the script",
		}
	}
	if !matched && !l.opts.OrphansOnly {
		// Orphans alone would make an object that looks linked by the script.
		return &elfobj.Error{
			Code: errcode.NoMatch, File: l.opts.Script.Name, Offset: -1, What: "no input section that holds anything matches a pattern of the script",
			Advice: "check that the script is the right one for these objects, and that its patterns are not renamed by the preprocessor",
		}
	}
	return nil
}

// file is how file patterns see an input: a member by its own name, not by its
// archive's, and one of a thin archive, which is a file, by its path (as GNU ld).
func (in *input) file() ldscript.InputFile {
	return ldscript.InputFile{Path: cmp.Or(in.obj.ThinPath, in.obj.Member()), Archive: in.obj.Archive}
}

// describe makes the output section of a description, with its input sections.
// The parser has seen to it that each name is described once.
func (l *linker) describe(d *ldscript.OutputSection, placement *ldscript.Placement, sections []*inputSection) {
	o := l.newOutput(d.Name)
	desc := &described{OutputSection: d, placed: map[*ldscript.InputSpec][]*inputSection{}}
	o.desc, l.byName[d.Name] = desc, o
	for _, spec := range d.InputSpecs() {
		first := len(desc.sections)
		for _, i := range placement.Specs[spec] {
			isec := sections[i]
			if isec.discard != kept {
				continue // with what it follows
			}
			l.take(o, isec)
			desc.sections = append(desc.sections, isec)
		}
		desc.placed[spec] = desc.sections[first:]
	}
}

// newOutput appends an output section. There can be as many as inputs have, so
// they are allocated many at a time.
func (l *linker) newOutput(name string) *output {
	if len(l.free) == 0 {
		l.free = make([]output, 256)
	}
	o := &l.free[0]
	l.free = l.free[1:]
	o.name, o.kind = name, noKind
	l.outputs = append(l.outputs, o)
	return o
}

// take assigns an input section to an output section.
func (l *linker) take(o *output, isec *inputSection) {
	isec.out = o
	o.count++
	o.kind = min(o.kind, isec.kind())
	if err := l.addType(o, isec); err != nil {
		l.misplaced = append(l.misplaced, err)
	}
}

// checkOrphans applies the orphan mode.
func (l *linker) checkOrphans() error {
	if l.opts.Orphans == OrphanPlace {
		return nil
	}
	var errs []error
	l.eachOrphan(func(isec *inputSection) {
		if isec.sec.Flags&elf.SHF_ALLOC == 0 || isec.size() == 0 {
			return
		}
		e := &elfobj.Error{
			Code: errcode.Orphan, File: isec.in.obj.Name, Section: isec.sec.Name, Offset: -1,
			What:   fmt.Sprintf("orphan section of %d bytes: no pattern of %s names it", isec.size(), l.opts.Script.Name),
			Advice: "add a pattern to the script, or set orphan to place (option --orphan)",
		}
		if l.opts.Orphans == OrphanError {
			errs = append(errs, e)
		} else {
			l.warn(e)
		}
	})
	return errors.Join(errs...)
}

// linkKey says which orphans with SHF_LINK_ORDER share an output section.
type linkKey struct {
	name   string
	char   character
	linkTo *output // what they follow must be one section
	in     *input  // of a kept group: its object
	group  int32   // of a kept group: its number there
}

// placeOrphans puts orphans of one name together and inserts each new section
// after the last one of its kind, as GNU ld does: code with code, constants
// with constants, data with data.
func (l *linker) placeOrphans() {
	var linked []*inputSection
	var members memberOutputs
	last := new(output)
	l.eachOrphan(func(isec *inputSection) {
		switch {
		case isec.sec.Flags&elf.SHF_LINK_ORDER != 0 && isec.sec.LinkOrder > 0:
			linked = append(linked, isec)
		case l.isMember(isec):
			l.take(members.find(l, isec), isec)
		default:
			// Objects of one compiler have their sections in one order.
			o, char := last.next, l.character(isec)
			if o == nil || o.name != isec.sec.Name || o.desc == nil && o.char != char {
				o = l.orphanOutput(isec.sec.Name, char)
				last.next = o
			}
			l.take(o, isec)
			if o.desc != nil {
				o.desc.orphans = append(o.desc.orphans, isec)
			}
			last = o
		}
	})
	// What follows another section is placed when that one is.
	byLink := map[linkKey]*output{}
	for _, isec := range linked {
		k := linkKey{name: isec.sec.Name, char: l.character(isec), linkTo: isec.in.sections[isec.sec.LinkOrder].out}
		if l.isMember(isec) {
			k.in, k.group = isec.in, isec.group
		} else if l.opts.JoinFollowers {
			k.linkTo = nil
		}
		o := byLink[k]
		if o == nil {
			o = l.newOutput(k.name)
			o.char, o.grouped, byLink[k] = k.char, k.in != nil, o
		}
		l.take(o, isec)
	}
	l.sortOutputs()
}

// orphanOutput returns the output section of orphans of a name and a character.
// All that have the name of a section of the script go there.
func (l *linker) orphanOutput(name string, char character) *output {
	first := l.byName[name]
	for o := first; o != nil; o = o.sibling {
		if o.desc != nil || o.char == char {
			return o
		}
	}
	o := l.newOutput(name)
	o.char = char
	if first == nil {
		l.byName[name] = o
	} else {
		o.sibling, first.sibling = first.sibling, o
	}
	return o
}

// isMember reports whether an input section is a member of a group that is kept.
func (l *linker) isMember(isec *inputSection) bool {
	return l.opts.Groups == GroupKeep && isec.sec.Flags&elf.SHF_GROUP != 0
}

// memberOutputs finds the output sections of the members of kept groups: one for
// the members of one name of each group. It is for one input after another.
type memberOutputs struct {
	in    *input
	lists []*output             // by group, linked by output.next
	large map[memberKey]*output // those of groups with many members
}

// memberKey identifies an output section of a large group of an input.
type memberKey struct {
	name  string
	char  character
	group int32
}

// largeGroup is the number of members from which on a map is faster than a list.
const largeGroup = 16

// find returns the output section of a member, which it makes if it is new.
func (m *memberOutputs) find(l *linker, isec *inputSection) *output {
	groups := isec.in.obj.Groups
	if m.in != isec.in {
		// A section without a group, though its flags say otherwise, has number 0.
		m.in, m.lists, m.large = isec.in, append(m.lists[:0], make([]*output, max(len(groups), 1))...), nil
	}
	k := memberKey{isec.sec.Name, l.character(isec), isec.group}
	isLarge := len(groups) == 0 || len(groups[k.group].Members) >= largeGroup
	if isLarge {
		if o := m.large[k]; o != nil {
			return o
		}
	} else {
		for o := m.lists[k.group]; o != nil; o = o.next {
			if o.name == k.name && o.char == k.char {
				return o
			}
		}
	}
	o := l.newOutput(k.name)
	o.char, o.grouped = k.char, true
	if !isLarge {
		o.next, m.lists[k.group] = m.lists[k.group], o
		return o
	}
	if m.large == nil {
		m.large = map[memberKey]*output{}
	}
	m.large[k] = o
	return o
}

// kind orders sections in memory: code, constants, data, zeroed data, and what
// is not loaded.
func (isec *inputSection) kind() int8 {
	f := isec.sec.Flags
	switch {
	case f&elf.SHF_ALLOC == 0:
		return 4
	case f&elf.SHF_EXECINSTR != 0:
		return 0
	case f&elf.SHF_WRITE == 0:
		return 1
	case isec.sec.Type == elf.SHT_NOBITS:
		return 3
	}
	return 2
}

// noKind comes after all kinds.
const noKind = 5

// sortOutputs moves orphans after the last described section of their kind.
func (l *linker) sortOutputs() {
	var described []*output
	var orphans [5][]*output
	var counts [5]int
	for _, o := range l.outputs {
		if o.desc == nil {
			counts[o.kind]++
		}
	}
	for k, n := range counts {
		orphans[k] = make([]*output, 0, n)
	}
	for _, o := range l.outputs {
		if o.desc != nil {
			described = append(described, o)
		} else {
			orphans[o.kind] = append(orphans[o.kind], o)
		}
	}
	last := [5]int{-1, -1, -1, -1, len(described)}
	for i, o := range described {
		if o.kind < 4 {
			last[o.kind] = i
		}
	}
	// A kind that the script does not describe comes after the kind before it.
	for k := range 4 {
		if last[k] < 0 && k > 0 {
			last[k] = last[k-1]
		}
	}
	l.outputs = l.outputs[:0]
	emit := func(at int) {
		for k := range 5 {
			if last[k] == at {
				l.outputs = append(l.outputs, orphans[k]...)
			}
		}
	}
	emit(-1)
	for i, o := range described {
		l.outputs = append(l.outputs, o)
		emit(i)
	}
	emit(len(described))
}
