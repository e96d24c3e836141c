package link

import (
	"debug/elf"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// output is an output section while it is made.
type output struct {
	name  string
	index elfobj.SectionIndex
	// desc is what the script says of the section, nil for an orphan.
	desc     *ldscript.OutputSection
	placed   map[*ldscript.InputSpec][]*inputSection // by statement of desc
	sections []*inputSection                         // of desc: all that patterns take, in order
	// orphans have the section's name, but no pattern takes them. They follow
	// what desc says.
	orphans []*inputSection
	count   int       // input sections that belong to it
	laid    int       // those that the layout has placed, which must be all
	kind    int       // the first of the kinds of its input sections; noKind without any
	char    character // of an orphan
	group   *input    // of a member of a kept group: its object
	next    *output   // of the last orphan that followed one of these in an input
	sibling *output   // another one of this name

	first  *inputSection   // the one that the type is compared with
	merge  elf.SectionFlag // SHF_MERGE and SHF_STRINGS, as long as all input sections agree
	linked bool            // all input sections have SHF_LINK_ORDER
	mixed  bool            // its input sections do not go together, which is reported once
	// excludes is set once a warning says that SHF_EXCLUDE is lost.
	excludes bool

	typ        elf.SectionType
	flags      elf.SectionFlag // that any input section has, until finishType
	every      elf.SectionFlag // that all input sections have
	entsize    uint64
	align      uint64
	size       uint64
	linkTo     *output // SHF_LINK_ORDER
	chunks     []elfobj.Chunk
	fill       []byte // of an orphan: what pads its input sections
	share      int    // of an orphan: which processor lays it out
	pads       map[padding]*elfobj.Section
	terminated bool // .eh_frame: ends in a terminator
	// relaxed is set while the final link may shorten what is laid out so far.
	relaxed bool
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
		o.finishType()
	}
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
	if !matched {
		// Orphans alone would make an object that looks linked by the script.
		return &elfobj.Error{File: l.opts.Script.Name, Offset: -1, What: "no input section that holds anything matches a pattern of the script",
			Advice: "check that the script is the right one for these objects, and that its patterns are not renamed by the preprocessor"}
	}
	return nil
}

// file is how file patterns and STT_FILE symbols see an input: a member
// by its own name, not by its archive's.
func (in *input) file() ldscript.InputFile {
	return ldscript.InputFile{Path: in.obj.Member(), Archive: in.obj.Archive}
}

// describe makes the output section of a description, with its input sections.
// The parser has seen to it that each name is described once.
func (l *linker) describe(d *ldscript.OutputSection, placement *ldscript.Placement, sections []*inputSection) {
	o := l.newOutput(d.Name)
	o.desc, o.placed = d, map[*ldscript.InputSpec][]*inputSection{}
	l.byName[d.Name] = o
	for _, spec := range d.InputSpecs() {
		first := len(o.sections)
		for _, i := range placement.Specs[spec] {
			isec := sections[i]
			if isec.discard != kept {
				continue // with what it follows
			}
			l.take(o, isec)
			o.sections = append(o.sections, isec)
		}
		o.placed[spec] = o.sections[first:]
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
		e := &elfobj.Error{File: isec.in.obj.Name, Section: isec.sec.Name, Offset: -1,
			What:   fmt.Sprintf("orphan section of %d bytes: no pattern of %s names it", isec.size(), l.opts.Script.Name),
			Advice: "add a pattern to the script, or use --orphan=place"}
		if l.opts.Orphans == OrphanError {
			errs = append(errs, e)
		} else if l.opts.Warn != nil {
			l.opts.Warn("warning: " + e.Error())
		}
	})
	return errors.Join(errs...)
}

// orphanKey says which orphans share an output section.
type orphanKey struct {
	name   string
	char   character
	linkTo *output // of SHF_LINK_ORDER: what they follow must be one section
	group  *input  // of a kept group: its object
	nth    int     // of a kept group: its number there
}

// placeOrphans puts orphans of one name together and inserts each new section
// after the last one of its kind, as GNU ld does: code with code, constants
// with constants, data with data.
func (l *linker) placeOrphans() {
	special := map[orphanKey]*output{} // those that more than a name tells apart
	placeSpecial := func(isec *inputSection, k orphanKey) {
		o := special[k]
		if o == nil {
			o = l.newOutput(k.name)
			o.char, o.group, special[k] = k.char, k.group, o
		}
		l.take(o, isec)
	}
	var linked []*inputSection
	last := new(output)
	l.eachOrphan(func(isec *inputSection) {
		switch {
		case isec.sec.Flags&elf.SHF_LINK_ORDER != 0 && isec.sec.LinkOrder > 0:
			linked = append(linked, isec)
		case l.opts.Groups == GroupKeep && isec.sec.Flags&elf.SHF_GROUP != 0:
			placeSpecial(isec, l.groupKey(isec))
		default:
			// Objects of one compiler have their sections in one order.
			o, char := last.next, l.character(isec)
			if o == nil || o.name != isec.sec.Name || o.desc == nil && o.char != char {
				o = l.orphanOutput(isec.sec.Name, char)
				last.next = o
			}
			l.take(o, isec)
			if o.desc != nil {
				o.orphans = append(o.orphans, isec)
			}
			last = o
		}
	})
	// What follows another section is placed when that one is.
	for _, isec := range linked {
		k := l.groupKey(isec)
		k.linkTo = isec.in.sections[isec.sec.LinkOrder].out
		placeSpecial(isec, k)
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

// groupKey is the key of a section that may be a member of a kept group.
func (l *linker) groupKey(isec *inputSection) orphanKey {
	k := orphanKey{name: isec.sec.Name, char: l.character(isec)}
	if l.opts.Groups == GroupKeep && isec.sec.Flags&elf.SHF_GROUP != 0 {
		k.group, k.nth = isec.in, l.members.group(isec)
	}
	return k
}

// membership knows the groups of one input after the other.
type membership struct {
	in *input
	of map[*inputSection]int
}

// group is the number of the last group that an input section is a member of; 0
// when it is in none.
func (m *membership) group(isec *inputSection) int {
	if m.in != isec.in {
		m.in = isec.in
		clear(m.of)
		for i := range isec.in.obj.Groups {
			for _, member := range isec.in.obj.Groups[i].Members {
				m.of[&isec.in.sections[member]] = i
			}
		}
	}
	return m.of[isec]
}

// kind orders sections in memory: code, constants, data, zeroed data, and what
// is not loaded.
func (isec *inputSection) kind() int {
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
