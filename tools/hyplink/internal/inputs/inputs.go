// Package inputs reads what a link is given: objects and archives of objects.
package inputs

import (
	"runtime"
	"sync"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/archive"
	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/ldscript"
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
	// Members names the archive and the member of each object that came out
	// of one.
	Members map[*elfobj.Object]ldscript.InputFile
	// Mapped are the files that were read; they stay mapped.
	Mapped []*elfobj.Mapping
}

// candidate is an object that the link may take.
type candidate struct {
	name   string
	data   []byte
	path   string             // to map, where data is nil: a member of a thin archive
	mapped *elfobj.Mapping    // of path
	from   ldscript.InputFile // zero for an object that is no member
	obj    *elfobj.Object
	err    error
}

// Read reads the inputs, on all processors. Files stay mapped until the
// process ends. Of several errors the first one in the order of the inputs is
// returned.
func Read(ins []Input) (*Result, error) {
	operands := make([]operand, len(ins))
	inParallel(len(ins), func(i int, p *elfobj.Parser) { operands[i] = read(ins[i].Path, p) })

	r := &Result{Members: map[*elfobj.Object]ldscript.InputFile{}}
	wanted := &resolver{defined: map[string]bool{}, undefined: map[string]bool{}}
	lazy := false
	for i, in := range ins {
		lazy = lazy || operands[i].archive && !in.Whole
	}
	for i, in := range ins {
		o := &operands[i]
		if o.err != nil {
			return nil, o.err
		}
		r.Mapped = append(r.Mapped, o.mapped)
		for j := range o.objects {
			c := &o.objects[j]
			if c.err != nil {
				return nil, c.err
			}
			if c.mapped != nil {
				r.Mapped = append(r.Mapped, c.mapped)
			}
		}
		for _, c := range wanted.choose(o, in.Whole, lazy) {
			r.Objects = append(r.Objects, c.obj)
			if c.from.Archive != "" {
				r.Members[c.obj] = c.from
			}
		}
	}
	return r, nil
}

// operand is what a path of the command line names.
type operand struct {
	archive bool
	mapped  *elfobj.Mapping
	objects []candidate // itself, or an archive's members
	err     error
}

// read maps a path and parses what it holds.
func read(path string, p *elfobj.Parser) operand {
	m, err := elfobj.Map(path)
	if err != nil {
		return operand{err: err}
	}
	if !archive.Is(m.Data) {
		o := operand{mapped: m, objects: []candidate{{name: path, data: m.Data}}}
		o.objects[0].parse(p)
		return o
	}
	members, err := archive.Members(path, m.Data)
	if err != nil {
		return operand{err: err}
	}
	o := operand{archive: true, mapped: m, objects: make([]candidate, len(members))}
	for i, mb := range members {
		c := &o.objects[i]
		*c = candidate{name: path + "(" + mb.Name + ")", data: mb.Data, path: mb.Path, from: ldscript.InputFile{Path: mb.Name, Archive: path}}
		c.parse(p)
	}
	m.ReleaseLarge() // what it holds is needed again when the output is written
	return o
}

// inParallel calls f for 0 to n-1 on all processors, each with a parser.
func inParallel(n int, f func(int, *elfobj.Parser)) {
	// Starting a goroutine on another processor takes as long as reading a
	// few dozen small objects.
	workers := max(1, min(runtime.GOMAXPROCS(0), n/64))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			p := new(elfobj.Parser)
			for i := w; i < n; i += workers {
				f(i, p)
			}
		})
	}
	wg.Wait()
}

func (c *candidate) parse(p *elfobj.Parser) {
	if c.path != "" {
		if c.mapped, c.err = elfobj.Map(c.path); c.err != nil {
			return
		}
		c.data = c.mapped.Data
	}
	c.obj, c.err = p.Parse(c.name, c.data)
}

// resolver knows which symbols are wanted when an archive is reached.
type resolver struct {
	defined, undefined map[string]bool
}

// choose says which of an operand's objects the link takes, in the order in
// which it takes them. Members of an archive come in rounds, since each may
// want others ("Using ld", on archives).
func (r *resolver) choose(o *operand, whole, lazy bool) []*candidate {
	cs := o.objects
	var chosen []*candidate
	take := func(c *candidate) {
		chosen = append(chosen, c)
		if lazy {
			r.add(c.obj)
		}
	}
	if whole || !o.archive {
		for i := range cs {
			take(&cs[i])
		}
		return chosen
	}
	taken := make([]bool, len(cs))
	for again := true; again; {
		again = false
		for i := range cs {
			if !taken[i] && r.wants(cs[i].obj) {
				taken[i], again = true, true
				take(&cs[i])
			}
		}
	}
	return chosen
}

// add notes what an object defines and wants. A weak reference wants nothing.
func (r *resolver) add(o *elfobj.Object) {
	for i := range o.Symbols {
		s := &o.Symbols[i]
		switch {
		case s.IsLocal() || s.Name == "":
		case !s.IsUndefined():
			r.defined[s.Name] = true
			delete(r.undefined, s.Name)
		case s.Info>>4 == 1 && !r.defined[s.Name]:
			r.undefined[s.Name] = true
		}
	}
}

// wants reports whether an object defines something that is undefined. A
// common symbol does not make a member wanted.
func (r *resolver) wants(o *elfobj.Object) bool {
	if len(r.undefined) == 0 {
		return false
	}
	for i := range o.Symbols {
		s := &o.Symbols[i]
		if !s.IsLocal() && !s.IsUndefined() && s.Section != elfobj.Common && r.undefined[s.Name] {
			return true
		}
	}
	return false
}
