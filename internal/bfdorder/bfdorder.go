// SPDX-License-Identifier: Apache-2.0

// Package bfdorder says in which order GNU ld writes the global symbols of an
// object.
//
// GNU ld keeps names in a hash table and writes them bucket by bucket, so that
// the order follows from the names, and from the order in which they came for
// those of one bucket. It is part of what a final link writes: of the order of
// its own symbols, and of a build ID, which is a hash of the whole file.
//
// The order was found by experiment, and is that of binutils 2.40, 2.44 and 2.47
// on 64-bit machines.
package bfdorder

// firstSize is the number of buckets of an empty table.
const firstSize = 4051

// sizes are those that a table grows to, each the largest prime below a power of two.
var sizes = []uint64{
	4093, 8191, 16381, 32749, 65521, 131071, 262139, 524287, 1048573, 2097143, 4194301, 8388593,
	16777213, 33554393, 67108859, 134217689, 268435399, 536870909, 1073741789, 2147483647,
}

// hash is the hash of a name.
func hash(name string) uint64 {
	var h uint64
	for i := range len(name) {
		c := uint64(name[i])
		h += c + c<<17
		h ^= h >> 2
	}
	n := uint64(len(name))
	h += n + n<<17
	return h ^ h>>2
}

// none ends a chain.
const none = ^uint32(0)

// table is the hash table. Names are numbers, in the order in which they came.
type table struct {
	heads  []uint32 // of each bucket's chain
	next   []uint32 // by name
	hashes []uint64 // by name
	grown  int      // how often
}

// Order returns the numbers of names, which are all different and given in the
// order in which the linker first sees them, in the order in which it writes them.
func Order(names []string) []uint32 {
	t := &table{heads: emptyHeads(firstSize), next: make([]uint32, len(names)), hashes: make([]uint64, len(names))}
	for i, name := range names {
		h := hash(name)
		t.hashes[i] = h
		t.push(uint32(i), uint32(i), t.bucket(h))
		if uint64(i) >= uint64(len(t.heads))*3/4 && t.grown < len(sizes) {
			t.grow()
		}
	}
	order := make([]uint32, 0, len(names))
	for _, n := range t.heads {
		for ; n != none; n = t.next[n] {
			order = append(order, n)
		}
	}
	return order
}

func emptyHeads(size uint64) []uint32 {
	heads := make([]uint32, size)
	for i := range heads {
		heads[i] = none
	}
	return heads
}

func (t *table) bucket(hash uint64) uint64 { return hash % uint64(len(t.heads)) }

// push puts a part of a chain, given by its ends, at the front of a bucket's.
func (t *table) push(first, last uint32, bucket uint64) {
	t.next[last] = t.heads[bucket]
	t.heads[bucket] = first
}

// grow moves all names to more buckets. Those of one hash that follow each other
// stay together.
func (t *table) grow() {
	old := t.heads
	t.heads = emptyHeads(sizes[t.grown])
	t.grown++
	for _, first := range old {
		for first != none {
			last := first
			for n := t.next[last]; n != none && t.hashes[n] == t.hashes[first]; n = t.next[n] {
				last = n
			}
			rest := t.next[last]
			t.push(first, last, t.bucket(t.hashes[first]))
			first = rest
		}
	}
}
