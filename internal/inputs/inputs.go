// SPDX-License-Identifier: Apache-2.0

// Package inputs reads the inputs of a link: objects and archives.
package inputs

import (
	"os"

	"github.com/rules-hyp/rules_hyp/internal/archive"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// Input is an operand of a link.
type Input struct {
	Path string
	// Whole extracts every member of an archive (--whole-archive), not only
	// those that define undefined symbols.
	Whole bool
	// Group is the number of the group that the operand is in (--start-group), 0
	// for none. The archives of a group are searched again until none of them
	// defines an undefined symbol any more. Operands of one group are adjacent.
	Group int
}

// Result is the objects that take part in a link.
type Result struct {
	Objects []*elfobj.Object
	// Mapped are the files that were read. They stay mapped.
	Mapped []*fileio.Mapping
	// Warnings are about archive members that were left out.
	Warnings []*elfobj.Error

	parsers []*elfobj.Parser
}

// ReleaseSymbols drops the symbols of the objects after a link and releases
// their memory in the background.
func (r *Result) ReleaseSymbols() {
	for _, o := range r.Objects {
		o.Symbols = nil
	}
	go func() {
		for _, p := range r.parsers {
			p.ReleaseSymbols()
		}
	}()
}

// releaseThreshold is the total input size in bytes from which symbols are
// allocated such that they can be released.
const releaseThreshold = 32 << 20

// Read reads the inputs in parallel. Files stay mapped until the process ends.
// If several inputs have errors, it returns that of the first one.
func Read(ins []Input) (*Result, error) {
	operands := make([]operand, len(ins))
	r := &Result{parsers: inParallel(ins, func(i int, p *elfobj.Parser) {
		if err := elfobj.Guard(ins[i].Path, func() error { operands[i] = read(ins[i], p); return nil }); err != nil {
			operands[i] = operand{err: err}
		}
	})}
	res := newResolver()
	resolve, total := false, 0
	for i, in := range ins {
		resolve = resolve || operands[i].archive && !in.Whole
		total += len(operands[i].objects)
	}
	r.Objects = make([]*elfobj.Object, 0, total)
	for i := range ins {
		if operands[i].err != nil {
			return nil, operands[i].err
		}
		r.Mapped = append(r.Mapped, operands[i].mapped...)
		r.Warnings = append(r.Warnings, operands[i].warnings...)
	}
	for from, to := 0, 0; from < len(ins); from = to {
		for to = from + 1; to < len(ins) && ins[to].Group != 0 && ins[to].Group == ins[from].Group; to++ {
		}
		r.Objects = res.addGroup(r.Objects, ins[from:to], operands[from:to], resolve)
	}
	if len(r.Objects) == 0 && len(ins) > 0 {
		return nil, nothingToLink(ins, operands)
	}
	return r, nil
}

// nothingToLink returns the error for a command line with nothing but archives of
// which no member is needed.
func nothingToLink(ins []Input, operands []operand) error {
	for i := range operands {
		if len(operands[i].objects) > 0 {
			return &elfobj.Error{
				Code: errcode.NothingToLink, File: ins[i].Path, Offset: -1,
				What:   "no member of the archive defines a symbol that an object needs, and there is nothing else to link",
				Advice: "link all members with --whole-archive, or name the objects",
			}
		}
	}
	for i := range operands {
		if len(operands[i].warnings) > 0 {
			return &elfobj.Error{Code: errcode.NothingToLink, File: ins[i].Path, Offset: -1, What: "no member of the archive is an object, and there is nothing else to link", Advice: "name objects"}
		}
	}
	return &elfobj.Error{Code: errcode.NothingToLink, File: ins[0].Path, Offset: -1, What: "the archive is empty, and there is nothing else to link", Advice: "name objects"}
}

// operand is a file of the command line.
type operand struct {
	archive  bool
	mapped   []*fileio.Mapping
	objects  []*elfobj.Object // the object, or the archive's members
	warnings []*elfobj.Error
	search   *search // of the archive, once it has begun
	err      error   // the first one
}

// read maps a file and parses its objects.
func read(in Input, p *elfobj.Parser) (o operand) {
	path := in.Path
	m, err := fileio.Map(path)
	if err != nil {
		return operand{err: err}
	}
	o.mapped = []*fileio.Mapping{m}
	if !archive.Is(m.Data) {
		o.err = o.parse(p, path, m.Data, o.mapped)
		m.ReleaseLarge()
		return o
	}
	o.archive = true
	o.err = archive.Members(path, m.Data, func(mb archive.Member) error {
		name := path + "(" + mb.Name + ")"
		if mb.Path == "" {
			return o.parseMember(in, p, name, mb.Data, o.mapped[:1:1])
		}
		// Members of thin archives are separate files.
		file, err := fileio.Map(mb.Path)
		if err != nil {
			return err
		}
		o.mapped = append(o.mapped, file)
		parsed := len(o.objects)
		err = o.parseMember(in, p, name, file.Data, o.mapped[len(o.mapped)-1:])
		for _, obj := range o.objects[parsed:] {
			obj.ThinPath = mb.Path
		}
		return err
	})
	for _, obj := range o.objects {
		obj.Archive = path
	}
	m.ReleaseLarge() // the contents are not needed until the output is written
	return o
}

// parseMember parses a member of an archive. One that cannot define anything, such as
// a README, is left out with a warning, as by lld (GNU ld says nothing), unless all
// members are to be linked.
func (o *operand) parseMember(in Input, p *elfobj.Parser, name string, data []byte, mapped []*fileio.Mapping) error {
	if in.Whole || elfobj.MayDefine(data) {
		return o.parse(p, name, data, mapped)
	}
	o.warnings = append(o.warnings, &elfobj.Error{
		Code: errcode.NotAnObject, File: name, Offset: -1, What: "not a relocatable object: the member is left out",
		Advice: "compile it for an ELF target if the link needs it, or remove it from the archive (ar d)",
	})
	return nil
}

// parse parses an object and adds it to the operand.
func (o *operand) parse(p *elfobj.Parser, name string, data []byte, mapped []*fileio.Mapping) error {
	obj, err := p.Parse(name, data)
	if err != nil {
		return err
	}
	obj.Mapped = mapped
	o.objects = append(o.objects, obj)
	return nil
}

// inputsPerWorker is the number of inputs per worker: starting one takes as long
// as reading a few dozen small objects.
const inputsPerWorker = 64

// inParallel calls f for each input, with one parser per worker, and returns the
// parsers. The number or the size of the inputs decides about the workers,
// whichever gives more.
func inParallel(ins []Input, f func(int, *elfobj.Parser)) []*elfobj.Parser {
	total := size(ins)
	workers := max(parallel.Workers(len(ins), inputsPerWorker), parallel.Workers(total, parallel.BytesPerWorker))
	parsers := make([]*elfobj.Parser, min(workers, max(len(ins), 1)))
	release := total >= releaseThreshold
	_ = parallel.Run(len(parsers), func(w int) error {
		parsers[w] = new(elfobj.Parser)
		if release {
			parsers[w].MapSymbols()
		}
		for i := w; i < len(ins); i += len(parsers) {
			f(i, parsers[w])
		}
		return nil
	})
	return parsers
}

// size returns the total size of the inputs in bytes. Unreadable files count as
// empty; reading them reports the error.
func size(ins []Input) (n int) {
	for _, in := range ins {
		if st, err := os.Stat(in.Path); err == nil {
			n += int(st.Size())
		}
	}
	return n
}
