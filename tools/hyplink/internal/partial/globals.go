package partial

import (
	"hash/maphash"
	"math/bits"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
)

// global is a symbol that objects share by its name. With 64 bytes it is a cache
// line: in a large link, looking at one is a wait for memory.
type global struct {
	in      *input        // where it is defined; nil for an undefined or script symbol
	def     elfobj.Symbol // what is known of it, its name in any case
	script  *scriptSymbol // set when the linker script defines it
	out     uint32        // its index in the output; before that, the number of its first mention
	binding uint8         // elf.SymBind
	vis     uint8         // elf.SymVis
	other   uint8         // processor bits of st_other
	state   globalState
}

// globalState says how inputs name a global.
type globalState uint8

const (
	globalSeen globalState = 1 << iota // an input names it
	globalUsed                         // an input leaves it undefined
)

// defined reports whether an input defines the symbol, as common or otherwise.
func (g *global) defined() bool { return g.in != nil }

// globals are the symbols that objects share, found by their names. They are
// divided by the hashes of the names into shards, so that each processor
// resolves its own.
type globals struct {
	seed   maphash.Seed
	shards []shard
	bits   int // the shard's part of an index
	// mentions counts how often inputs name a global. The numbers of first
	// mentions are the globals' order.
	mentions uint32
}

// shard holds globals in pages, so that adding one never moves those that are
// there, and a hash table of their numbers.
type shard struct {
	pages []*[globalPage]global
	n     int
	// Of each slot the high half is the name's hash, the low half the number of
	// the global and 1; 0 is free.
	slots []uint64
	bits  int // of the hash, that tell the shards apart
}

const globalPage = 512

// reset makes a number of empty shards.
func (g *globals) reset(shards int, seed maphash.Seed) {
	*g = globals{seed: seed, bits: bits.Len(uint(shards - 1))}
	g.shards = make([]shard, 1<<g.bits)
	for i := range g.shards {
		g.shards[i].bits = g.bits
		g.shards[i].reserve(0)
	}
}

// shardOf is the number of the shard of names with a hash.
func (g *globals) shardOf(hash uint32) int { return int(hash) & (len(g.shards) - 1) }

// at returns a global by its index.
func (g *globals) at(index uint32) *global {
	return g.shards[g.shardOf(index)].at(index >> g.bits)
}

// lookup returns the global of a name, or nil.
func (g *globals) lookup(name string) *global {
	hash := uint32(maphash.String(g.seed, name))
	s := &g.shards[g.shardOf(hash)]
	if n, _ := s.find(name, hash); n != noGlobal {
		return s.at(n)
	}
	return nil
}

// intern returns the global of a name, and adds it when there is none yet.
func (g *globals) intern(name string) *global {
	hash := uint32(maphash.String(g.seed, name))
	s := &g.shards[g.shardOf(hash)]
	g.mentions++
	return s.at(s.intern(name, hash, g.mentions-1))
}

// len is the number of globals.
func (g *globals) len() int {
	n := 0
	for i := range g.shards {
		n += g.shards[i].n
	}
	return n
}

// inOrder calls f for each global in the order of their first mentions, in which
// each shard has its own.
func (g *globals) inOrder(f func(*global)) {
	next := make([]int, len(g.shards))
	for {
		var first *global
		from := 0
		for i := range g.shards {
			if next[i] < g.shards[i].n {
				if c := g.shards[i].at(uint32(next[i])); first == nil || c.out < first.out {
					first, from = c, i
				}
			}
		}
		if first == nil {
			return
		}
		next[from]++
		f(first)
	}
}

func (s *shard) at(n uint32) *global { return &s.pages[n/globalPage][n%globalPage] }

// noGlobal is no number of a global.
const noGlobal = ^uint32(0)

// find returns the number of the global of a name, or noGlobal, and the slot
// where it belongs.
func (s *shard) find(name string, hash uint32) (n uint32, slot int) {
	mask := len(s.slots) - 1
	for i := int(hash>>s.bits) & mask; ; i = (i + 1) & mask {
		v := s.slots[i]
		if v == 0 {
			return noGlobal, i
		}
		if uint32(v>>32) == hash {
			if n := uint32(v) - 1; s.at(n).def.Name == name {
				return n, i
			}
		}
	}
}

// intern returns the number of the global of a name, and adds it, with the
// number of its first mention, when there is none yet.
func (s *shard) intern(name string, hash, mention uint32) uint32 {
	n, slot := s.find(name, hash)
	if n != noGlobal {
		return n
	}
	if s.n%globalPage == 0 {
		s.pages = append(s.pages, new([globalPage]global))
	}
	n = uint32(s.n)
	s.n++
	g := s.at(n)
	g.def.Name, g.out = name, mention
	s.slots[slot] = uint64(hash)<<32 | uint64(n+1)
	if s.n*4 > len(s.slots)*3 {
		s.reserve(s.n)
	}
	return n
}

// reserve makes room for n more globals.
func (s *shard) reserve(n int) {
	size := 16
	for size < (s.n+n)+(s.n+n)/2 {
		size *= 2
	}
	old := s.slots
	s.slots = make([]uint64, size)
	for _, v := range old {
		if v == 0 {
			continue
		}
		i := int(uint32(v>>32)>>s.bits) & (size - 1)
		for s.slots[i] != 0 {
			i = (i + 1) & (size - 1)
		}
		s.slots[i] = v
	}
}
