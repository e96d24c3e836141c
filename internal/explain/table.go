// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// table numbers the paths of both logs, and what is at them.
type table struct {
	paths   []string
	byPath  map[string]int32
	files   map[contents]int32
	content map[digest]int32
}

// contents is a path with what is there.
type contents struct {
	path   int32
	digest int32
}

// digest is what a file or symlink contains.
type digest struct {
	hash, target string
	size         int64
}

func (t *table) path(path string) int32 {
	id, ok := t.byPath[path]
	if !ok {
		id = int32(len(t.paths))
		t.byPath[path] = id
		t.paths = append(t.paths, path)
	}
	return id
}

// digest numbers what a file contains. An empty file has a digest or none.
func (t *table) digest(f *execlog.File) int32 {
	d := digest{f.Hash, f.Target, f.Size}
	if f.Size == 0 && f.Target == "" {
		d.hash = ""
	}
	return number(t.content, d)
}

func number[K comparable](m map[K]int32, k K) int32 {
	id, ok := m[k]
	if !ok {
		id = int32(len(m))
		m[k] = id
	}
	return id
}

// index numbers the files of both logs, and notes what made them.
func (c *comparison) index() {
	c.table = table{byPath: map[string]int32{}, files: map[contents]int32{}, content: map[digest]int32{}}
	for _, s := range []*side{&c.a, &c.b} {
		rename := func(path string) string { return path }
		if s == &c.a {
			rename = c.rename
		}
		log := s.log
		s.flat = execlog.NewFlattener(log)
		s.path, s.key = make([]int32, len(log.Files)), make([]int32, len(log.Files))
		for i := range log.Files {
			f := &log.Files[i]
			s.path[i] = c.table.path(rename(f.Path))
			s.key[i] = number(c.table.files, contents{s.path[i], c.table.digest(f)})
		}
		s.sum()
		s.maker = map[int32]int32{}
		for i := range log.Spawns {
			spawn := &log.Spawns[i]
			for _, path := range spawn.Listed {
				s.maker[c.table.path(rename(path))] = int32(i)
			}
			for _, id := range spawn.Outputs {
				s.maker[s.path[id]] = int32(i)
			}
		}
		s.links = map[int32]int32{}
		for _, l := range log.Symlinks {
			s.links[c.table.path(rename(l.Output))] = c.table.path(rename(l.Input))
		}
	}
}

// sum computes the sums of the sets. A set refers to smaller ones only.
func (s *side) sum() {
	s.sums = make([]uint64, len(s.log.Sets))
	for i := range s.log.Sets {
		set := &s.log.Sets[i]
		h := mix(uint64(len(set.Files))<<32 | uint64(len(set.Sets)))
		for _, id := range set.Files {
			h = mix(h ^ uint64(s.key[id]))
		}
		for _, id := range set.Sets {
			h = mix(h ^ s.sums[id])
		}
		s.sums[i] = h
	}
}

// mix is the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
