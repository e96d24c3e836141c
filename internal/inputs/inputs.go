// Package inputs reads what a link is given: objects and archives of objects.
package inputs

import (
	"os"

	"github.com/rules-hyp/rules_hyp/internal/archive"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// Input is an operand of a link.
type Input struct {
	Path string
	// Whole takes every member of an archive (--whole-archive), instead of
	// those that define a symbol which is undefined so far.
	Whole bool
}

// Result is what a link works on.
type Result struct {
	Objects []*elfobj.Object
	// Mapped are the files that were read; they stay mapped.
	Mapped []*fileio.Mapping

	parsers []*elfobj.Parser
}

// ReleaseSymbols takes the symbols away from the objects, which a link that is
// done does not need any more, and gives their memory back in the background.
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

// manyBytes is how many bytes of inputs have so many symbols that it is worth
// to release them.
const manyBytes = 32 << 20

// Read reads the inputs, on all processors. Files stay mapped until the
// process ends. Of several errors the first one in the order of the inputs is
// returned.
func Read(ins []Input) (*Result, error) {
	operands := make([]operand, len(ins))
	r := &Result{parsers: inParallel(ins, func(i int, p *elfobj.Parser) {
		if err := elfobj.Guard(ins[i].Path, func() error { operands[i] = read(ins[i].Path, p); return nil }); err != nil {
			operands[i] = operand{err: err}
		}
	})}
	wanted := &resolver{defined: map[string]bool{}, undefined: map[string]bool{}}
	lazy, total := false, 0
	for i, in := range ins {
		lazy = lazy || operands[i].archive && !in.Whole
		total += len(operands[i].objects)
	}
	r.Objects = make([]*elfobj.Object, 0, total)
	for i, in := range ins {
		o := &operands[i]
		if o.err != nil {
			return nil, o.err
		}
		r.Mapped = append(r.Mapped, o.mapped...)
		r.Objects = wanted.choose(r.Objects, o, in.Whole, lazy)
	}
	return r, nil
}

// operand is what a path of the command line names.
type operand struct {
	archive bool
	mapped  []*fileio.Mapping
	objects []*elfobj.Object // itself, or an archive's members
	err     error            // the first one
}

// read maps a path and parses what it holds.
func read(path string, p *elfobj.Parser) (o operand) {
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
			return o.parse(p, name, mb.Data, o.mapped[:1:1])
		}
		// A member of a thin archive is a file of its own.
		own, err := fileio.Map(mb.Path)
		if err != nil {
			return err
		}
		o.mapped = append(o.mapped, own)
		return o.parse(p, name, own.Data, o.mapped[len(o.mapped)-1:])
	})
	for _, obj := range o.objects {
		obj.Archive = path
	}
	m.ReleaseLarge() // what it holds is needed again when the output is written
	return o
}

// parse adds an object of the operand.
func (o *operand) parse(p *elfobj.Parser, name string, data []byte, mapped []*fileio.Mapping) error {
	obj, err := p.Parse(name, data)
	if err != nil {
		return err
	}
	obj.Mapped = mapped
	o.objects = append(o.objects, obj)
	return nil
}

// perWorker is how many inputs are worth another processor: starting a goroutine
// there takes as long as reading a few dozen small objects.
const perWorker = 64

// inParallel calls f for each input on all processors, each with a parser, and
// returns the parsers.
func inParallel(ins []Input, f func(int, *elfobj.Parser)) []*elfobj.Parser {
	parsers := make([]*elfobj.Parser, parallel.Workers(len(ins), perWorker))
	many := size(ins) >= manyBytes
	_ = parallel.Run(len(parsers), func(w int) error {
		parsers[w] = new(elfobj.Parser)
		if many {
			parsers[w].MapSymbols()
		}
		for i := w; i < len(ins); i += len(parsers) {
			f(i, parsers[w])
		}
		return nil
	})
	return parsers
}

// size is how many bytes the inputs have. Files that cannot be read count as
// empty here; reading them says why.
func size(ins []Input) (n int64) {
	for _, in := range ins {
		if st, err := os.Stat(in.Path); err == nil {
			n += st.Size()
		}
	}
	return n
}
