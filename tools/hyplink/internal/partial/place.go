package partial

import (
	"debug/elf"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/ldscript"
)

// output is an output section while it is made.
type output struct {
	name  string
	index elfobj.SectionIndex
	// desc is what the script says of the section, nil for an orphan.
	desc   *ldscript.OutputSection
	placed map[*ldscript.InputSpec][]*piece // by statement of desc
	pieces []*piece                         // all of them, in order
	key    orphanKey

	typ        elf.SectionType
	flags      elf.SectionFlag
	entsize    uint64
	align      uint64
	size       uint64
	linkTo     *output // SHF_LINK_ORDER
	chunks     []elfobj.Chunk
	terminated bool // .eh_frame: ends in a terminator
	// relaxed is set while the final link may shorten what is laid out so far.
	relaxed bool
}

// placeSections gives each input section its output section: the first
// statement of the script that matches it, or one of its own name.
func (l *linker) placeSections() error {
	l.byName = map[string]*output{}
	var orphans []*piece
	if l.opts.Script == nil {
		l.eachPiece(func(p *piece) { orphans = append(orphans, p) })
	} else {
		var err error
		if orphans, err = l.placeByScript(); err != nil {
			return err
		}
	}
	if err := l.checkOrphans(orphans); err != nil {
		return err
	}
	l.placeOrphans(orphans)
	return nil
}

// eachPiece calls f for each section that is to be placed, in input order.
func (l *linker) eachPiece(f func(*piece)) {
	for _, in := range l.inputs {
		for i := range in.pieces {
			if p := &in.pieces[i]; p.sec != nil && p.discard == kept {
				f(p)
			}
		}
	}
}

// placeByScript matches sections against the script and returns the orphans.
func (l *linker) placeByScript() (orphans []*piece, err error) {
	var pieces []*piece
	var sections []ldscript.InputSection
	l.eachPiece(func(p *piece) {
		// A group that is kept must stay one: a member inside a section that
		// the script describes would make the whole section a member.
		if l.opts.Groups == GroupKeep && p.sec.Flags&elf.SHF_GROUP != 0 {
			orphans = append(orphans, p)
			return
		}
		pieces = append(pieces, p)
		sections = append(sections, ldscript.InputSection{File: l.inputFile(p.in), Name: p.sec.Name, Align: p.align()})
	})
	placement, err := ldscript.NewMatcher(l.opts.Script).Place(sections)
	if err != nil {
		return nil, err
	}
	for _, d := range l.opts.Script.OutputSections() {
		if !d.Discard {
			l.describe(d, placement, pieces)
		}
	}
	matched := false
	for i, owner := range placement.Owners {
		matched = matched || owner != nil && pieces[i].size() > 0
		switch {
		case owner == nil:
			orphans = append(orphans, pieces[i])
		case owner.Discard:
			pieces[i].discard = discardByScript
		}
	}
	if !matched {
		// Orphans alone would make an object that looks linked by the script.
		return nil, &elfobj.Error{File: l.opts.Script.Name, Offset: -1, What: "no input section that holds anything matches a pattern of the script",
			Advice: "check that the script is the right one for these objects, and that its patterns are not renamed by the preprocessor"}
	}
	return orphans, nil
}

// inputFile is how file patterns and STT_FILE symbols see an input: a member
// by its own name, not by its archive's.
func (l *linker) inputFile(in *input) ldscript.InputFile {
	if m, ok := l.opts.Members[in.obj]; ok {
		return m
	}
	return ldscript.InputFile{Path: in.obj.Name}
}

// describe makes the output section of a description and gives it its pieces.
// The parser has seen to it that each name is described once.
func (l *linker) describe(d *ldscript.OutputSection, placement *ldscript.Placement, pieces []*piece) {
	o := l.newOutput(d.Name)
	o.desc, o.placed = d, map[*ldscript.InputSpec][]*piece{}
	l.byName[d.Name] = o
	for _, st := range d.Contents {
		spec, ok := st.(*ldscript.InputSpec)
		if !ok {
			continue
		}
		first := len(o.pieces)
		for _, i := range placement.Specs[spec] {
			p := pieces[i]
			p.out = o
			o.pieces = append(o.pieces, p)
		}
		o.placed[spec] = o.pieces[first:]
	}
}

