// SPDX-License-Identifier: Apache-2.0

// Package arena allocates many small slices from large blocks.
package arena

import (
	"syscall"
	"unsafe"
)

// Arena allocates slices. The zero value uses the heap. It is not safe for
// concurrent use.
type Arena[T any] struct {
	// Mapped makes the arena use mmap instead of the heap, so that
	// [Arena.Release] frees the memory at once. The garbage collector does not
	// scan it: whatever elements point to must be reachable otherwise, or be
	// mapped as well. Mapped must be set before the first Take.
	Mapped bool

	free   []T
	mapped [][]byte
	size   int // elements of the last block
}

// Block sizes in bytes. Blocks grow, so that an arena with few elements is
// small.
const (
	firstBlock  = 4 << 10
	firstMapped = 64 << 10
	lastBlock   = 2 << 20
)

// Take returns a slice of n zero elements. Its capacity is n, so that append does
// not overwrite other slices.
func (a *Arena[T]) Take(n int) []T {
	if n > len(a.free) {
		bytes := max(int(unsafe.Sizeof(*new(T))), 1)
		if n*bytes >= lastBlock/4 {
			return a.allocate(n)
		}
		first := firstBlock
		if a.Mapped {
			first = firstMapped
		}
		a.size = max(min(max(2*a.size, first/bytes), lastBlock/bytes), n)
		a.free = a.allocate(a.size)
	}
	taken := a.free[:n:n]
	a.free = a.free[n:]
	return taken
}

func (a *Arena[T]) allocate(n int) []T {
	size := n * int(unsafe.Sizeof(*new(T)))
	if !a.Mapped || size == 0 {
		return make([]T, n)
	}
	b, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic("arena: out of memory: " + err.Error()) // as make would
	}
	a.mapped = append(a.mapped, b)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// Release unmaps the memory of a mapped arena. Access to its elements is a fault
// from then on. Elements on the heap live as long as they are referenced.
func (a *Arena[T]) Release() {
	for _, b := range a.mapped {
		_ = syscall.Munmap(b)
	}
	a.mapped, a.free, a.size = nil, nil, 0
}

// String converts bytes to a string in an arena.
func String(a *Arena[byte], b []byte) string {
	t := a.Take(len(b))
	copy(t, b)
	return unsafe.String(unsafe.SliceData(t), len(t)) // t does not change any more
}
