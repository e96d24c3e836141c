// Package arena allocates slices many at a time, where millions of small
// allocations would cost more than what is done with the elements.
package arena

import (
	"syscall"
	"unsafe"
)

// Arena hands out slices of elements. The zero value allocates on the heap. It
// is for one goroutine.
type Arena[T any] struct {
	// Mapped has the arena map memory of its own from the system instead, which
	// [Arena.Release] gives back at once. The garbage collector does not look
	// into it: whatever elements point to must be kept by something else, or be
	// in mapped memory as well. It must be set before the first Take.
	Mapped bool

	free   []T
	mapped [][]byte
	size   int // elements of the last block
}

// Sizes of blocks in bytes. They grow, so that a few small objects do not take
// the room of many.
const (
	firstBlock  = 4 << 10
	firstMapped = 64 << 10
	lastBlock   = 2 << 20
)

// Take returns n zero elements. An append to them does not run into others.
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

// Release gives the memory of a mapped arena back to the system. Nobody may use
// an element any more: that would be a memory fault. On the heap, elements live
// as long as something refers to them.
func (a *Arena[T]) Release() {
	for _, b := range a.mapped {
		_ = syscall.Munmap(b)
	}
	a.mapped, a.free, a.size = nil, nil, 0
}

// String returns bytes as a string, as a conversion does, in memory of an arena.
func String(a *Arena[byte], b []byte) string {
	t := a.Take(len(b))
	copy(t, b)
	return unsafe.String(unsafe.SliceData(t), len(t)) // nobody writes to t any more
}
