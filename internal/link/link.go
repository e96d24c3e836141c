// Package link links relocatable objects into one relocatable object, as
// ld -r does: sections are put together as a linker script says, symbols are
// resolved, relocations are carried over, and nothing is applied yet.
//
// [Link] reads as the list of its passes. Each pass is a method of linker in
// the file of its concern: survey.go, groups.go, symbols.go, place.go, layout.go,
// account.go, output.go, symtab.go, relocs.go, and one file for each kind of section with
// contents of its own (notes.go, attributes.go, ehframe.go, compressed.go,
// relax.go). A link of many objects is bound by memory: passes go through the
// inputs in their order, on all processors where parts do not depend on each
// other (parallel.go), and what a later pass looks for is noted by the first.
//
// What GNU ld does differently, and why, stands in docs/divergences.md.
package link

import (
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// OrphanMode says what happens to an input section that no pattern of the
// script names.
type OrphanMode uint8

// Orphan modes, as GNU ld's --orphan-handling.
const (
	OrphanPlace OrphanMode = iota // an output section of its name
	OrphanWarn                    // the same, with a warning
	OrphanError                   // refuse
)

// GroupMode says what happens to section groups.
type GroupMode uint8

// Group modes.
const (
	// GroupFlatten keeps the first COMDAT group of each signature and makes
	// its members ordinary sections, and its global symbols weak: where they
	// were strong, an object that has the group would define them again.
	GroupFlatten GroupMode = iota
	// GroupKeep keeps the first one as a group, outside of the script's sections.
	GroupKeep
	// GroupError refuses an input that has groups.
	GroupError
)

// Options say how to link.
type Options struct {
	// Name is the output's name for messages.
	Name string
	// Script says which input section goes where; nil puts sections of one
	// name together.
	Script  *ldscript.Script
	Orphans OrphanMode
	Groups  GroupMode
	// Targets are what the objects are checked against.
	Targets []Target
	// StackNote adds an empty .note.GNU-stack where no object has one.
	StackNote bool
	// NoCommon refuses common symbols: their order and padding are left to the
	// final link.
	NoCommon bool
	// Mapped are the files that the inputs point into, in their order.
	Mapped []*elfobj.Mapping
	// Warn gets warnings, a line each; nil drops them.
	Warn func(string)
}

// Link links objects in their order. The result points into the inputs'
// bytes. All errors that a pass finds are joined.
func Link(objects []*elfobj.Object, opts Options) (*elfobj.Object, error) {
	l := &linker{opts: opts, out: &elfobj.Object{Name: opts.Name, Mapped: opts.Mapped}, members: membership{of: map[*piece]int{}}}
	for _, pass := range []func() error{
		func() error { return l.checkTargets(objects) },
		func() error { return l.addStackNote(objects) },
		func() error { return l.survey(objects) },
		l.checkMachines,
		l.resolveGroups,
		l.decompress,
		l.mergeProperties,
		l.mergeAttributes,
		l.resolveAndPlace,
		l.cutFrames,
		l.layoutOutputs,
		l.accountForInputs,
		l.addSections,
		l.addSymbols,
		l.checkRelocations,
		l.addGroups,
	} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	return l.out, nil
}

// resolveAndPlace resolves the symbols and gives the sections their places. Only a
// script, which may discard sections, makes one depend on the other.
func (l *linker) resolveAndPlace() error {
	if l.opts.Script != nil || workers(len(l.inputs)) == 1 {
		if err := l.resolveSymbols(); err != nil {
			return err
		}
		return l.placeSections()
	}
	var resolved, placed error
	_ = onAll(2, func(half int) error {
		if half == 0 {
			resolved = l.resolveSymbols()
		} else {
			placed = l.placeSections()
		}
		return nil
	})
	if resolved != nil {
		return resolved
	}
	return placed
}

// linker is the state of one link.
type linker struct {
	opts      Options
	inputs    []input
	special   specials
	out       *elfobj.Object
	outputs   []*output          // in the order of the section header table
	byName    map[string]*output // those that a script can mean by their name
	spare     []output           // see newOutput
	members   membership
	misplaced []error // about sections that do not go together
	globals   globals
	scripts   []scriptSymbol
}

// input is an object with what the link knows of its sections and symbols.
type input struct {
	obj    *elfobj.Object
	pieces []piece // by section index
	// symbols maps the object's symbols: those that are not local to globals
	// during resolution, all to the output's symbol table afterwards.
	symbols elfobj.SymbolMap
	// hashes are of the names of the symbols from firstGlobal on.
	hashes      []uint32
	firstGlobal int
	mentions    uint32 // of globals, by all inputs before
	discards    bool   // some of its sections are left out
	gone        bool   // some of its symbols are left out with sections
}

// piece is an input section on its way to the output.
type piece struct {
	in      *input
	sec     *elfobj.Section // as it is read, or a changed copy, see replace
	out     *output         // nil when it is left out
	offset  uint64          // where it stands in out
	discard discardReason   // why it is left out
	comdat  bool            // member of a COMDAT group
}

func (p *piece) size() uint64  { return p.sec.Size }
func (p *piece) align() uint64 { return max(p.sec.Addralign, 1) }
func (p *piece) data() []byte  { return p.sec.Contents() }

// replace gives the piece other contents and relocations than its input has.
func (p *piece) replace(data, relocs []byte) {
	changed := *p.sec
	changed.Size, changed.Data, changed.Relocs = uint64(len(data)), data, relocs
	p.sec = &changed
}

// drop leaves the piece out.
func (p *piece) drop(why discardReason) {
	p.discard, p.out = why, nil
	p.in.discards = true
}

// discardReason says why a section is not in the output.
type discardReason uint8

const (
	kept            discardReason = iota
	discardByScript               // /DISCARD/
	discardByGroup                // a COMDAT group of that signature came first
	discardMerged                 // its contents went into another section
)

// checkMachines makes sure that all objects are for one machine, byte order
// and ABI.
func (l *linker) checkMachines() error {
	if len(l.inputs) == 0 {
		return errors.New("no input objects; give at least one")
	}
	first := l.inputs[0].obj
	l.out.Machine, l.out.BigEndian, l.out.Flags = first.Machine, first.BigEndian, first.Flags
	l.out.OSABI, l.out.ABIVersion = first.OSABI, first.ABIVersion
	var errs []error
	for i := range l.inputs[1:] {
		o := l.inputs[i+1].obj
		if o.Machine != first.Machine || o.BigEndian != first.BigEndian {
			errs = append(errs, &elfobj.Error{File: o.Name, Offset: 18,
				What:   fmt.Sprintf("is for %s, but %s is for %s", describe(o), first.Name, describe(first)),
				Advice: "compile both for one target"})
			continue
		}
		flags, err := o.Machine.MergeFlags(l.out.Flags, o.Flags)
		if err != nil {
			errs = append(errs, &elfobj.Error{File: o.Name, Offset: 48,
				What: fmt.Sprintf("%v, unlike %s", err, first.Name), Advice: "compile both with one ABI"})
		}
		l.out.Flags = flags
		// ELFOSABI_GNU only says that GNU extensions are in use; it wins.
		if o.OSABI != 0 {
			l.out.OSABI = o.OSABI
		}
	}
	return errors.Join(errs...)
}

func describe(o *elfobj.Object) string {
	if o.BigEndian {
		return o.Machine.Name + " big-endian"
	}
	return o.Machine.Name
}

// errorAt makes an error about a place in a piece.
func (p *piece) errorAt(offset int64, advice, format string, args ...any) error {
	return &elfobj.Error{File: p.in.obj.Name, Section: p.sec.Name, Offset: offset, What: fmt.Sprintf(format, args...), Advice: advice}
}
