package elfobj

import "hash/maphash"

// stringTable builds the table of the sections' names, in which each stands once.
// It is a hash table of offsets into the bytes themselves, so that adding a
// string that is there already costs no memory.
type stringTable struct {
	bytes []byte
	slots []uint32 // offsets; 0 is free
	used  int
	seed  maphash.Seed
}

// reset empties the table and makes room for about n strings.
func (t *stringTable) reset(n int) {
	size := 16
	for size < n+n/2 {
		size *= 2
	}
	*t = stringTable{bytes: make([]byte, 1, 1+24*n), slots: make([]uint32, size), seed: maphash.MakeSeed()}
}

// add returns the offset of s, adding it when it is new. Offsets follow the
// order of first additions, so equal inputs give equal tables.
func (t *stringTable) add(s string) uint32 {
	if s == "" {
		return 0
	}
	if t.used*4 >= len(t.slots)*3 {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	for i := maphash.String(t.seed, s) & mask; ; i = (i + 1) & mask {
		off := t.slots[i]
		if off == 0 {
			off = uint32(len(t.bytes))
			t.slots[i] = off
			t.used++
			t.bytes = append(append(t.bytes, s...), 0)
			return off
		}
		end := int(off) + len(s)
		if end < len(t.bytes) && t.bytes[end] == 0 && string(t.bytes[off:end]) == s {
			return off
		}
	}
}

// grow doubles the number of slots.
func (t *stringTable) grow() {
	old := t.slots
	t.slots = make([]uint32, 2*len(old))
	mask := uint64(len(t.slots) - 1)
	for _, off := range old {
		if off == 0 {
			continue
		}
		end := off
		for t.bytes[end] != 0 {
			end++
		}
		i := maphash.Bytes(t.seed, t.bytes[off:end]) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = off
	}
}
