// SPDX-License-Identifier: Apache-2.0

package link

import (
	"math/bits"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/nametable"
)

// symbol is a global symbol. It has 64 bytes, a cache line, because a large link
// mostly waits for memory.
type symbol struct {
	in      *input        // where it is defined; nil for an undefined or script symbol
	def     elfobj.Symbol // what is known of it, its name in any case
	script  *scriptSymbol // set when the linker script defines it
	out     uint32        // its index in the output; before that, the number of its first reference
	binding uint8         // elf.SymBind
	vis     uint8         // elf.SymVis
	other   uint8         // processor bits of st_other
	state   symbolState
}

// symbolState says how inputs name a global symbol.
type symbolState uint8

const (
	symbolSeen   symbolState = 1 << iota // an input names it
	symbolUsed                           // an input leaves it undefined
	symbolLost                           // an input left out its definition when there was none yet
	symbolWarned                         // see useDropped
)

// defined reports whether an input defines the symbol, as common or otherwise.
func (g *symbol) defined() bool { return g.in != nil }

// symbolTable holds the global symbols, found by their names. They are divided by
// the hashes of the names into shards, so that each processor resolves its own.
type symbolTable struct {
	shards []shard
	bits   int // the shard's part of an index
	// references counts how often inputs name a global symbol. The numbers of
	// first references are the order of the symbols.
	references uint32
}

// shard holds symbols in pages, so that adding one never moves others.
type shard struct {
	pages []*[symbolPage]symbol
	n     int
	lost  bool // see symbolLost, of any symbol
	table nametable.Table
	sink  uint32 // keeps touch from being optimised away
}

const symbolPage = 512

// reset makes a number of empty shards.
func (g *symbolTable) reset(shards int) {
	*g = symbolTable{bits: bits.Len(uint(shards - 1))}
	g.shards = make([]shard, 1<<g.bits)
	for i := range g.shards {
		g.shards[i].table.Skip = g.bits
	}
}

// shardOf is the number of the shard of names with a hash.
func (g *symbolTable) shardOf(hash uint32) int { return int(hash) & (len(g.shards) - 1) }

// at returns a symbol by its index.
func (g *symbolTable) at(index uint32) *symbol {
	return g.shards[g.shardOf(index)].at(index >> g.bits)
}

// lookup returns the symbol of a name, or nil.
func (g *symbolTable) lookup(name string) *symbol {
	hash := nametable.Hash(name)
	s := &g.shards[g.shardOf(hash)]
	if n, _ := s.find(name, hash); n != nametable.None {
		return s.at(n)
	}
	return nil
}

// intern returns the symbol of a name, which it adds when there is none yet.
func (g *symbolTable) intern(name string) *symbol {
	hash := nametable.Hash(name)
	s := &g.shards[g.shardOf(hash)]
	g.references++
	return s.at(s.intern(name, hash, g.references-1))
}

// len is the number of symbols.
func (g *symbolTable) len() int {
	n := 0
	for i := range g.shards {
		n += g.shards[i].n
	}
	return n
}

// inOrder lists the indices of the symbols in the order of their first
// references, in which each shard has its own.
func (g *symbolTable) inOrder() []uint32 {
	order := make([]uint32, 0, g.len())
	next := make([]uint32, len(g.shards))
	for len(order) < cap(order) {
		first, from := ^uint32(0), 0
		for i := range g.shards {
			if s := &g.shards[i]; int(next[i]) < s.n {
				if m := s.at(next[i]).out; m <= first {
					first, from = m, i
				}
			}
		}
		order = append(order, next[from]<<g.bits|uint32(from))
		next[from]++
	}
	return order
}

func (s *shard) at(n uint32) *symbol { return &s.pages[n/symbolPage][n%symbolPage] }

// find returns the number of the symbol of a name, or nametable.None, and the
// slot where it belongs.
func (s *shard) find(name string, hash uint32) (n uint32, slot int) {
	return s.table.Find(hash, func(n uint32) bool { return s.at(n).def.Name == name })
}

// touch brings into the processor's cache what looking up a batch of names will
// need: loads that do not depend on each other overlap.
func (s *shard) touch(batch []reference) {
	var found [32]uint32
	for i, m := range batch {
		found[i] = s.table.Likely(m.hash)
	}
	for i := range batch {
		if n := found[i]; n != nametable.None {
			s.sink += s.at(n).out
		}
	}
	for i := range batch {
		if n := found[i]; n != nametable.None {
			s.sink += uint32(s.at(n).def.Name[0])
		}
	}
}

// intern returns the number of the symbol of a name, which it adds, with the
// number of its first reference, when there is none yet.
func (s *shard) intern(name string, hash, reference uint32) uint32 {
	n, slot := s.find(name, hash)
	if n != nametable.None {
		return n
	}
	if s.n%symbolPage == 0 {
		s.pages = append(s.pages, new([symbolPage]symbol))
	}
	n = uint32(s.n)
	s.n++
	// Writing all of it takes one page fault where it is the first of its page.
	*s.at(n) = symbol{def: elfobj.Symbol{Name: name}, out: reference}
	s.table.Put(slot, hash, n)
	return n
}
