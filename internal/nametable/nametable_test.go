// SPDX-License-Identifier: Apache-2.0

package nametable

import (
	"fmt"
	"testing"
)

// TestTable checks the table against a map, with many hash collisions.
func TestTable(t *testing.T) {
	for _, mask := range []uint32{^uint32(0), 0xff, 0} {
		for _, skip := range []int{0, 3} {
			table, names, want := Table{Skip: skip}, []string(nil), map[string]uint32{}
			for i := range 3000 {
				name := fmt.Sprintf("name%d", i*i%1500)
				hash := Hash(name) & mask
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

// TestReserve checks that a table does not grow within the reserved size, and
// that Likely only returns numbers with the right hash.
func TestReserve(t *testing.T) {
	const n = 5000
	var table Table
	table.Reserve(n)
	slots := len(table.slots)
	hashes := make([]uint32, n)
	for i := range hashes {
		hashes[i] = Hash(fmt.Sprint(i))
		_, slot := table.Find(hashes[i], func(k uint32) bool { return int(k) == i })
		table.Put(slot, hashes[i], uint32(i))
	}
	if len(table.slots) != slots {
		t.Errorf("%d slots became %d", slots, len(table.slots))
	}
	likely := 0
	for i, hash := range hashes {
		switch k := table.Likely(hash); {
		case k == None:
		case hashes[k] != hash:
			t.Fatalf("%d is likely %d, which has another hash", i, k)
		case int(k) == i:
			likely++
		}
	}
	if likely < n/2 {
		t.Errorf("%d of %d are in their first slot", likely, n)
	}
	if (&Table{}).Likely(7) != None {
		t.Error("found a number in an empty table")
	}
}
