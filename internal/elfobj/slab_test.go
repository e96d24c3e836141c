package elfobj

import (
	"runtime/debug"
	"testing"
)

// TestSlab takes slices of many sizes: all are zero, and none shares anything
// with another, also by an append.
func TestSlab(t *testing.T) {
	var s slab[uint64]
	var taken [][]uint64
	for i := range 400 {
		n := i * i % 977
		if i%100 == 99 {
			n = lastSlab / 8 // an allocation of its own
		}
		a := s.take(n)
		for k := range a {
			if a[k] != 0 {
				t.Fatalf("slice %d is not zero", i)
			}
			a[k] = uint64(i)
		}
		_ = append(a, ^uint64(0))
		taken = append(taken, a)
	}
	for i, a := range taken {
		for _, v := range a {
			if v != uint64(i) {
				t.Fatalf("slice %d holds %d", i, v)
			}
		}
	}
}

// TestSlabForgets expects zeros where a slab was, all that it gives later to be
// usable, and what lies beside it in memory to be as it was.
func TestSlabForgets(t *testing.T) {
	// As in hyplink: the collector must not reuse what is given back.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var s slab[[3]uint64]
	var others [][]byte
	var taken [][][3]uint64
	for i := range 300 {
		others = append(others, make([]byte, 5000))
		for k := range others[i] {
			others[i][k] = byte(i) | 1
		}
		a := s.take(1 + i*7)
		for k := range a {
			a[k] = [3]uint64{1, 2, 3}
		}
		taken = append(taken, a)
	}
	if len(s.all) < 2 {
		t.Fatalf("%d large allocations", len(s.all))
	}
	s.forget()
	zeros, kept := 0, 0
	for _, a := range taken {
		for _, v := range a {
			switch v {
			case [3]uint64{}:
				zeros++
			case [3]uint64{1, 2, 3}:
				kept++
			}
		}
	}
	// Small allocations are not worth a call and stay.
	if zeros < kept {
		t.Errorf("%d elements were given back, %d not", zeros, kept)
	}
	for i, b := range others {
		for _, v := range b {
			if v != byte(i)|1 {
				t.Fatalf("memory beside the slab changed: %d", i)
			}
		}
	}
	for range 100 {
		for _, v := range s.take(10000) {
			if v != [3]uint64{} {
				t.Fatal("not zero")
			}
		}
	}
}
