package nametable

import (
	"fmt"
	"hash/maphash"
	"testing"
)

// TestTable holds the table against a map, with hashes that are often the same.
func TestTable(t *testing.T) {
	seed := maphash.MakeSeed()
	for _, mask := range []uint32{^uint32(0), 0xff, 0} {
		for _, skip := range []int{0, 3} {
			table, names, want := Table{Skip: skip}, []string(nil), map[string]uint32{}
			for i := range 3000 {
				name := fmt.Sprintf("name%d", i*i%1500)
				hash := Hash(seed, name) & mask
				n, slot := table.Find(hash, func(n uint32) bool { return names[n] == name })
				known, ok := want[name]
				if ok != (n != None) || ok && n != known {
					t.Fatalf("mask %#x, skip %d: %s is %d, want %d (%v)", mask, skip, name, n, known, ok)
				}
				if !ok {
					want[name] = uint32(len(names))
					table.Put(slot, hash, uint32(len(names)))
					names = append(names, name)
				}
			}
			if len(names) < 100 || len(names) != len(want) {
				t.Errorf("%d names, want %d", len(names), len(want))
			}
		}
	}
}
