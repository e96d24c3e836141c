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
}

// candidate is an object that the link may take.
type candidate struct {
	name string
	data []byte
	path string             // to map, where data is nil
	from ldscript.InputFile // zero for an object that is no member
	obj  *elfobj.Object
	err  error
}

// Read reads the inputs, on all processors. Files stay mapped until the
// process ends. Of several errors the first one in the order of the inputs is
// returned.
func Read(ins []Input) (*Result, error) {
	groups := make([][]candidate, len(ins))
	for i, in := range ins {
		var err error
		if groups[i], err = open(in.Path); err != nil {
			return nil, err
		}
	}
	parse(groups)
	r := &Result{Members: map[*elfobj.Object]ldscript.InputFile{}}
	wanted := &resolver{defined: map[string]bool{}, undefined: map[string]bool{}}
	lazy := false
	for i, in := range ins {
		lazy = lazy || !in.Whole && len(groups[i]) > 0 && groups[i][0].from.Archive != ""
	}
	for i, in := range ins {
		for j := range groups[i] {
			if err := groups[i][j].err; err != nil {
				return nil, err
			}
		}
		for _, c := range wanted.choose(groups[i], in.Whole, lazy) {
			r.Objects = append(r.Objects, c.obj)
			if c.from.Archive != "" {
				r.Members[c.obj] = c.from
			}
		}
	}
	return r, nil
}

// open lists what an operand holds: itself, or an archive's members.
func open(path string) ([]candidate, error) {
	m, err := elfobj.Map(path)
	if err != nil {
		return nil, err
	}
	if !archive.Is(m.Data) {
		return []candidate{{name: path, data: m.Data}}, nil
	}
	members, err := archive.Members(path, m.Data)
	if err != nil {
		return nil, err
	}
	cs := make([]candidate, len(members))
	for i, mb := range members {
		cs[i] = candidate{name: path + "(" + mb.Name + ")", data: mb.Data, path: mb.Path, from: ldscript.InputFile{Path: mb.Name, Archive: path}}
	}
	return cs, nil
}

// parse reads all candidates.
func parse(groups [][]candidate) {
	var all []*candidate
	for i := range groups {
		for j := range groups[i] {
			all = append(all, &groups[i][j])
		}
	}
	workers := min(runtime.GOMAXPROCS(0), len(all))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(all); i += workers {
				all[i].parse()
			}
		})
	}
	wg.Wait()
}

func (c *candidate) parse() {
	if c.path != "" {
		m, err := elfobj.Map(c.path)
		if err != nil {
			c.err = err
			return
		}
		c.data = m.Data
	}
	c.obj, c.err = elfobj.Parse(c.name, c.data)
}

// resolver knows which symbols are wanted when an archive is reached.
type resolver struct {
	defined, undefined map[string]bool
}

// choose says which of an operand's objects the link takes, in the order in
// which it takes them. Members of an archive come in rounds, since each may
// want others ("Using ld", on archives).
func (r *resolver) choose(cs []candidate, whole, lazy bool) []*candidate {
	var chosen []*candidate
	take := func(c *candidate) {
		chosen = append(chosen, c)
		if lazy {
			r.add(c.obj)
		}
	}
	if whole || len(cs) > 0 && cs[0].from.Archive == "" {
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
