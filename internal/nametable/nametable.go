// Package nametable finds things by their names where there are millions of
// them. The names stay where they are: a table has numbers and hashes only,
// which makes it smaller and faster than a map with the names as keys.
package nametable

import "hash/maphash"

// None is the number of nothing.
const None = ^uint32(0)

// seed differs from process to process; nothing that is written depends on it.
var seed = maphash.MakeSeed()

// Hash is the part of a name's hash that a table keeps.
func Hash(name string) uint32 { return uint32(maphash.String(seed, name)) }

// Table finds numbers by the hashes of names. The zero value is empty.
type Table struct {
	// Of each slot the high half is a hash, the low half a number and 1; 0 is free.
	slots []uint64
	used  int
	// Skip is how many low bits of the hashes are the same for all names of the
	// table.
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
	// Fresh memory that is read before it is written costs two page faults.
	clear(t.slots)
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

// start is the first slot for a hash.
func (t *Table) start(hash uint32) int { return int(hash>>t.Skip) & (len(t.slots) - 1) }

// Find returns the number under a hash for which same holds, or None, and the
// slot where it belongs.
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

// Likely returns the number in the first slot for a hash, if it is there under
// that hash, or None: what Find will most likely look at first.
func (t *Table) Likely(hash uint32) uint32 {
	if len(t.slots) > 0 {
		if v := t.slots[t.start(hash)]; v != 0 && uint32(v>>32) == hash {
			return uint32(v) - 1
		}
	}
	return None
}

// Put takes a number into the slot that Find returned for its hash.
func (t *Table) Put(slot int, hash, number uint32) {
	t.slots[slot] = uint64(hash)<<32 | uint64(number+1)
	t.used++
	if t.used*4 > len(t.slots)*3 {
		t.Reserve(t.used)
	}
}
