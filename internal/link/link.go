// SPDX-License-Identifier: Apache-2.0

// Package link links relocatable objects into one relocatable object, as ld -r
// does: it places input sections in output sections by a linker script, resolves
// symbols and carries relocations over, but applies none.
//
// [Link] reads as the list of its passes. Each pass is a method of linker in the
// file of its concern: collect.go, groups.go, linkonce.go, symbols.go, common.go, place.go, layout.go,
// account.go, output.go, symtab.go and relocs.go. Sections whose contents have a
// meaning of their own have a file each: notes.go, attributes.go, ehframe.go,
// sframe.go, patchable.go, bitcode.go, compressed.go, tombstones.go, twins.go, relax.go,
// threadlocal.go, mergestrings.go and pool.go.
//
// A link of many objects is bound by memory. Passes go through the inputs in
// their order, on all processors where parts do not depend on each other
// (parallel.go), and the first pass notes what later ones look for.
//
// docs/divergences.md says what GNU ld does differently, and why.
package link

import (
	"debug/elf"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
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

// SymbolOrder says in which order the symbols of inputs are in the output.
type SymbolOrder uint8

// Orders of symbols.
const (
	// OrderInput is the order of the inputs: of their local symbols, and of their
	// first references to global ones.
	OrderInput SymbolOrder = iota
	// OrderGNU is that of GNU ld: local symbols in the order in which output
	// sections first have something of their inputs, and global ones in that of its
	// hash table.
	OrderGNU
)

// Options say how to link.
type Options struct {
	// Name is the output's name for messages.
	Name string
	// Script says which input section goes where; without one, input sections of
	// one name make an output section.
	Script  *ldscript.Script
	Orphans OrphanMode
	// OrphansOnly accepts a script of which no pattern matches anything.
	OrphansOnly bool
	Groups      GroupMode
	// JoinFollowers lets sections that follow others (SHF_LINK_ORDER) share an
	// output section though they follow different ones, as GNU ld does: in the
	// order of the offsets of what they follow.
	JoinFollowers bool
	Symbols       SymbolOrder
	// Targets are what the objects are checked against.
	Targets []Target
	// StackNote adds an empty .note.GNU-stack where no object has one, and takes
	// objects without one for some that need no executable stack.
	StackNote bool
	// BuildID adds the note of a build ID; nil adds none.
	BuildID *BuildID
	// NoCommon refuses common symbols: their order and padding are left to the
	// final link.
	NoCommon bool
	// Mapped are the files that the inputs point into, in their order.
	Mapped []*fileio.Mapping
	// Warnings are those of reading the inputs.
	Warnings []*elfobj.Error
	// Warn gets warnings, a line each; nil drops them.
	Warn func(string)
	// Merge says whether strings and constants that are the same are in the output once.
	Merge MergeMode
	// FatalWarnings fails a link that gave warnings, once all of them are given.
	FatalWarnings bool
}

// Link links objects in their order. The result points into the inputs'
// bytes. All errors that a pass finds are joined.
func Link(objects []*elfobj.Object, opts Options) (*elfobj.Object, error) {
	warned := false
	if warn := opts.Warn; opts.FatalWarnings {
		opts.Warn = func(s string) {
			warned = true
			if warn != nil {
				warn(s)
			}
		}
	}
	l := &linker{opts: opts, out: &elfobj.Object{Name: opts.Name, Mapped: opts.Mapped, Sources: opts.Mapped}}
	for _, w := range opts.Warnings {
		l.warn(w)
	}
	for _, pass := range []func() error{
		func() error { return l.checkTargets(objects) },
		func() error { return l.addStackNote(objects) },
		func() error { return l.addBuildID(objects) },
		func() error { return l.collect(objects) },
		l.checkMachines,
		l.resolveGroups,
		l.dropSingles,
		l.decompress,
		l.mergeProperties,
		l.mergeAttributes,
		l.mergeableFrameTables,
		l.resolveAndPlace,
		l.warnCommon,
		l.cutFrames,
		l.mergeFrameTables,
		l.mergeStrings,
		l.layoutOutputs,
		l.sortFollowers,
		l.accountForInputs,
		l.needDropped,
		l.addSections,
		l.addSymbols,
		l.redirectCuts,
		l.checkThreadLocal,
		l.findTwins,
		l.checkRelocations,
		l.addGroups,
		l.digestBuildID,
	} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	if warned {
		return nil, errcode.FatalWarnings.Errorf("%s: not written because there were warnings; remove their causes, or link without --fatal-warnings", opts.Name)
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
	_ = parallel.Run(2, func(half int) error {
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
	opts       Options
	inputs     []input
	given      int                 // inputs before makeNote adds one
	properties []elfobj.Property   // of the output
	buildID    elfobj.SectionIndex // of its note in the first input
	special    specialSections
	out        *elfobj.Object
	outputs    []*output          // in the order of the section header table
	byName     map[string]*output // those that a script can mean by their name
	free       []output           // see newOutput
	apart      elf.SectionFlag    // see character
	unknown    elf.SectionFlag    // see mergeFlags
	misplaced  []error            // about sections that do not go together
	// firstGroups are, by the numbers of groups in all inputs, 1 and the number of
	// the COMDAT group that is kept instead, or 0.
	firstGroups []uint32
	linkedOnce  map[string]*inputSection // see dropRepeated
	symbolTable symbolTable
	scripts     []scriptSymbol
	// commonWarnings are of resolveSymbols, in the order of the inputs.
	commonWarnings []numberedWarning
	// Of the groups that are kept, see keptGroups: how many there are, and where
	// their own symbols start.
	groups, groupSymbols int
}

// input is an object with what the link knows of its sections and symbols.
type input struct {
	obj      *elfobj.Object
	sections []inputSection // by section index
	// symbols maps the object's symbols: during resolution the global ones to
	// entries of the symbol table, afterwards all to the output's symbols.
	symbols elfobj.SymbolMap
	// hashes are of the names of the symbols from firstGlobal on.
	hashes       []uint32
	firstGlobal  int
	references   uint32                          // to global symbols, by all inputs before
	discards     bool                            // some of its sections are left out
	dropsSymbols bool                            // some of its symbols are left out with sections
	threads      bool                            // it defines something in thread-local storage
	namesCut     bool                            // a local symbol is in a section with cuts
	groupsBefore int                             // in the inputs before
	twins        map[*inputSection]*inputSection // see findTwins
}

// inputSection is a section of an input, with its place in the output.
type inputSection struct {
	in      *input
	sec     *elfobj.Section // as it is read, or a changed copy, see replace
	out     *output         // nil when it is left out
	offset  uint64          // bytes into out
	discard discardReason   // why it is left out
	comdat  bool            // member of a COMDAT group
	group   int32           // the number in its object of the last group that it is a member of
	merged  *mergedSection  // if its strings or constants were merged with others, see mergeStrings
	cuts    *cuts           // if a part of its contents was removed
}

func (isec *inputSection) size() uint64  { return isec.sec.Size }
func (isec *inputSection) align() uint64 { return max(isec.sec.Addralign, 1) }
func (isec *inputSection) data() []byte  { return isec.sec.Contents() }

// replace gives the input section other contents and relocations.
func (isec *inputSection) replace(data, relocs []byte) {
	changed := *isec.sec
	changed.Size, changed.Data, changed.Relocs = uint64(len(data)), data, relocs
	isec.sec = &changed
}

// drop leaves the input section out of the output.
func (isec *inputSection) drop(why discardReason) {
	isec.discard, isec.out = why, nil
	isec.in.discards = true
}

// discardReason says why a section is not in the output.
type discardReason uint8

const (
	kept               discardReason = iota
	discardByScript                  // /DISCARD/
	discardByGroup                   // a COMDAT group of that signature came first
	discardByName                    // a section of that name, of those that are linked once, came first
	discardFollows                   // the section that it follows (SHF_LINK_ORDER) is left out
	discardMerged                    // its contents went into another section
	discardBitcode                   // a compiler's intermediate code, beside machine code; a warning says so
	discardUnmergeable               // it cannot be merged with others of its kind, which a warning says
)

// elsewhere reports whether another object has the same code or data.
func (d discardReason) elsewhere() bool { return d == discardByGroup || d == discardByName }

// checkMachines makes sure that all objects are for one machine, byte order
// and ABI.
func (l *linker) checkMachines() error {
	if len(l.inputs) == 0 {
		return errcode.Operands.Errorf("no input objects; give at least one")
	}
	first := l.inputs[0].obj
	l.out.Machine, l.out.BigEndian, l.out.Flags = first.Machine, first.BigEndian, first.Flags
	l.out.OSABI, l.out.ABIVersion = first.OSABI, first.ABIVersion
	var errs []error
	flagged := first // the object whose e_flags others must fit
	for i := range l.inputs[1:] {
		o := l.inputs[i+1].obj
		if o.Machine != first.Machine || o.BigEndian != first.BigEndian {
			errs = append(errs, &elfobj.Error{
				Code: errcode.OtherMachine, File: o.Name, Offset: 18,
				What:   fmt.Sprintf("is for %s, but %s is for %s", describe(o), first.Name, describe(first)),
				Advice: "compile both for one target",
			})
			continue
		}
		switch {
		case o.Machine.DataHasNoABI && !o.HasCode():
		case o.Machine.DataHasNoABI && !flagged.HasCode():
			flagged, l.out.Flags = o, o.Flags
		default:
			flags, err := o.Machine.MergeFlags(l.out.Flags, o.Flags)
			if err != nil {
				errs = append(errs, &elfobj.Error{
					Code: errcode.OtherABI, File: o.Name, Offset: 48,
					What: fmt.Sprintf("%v, unlike %s", err, flagged.Name), Advice: "compile both with one ABI",
				})
			}
			l.out.Flags = flags
		}
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

// errorAt makes an error about a place in the input section.
func (isec *inputSection) errorAt(code errcode.Code, offset int64, advice, format string, args ...any) error {
	return &elfobj.Error{Code: code, File: isec.in.obj.Name, Section: isec.sec.Name, Offset: offset, What: fmt.Sprintf(format, args...), Advice: advice}
}
