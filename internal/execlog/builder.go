// SPDX-License-Identifier: Apache-2.0

package execlog

import (
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// maxKept is how many bytes a Log may need, roughly. Ten thousand spawns with 700
// inputs each need 20 MiB.
const maxKept = 1 << 30

// What something in a log needs besides its strings, in bytes, roughly: with the maps
// of a builder.
const (
	stringCost = 48
	fileCost   = 128
	setCost    = 80
	spawnCost  = 320
	refCost    = 4
)

// builder makes a Log.
type builder struct {
	log     Log
	kept    int64 // bytes that log needs
	limit   int64
	strings map[string]string
	// byPath has the last file of a path; before has, for a file, the one before it of the
	// same path, plus 1.
	byPath map[string]FileID
	before []FileID
	// chunks finds the sets that inputs makes by their contents.
	chunks map[uint64][]SetID
	args   []string // scratch
	vars   []Var
	paths  []string
	ids    []FileID
	sets   []SetID
}

func newBuilder() *builder {
	return &builder{
		log:     Log{Sets: make([]Set, 1)},
		strings: map[string]string{},
		byPath:  map[string]FileID{},
		chunks:  map[uint64][]SetID{},
	}
}

// check fails when the log needs too much memory. It is called once for each message;
// what a message adds is bounded by its own size, but for runfiles.
func (b *builder) check() error {
	if b.kept > b.limit {
		return &problem{errcode.LogTooLarge, "the log needs more than " + decimal(uint64(b.limit>>20)) + " MiB of memory", adviceLarge}
	}
	return nil
}

// string returns a string of which there is one copy in the log.
func (b *builder) string(s []byte) string {
	if len(s) == 0 {
		return ""
	}
	if kept, ok := b.strings[string(s)]; ok {
		return kept
	}
	kept := string(s)
	b.strings[kept] = kept
	b.kept += int64(len(kept)) + stringCost
	return kept
}

// file is a file as it is in a log.
type file struct {
	path, hash, target []byte
	size               int64
}

// file returns the one of the log that is the same.
func (b *builder) file(f file) (FileID, error) {
	if len(f.path) == 0 {
		return 0, damaged("a file without a path")
	}
	last, known := b.byPath[string(f.path)]
	path := ""
	if known {
		path = b.log.Files[last].Path
		for id := last + 1; id != 0; id = b.before[id-1] {
			if k := &b.log.Files[id-1]; k.Hash == string(f.hash) && k.Size == f.size && k.Target == string(f.target) {
				return id - 1, nil
			}
		}
		last++
	} else {
		path = string(f.path)
		b.kept += int64(len(path))
	}
	id := FileID(len(b.log.Files))
	b.log.Files = append(b.log.Files, File{Path: path, Hash: string(f.hash), Size: f.size, Target: string(f.target)})
	b.before = append(b.before, last)
	b.byPath[path] = id
	b.kept += int64(len(f.hash)+len(f.target)) + fileCost
	return id, nil
}

// addSet adds a set.
func (b *builder) addSet(s Set) SetID {
	b.log.Sets = append(b.log.Sets, s)
	b.kept += setCost + int64(len(s.Path)) + refCost*int64(len(s.Files)+len(s.Sets))
	return SetID(len(b.log.Sets) - 1)
}

// chunkBits is the binary logarithm of how many files a chunk has on average.
const chunkBits = 5

// inputs returns a set of the files. Those of many spawns differ in a few files, so
// that they are cut into chunks where the contents say, of which most are shared.
func (b *builder) inputs(files []FileID) SetID {
	sets := b.sets[:0]
	for len(files) > 0 {
		n, sum := 0, uint64(0)
		for n < len(files) {
			h := mix(uint64(files[n]))
			sum = mix(sum ^ h)
			if n++; h>>(64-chunkBits) == 0 {
				break
			}
		}
		sets = append(sets, b.chunk(sum, files[:n]))
		files = files[n:]
	}
	b.sets = sets
	switch len(sets) {
	case 0:
		return 0
	case 1:
		return sets[0]
	}
	return b.addSet(Set{Sets: slices.Clone(sets)})
}

func (b *builder) chunk(sum uint64, files []FileID) SetID {
	for _, id := range b.chunks[sum] {
		if slices.Equal(b.log.Sets[id].Files, files) {
			return id
		}
	}
	id := b.addSet(Set{Files: slices.Clone(files)})
	b.chunks[sum] = append(b.chunks[sum], id)
	return id
}

// mix is the finalizer of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hashFunction notes the name of the digest function.
func (b *builder) hashFunction(name []byte) error {
	switch {
	case len(name) == 0 || string(name) == b.log.HashFunction:
	case b.log.HashFunction != "":
		return damaged("digests of %q and of %q in one log", b.log.HashFunction, name)
	default:
		b.log.HashFunction = string(name)
	}
	return nil
}

// spawn begins a spawn; the lists are scratch until finish.
func (b *builder) spawn() *Spawn {
	b.args, b.vars, b.paths, b.ids = b.args[:0], b.vars[:0], b.paths[:0], b.ids[:0]
	b.log.Spawns = append(b.log.Spawns, Spawn{})
	b.kept += spawnCost
	return &b.log.Spawns[len(b.log.Spawns)-1]
}

// keep returns a copy of a scratch list, or nil for an empty one.
func keep[T any](b *builder, list []T, size int64) []T {
	if len(list) == 0 {
		return nil
	}
	b.kept += size * int64(len(list))
	return slices.Clone(list)
}
