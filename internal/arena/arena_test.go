// SPDX-License-Identifier: Apache-2.0

package arena

import (
	"runtime"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// Slices of many sizes are zero and do not overlap, even after an append.
func TestTake(t *testing.T) {
	for _, mapped := range []bool{false, true} {
		a := Arena[uint64]{Mapped: mapped}
		for round := range 2 {
			var taken [][]uint64
			for i := range 400 {
				n := i * i % 977
				if i%100 == 99 {
					n = lastBlock / 8 // a separate block
				}
				s := a.Take(n)
				for k := range s {
					if s[k] != 0 {
						t.Fatalf("mapped %v, round %d: slice %d is not zero", mapped, round, i)
					}
					s[k] = uint64(i)
				}
				_ = append(s, ^uint64(0))
				taken = append(taken, s)
			}
			for i, s := range taken {
				for _, v := range s {
					if v != uint64(i) {
						t.Fatalf("mapped %v, round %d: slice %d holds %d", mapped, round, i, v)
					}
				}
			}
			a.Release()
		}
	}
}

// Released memory of a mapped arena is unmapped.
func TestRelease(t *testing.T) {
	a := Arena[[3]uint64]{Mapped: true}
	small, large := a.Take(1), a.Take(lastBlock)
	small[0][0], large[0][0] = 1, 1
	a.Release()
	for _, s := range [][][3]uint64{small, large} {
		if parallel.Fault(func() { s[0][0]++ }) == nil {
			t.Error("released memory can be written to")
		}
	}
	if s := a.Take(100); s[99][2] != 0 {
		t.Error("not zero after Release")
	}
	a.Release()
}

// Strings in an arena do not depend on the bytes that they were made from, and
// survive garbage collection.
func TestString(t *testing.T) {
	var a Arena[byte]
	m := Arena[byte]{Mapped: true}
	defer m.Release()
	var got []string
	for i := range 3000 {
		text := []byte(strings.Repeat(string(rune('a'+i%26)), i%300))
		got = append(got, String(&a, text), String(&m, text))
		clear(text)
	}
	runtime.GC()
	for i := range 3000 {
		want := strings.Repeat(string(rune('a'+i%26)), i%300)
		if got[2*i] != want || got[2*i+1] != want {
			t.Fatalf("string %d is %q and %q, want %q", i, got[2*i], got[2*i+1], want)
		}
	}
}
