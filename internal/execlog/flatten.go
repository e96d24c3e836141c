// SPDX-License-Identifier: Apache-2.0

package execlog

import (
	"cmp"
	"slices"
)

// Flattener lists the files of sets. It is made for one Log, and is not for concurrent
// use.
type Flattener struct {
	log         *Log
	round       uint32
	sets, files []uint32 // the last round that saw it
	stack       []SetID
	out         []FileID
}

// NewFlattener returns a Flattener of a complete log.
func NewFlattener(log *Log) *Flattener {
	return &Flattener{log: log, sets: make([]uint32, len(log.Sets)), files: make([]uint32, len(log.Files))}
}

// Files returns the files of a set, each once, in no particular order. The result is
// valid until the next call.
func (f *Flattener) Files(set SetID) []FileID {
	f.out = f.out[:0]
	if f.round++; f.round == 0 {
		clear(f.sets)
		clear(f.files)
		f.round = 1
	}
	f.stack = append(f.stack[:0], set)
	f.sets[set] = f.round
	for len(f.stack) > 0 {
		s := &f.log.Sets[f.stack[len(f.stack)-1]]
		f.stack = f.stack[:len(f.stack)-1]
		for _, id := range s.Files {
			if f.files[id] != f.round {
				f.files[id] = f.round
				f.out = append(f.out, id)
			}
		}
		for _, id := range s.Sets {
			if f.sets[id] != f.round {
				f.sets[id] = f.round
				f.stack = append(f.stack, id)
			}
		}
	}
	return f.out
}

// Input is an input of a spawn.
type Input struct {
	*File
	Tool bool
}

// Inputs returns the inputs of a spawn, sorted by path: as in a JSON log, files in
// directories and runfiles one by one.
func (f *Flattener) Inputs(s *Spawn) []Input {
	files := f.Files(s.Inputs)
	inputs := make([]Input, len(files))
	index := make(map[string]int, len(files))
	slices.SortFunc(files, func(a, b FileID) int {
		return cmp.Or(cmp.Compare(f.log.Files[a].Path, f.log.Files[b].Path), cmp.Compare(a, b))
	})
	for i, id := range files {
		inputs[i].File = &f.log.Files[id]
		index[inputs[i].Path] = i
	}
	for _, id := range f.Files(s.Tools) {
		if i, ok := index[f.log.Files[id].Path]; ok {
			inputs[i].Tool = true
		}
	}
	return inputs
}