// newOutput appends an output section. There can be as many as inputs have, so
// they are allocated many at a time.
func (l *linker) newOutput(name string) *output {
	if len(l.spare) == 0 {
		l.spare = make([]output, 256)
	}
	o := &l.spare[0]
	l.spare = l.spare[1:]
	o.name = name
	l.outputs = append(l.outputs, o)
	return o
}

// checkOrphans applies the orphan mode.
func (l *linker) checkOrphans(orphans []*piece) error {
	if l.opts.Orphans == OrphanPlace || l.opts.Script == nil {
		return nil
	}
	var errs []error
	for _, p := range orphans {
		if p.sec.Flags&elf.SHF_ALLOC == 0 || p.size() == 0 {
			continue
		}
		e := &elfobj.Error{File: p.in.obj.Name, Section: p.sec.Name, Offset: -1,
			What:   fmt.Sprintf("orphan section of %d bytes: no pattern of %s names it", p.size(), l.opts.Script.Name),
			Advice: "add a pattern to the script, or use --orphan=place"}
		if l.opts.Orphans == OrphanError {
			errs = append(errs, e)
		} else if l.opts.Warn != nil {
			l.opts.Warn("warning: " + e.Error())
		}
	}
	return errors.Join(errs...)
}

// orphanKey says which orphans share an output section.
type orphanKey struct {
	name   string
	linkTo *output // of SHF_LINK_ORDER: what they follow must be one section
	group  *input  // of a kept group: its object
	nth    int     // of a kept group: its number there
}

// placeOrphans puts orphans of one name together and inserts each new section
// behind the last one of its kind, as GNU ld does: code with code, constants
// with constants, data with data.
func (l *linker) placeOrphans(orphans []*piece) {
	special := map[orphanKey]*output{} // those that more than a name tells apart
	var linked []*piece
	place := func(p *piece, k orphanKey) {
		plain := k == orphanKey{name: k.name}
		o := special[k]
		if plain {
			o = l.byName[k.name]
		}
		if o == nil {
			o = l.newOutput(k.name)
			o.key = k
			if plain {
				l.byName[k.name] = o
			} else {
				special[k] = o
			}
		}
		p.out = o
		o.pieces = append(o.pieces, p)
	}
	for _, p := range orphans {
		if p.sec.Flags&elf.SHF_LINK_ORDER != 0 && p.sec.LinkOrder > 0 {
			linked = append(linked, p)
			continue
		}
		place(p, l.orphanKey(p))
	}
	// What follows another section is placed when that one is.
	for _, p := range linked {
		k := l.orphanKey(p)
		k.linkTo = p.in.pieces[p.sec.LinkOrder].out
		place(p, k)
	}
	l.sortOutputs()
}

func (l *linker) orphanKey(p *piece) orphanKey {
	k := orphanKey{name: p.sec.Name}
	if l.opts.Groups == GroupKeep && p.sec.Flags&elf.SHF_GROUP != 0 {
		k.group = p.in
		for i := range p.in.obj.Groups {
			for _, m := range p.in.obj.Groups[i].Members {
				if &p.in.pieces[m] == p {
					k.nth = i
				}
			}
		}
	}
	return k
}

// kind orders sections in memory: code, constants, data, zeroed data, and what
// is not loaded.
func (p *piece) kind() int {
	f := p.sec.Flags
	switch {
	case f&elf.SHF_ALLOC == 0:
		return 4
	case f&elf.SHF_EXECINSTR != 0:
		return 0
	case f&elf.SHF_WRITE == 0:
		return 1
	case p.sec.Type == elf.SHT_NOBITS:
		return 3
	}
	return 2
}

// sortOutputs moves orphans behind the last described section of their kind.
func (l *linker) sortOutputs() {
	kindOf := func(o *output) int {
		k := -1
		for _, p := range o.pieces {
			if n := p.kind(); k < 0 || n < k {
				k = n
			}
		}
		return k
	}
	var described []*output
	var orphans [5][]*output
	for _, o := range l.outputs {
		if o.desc != nil {
			described = append(described, o)
		} else {
			k := kindOf(o)
			orphans[k] = append(orphans[k], o)
		}
	}
	last := [5]int{-1, -1, -1, -1, len(described)}
	for i, o := range described {
		if k := kindOf(o); k >= 0 && k < 4 {
			last[k] = i
		}
	}
	// A kind that the script does not describe goes behind the kind before it.
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
