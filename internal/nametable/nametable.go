// SPDX-License-Identifier: Apache-2.0

// Package nametable is a hash table that maps names to numbers, for millions of
// names. It stores hashes and numbers only, not the names, which makes it
// smaller and faster than a map with strings as keys.
package nametable

import "hash/maphash"

// None means that there is no number.
const None = ^uint32(0)

// seed differs between processes. Outputs do not depend on it.
var seed = maphash.MakeSeed()

// Hash returns the part of a name's hash that the table stores.
func Hash(name string) uint32 { return uint32(maphash.String(seed, name)) }

// HashBytes returns the hash of a name that is not a string.
func HashBytes(name []byte) uint32 { return uint32(maphash.Bytes(seed, name)) }

// Table is a hash table. The zero value is empty.
type Table struct {
	// The high half of a slot is the hash, the low half the number plus 1; 0 is
	// an empty slot.
	slots []uint64
	used  int
	// Skip is the number of low bits of the hashes that are the same for all
	// names of the table.
	Skip int
}

// Reserve makes room for n more names.
func (t *Table) Reserve(n int) {
	size := 16
	for size < (t.used+n)+(t.used+n)/2 {
		size *= 2
	}
	if size <= len(t.slots) {
		return
	}
	old := t.slots
	t.slots = make([]uint64, size)
	clear(t.slots) // one page fault per page; a lookup, which reads first, would cause two
	for _, v := range old {
		if v != 0 {
			i := t.start(uint32(v >> 32))
			for t.slots[i] != 0 {
				i = (i + 1) & (size - 1)
			}
			t.slots[i] = v
		}
	}
}

// start returns the first slot for a hash.
func (t *Table) start(hash uint32) int { return int(hash>>t.Skip) & (len(t.slots) - 1) }

// Find returns the number with a hash for which same returns true, or None, and
// the slot for it.
func (t *Table) Find(hash uint32, same func(number uint32) bool) (number uint32, slot int) {
	if len(t.slots) == 0 {
		t.Reserve(1)
	}
	for i := t.start(hash); ; i = (i + 1) & (len(t.slots) - 1) {
		v := t.slots[i]
		if v == 0 {
			return None, i
		}
		if uint32(v>>32) == hash {
			if n := uint32(v) - 1; same(n) {
				return n, i
			}
		}
	}
}

// Likely returns the number in the first slot for a hash, or None if the slot is
// empty or has another hash. It is a guess at what Find will return.
func (t *Table) Likely(hash uint32) uint32 {
	if len(t.slots) > 0 {
		if v := t.slots[t.start(hash)]; v != 0 && uint32(v>>32) == hash {
			return uint32(v) - 1
		}
	}
	return None
}

// Put stores a number in the slot that Find returned for its hash.
func (t *Table) Put(slot int, hash, number uint32) {
	t.slots[slot] = uint64(hash)<<32 | uint64(number+1)
	t.used++
	if t.used*4 > len(t.slots)*3 {
		t.Reserve(t.used)
	}
}
