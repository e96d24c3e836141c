package elfobj

import (
	"syscall"
	"unsafe"
)

// slab hands out slices of elements that are allocated many at a time: millions
// of small allocations would cost more than what is done with them.
type slab[T any] struct {
	free []T
	all  [][]T // large allocations
	size int   // elements of the last allocation
}

// Sizes of a slab's allocations, in bytes. They grow, so that a few small objects
// do not take the room of many.
const (
	firstSlab = 4 << 10
	lastSlab  = 2 << 20
)

// take returns n zero elements. An append to them does not run into others.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		bytes := int(unsafe.Sizeof(*new(T)))
		if n*bytes >= lastSlab/4 {
			return s.allocate(n)
		}
		s.size = max(min(max(2*s.size, firstSlab/bytes), lastSlab/bytes), n)
		s.free = s.allocate(s.size)
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	return taken
}

func (s *slab[T]) allocate(n int) []T {
	a := make([]T, n)
	if n*int(unsafe.Sizeof(a[0])) >= lastSlab/4 {
		s.all = append(s.all, a)
	}
	return a
}

// text returns bytes as a string, as a conversion does, in memory of a slab.
func (p *Parser) text(b []byte) string {
	t := p.strings.take(len(b))
	copy(t, b)
	return unsafe.String(unsafe.SliceData(t), len(t)) // nobody writes to t any more
}

// forget gives the memory of all elements back to the system. The garbage
// collector, which could do that in general, is off in hyplink. Whoever still looks
// at an element sees a zero one.
func (s *slab[T]) forget() {
	for _, a := range s.all {
		b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(a))), len(a)*int(unsafe.Sizeof(a[0])))
		page := uintptr(syscall.Getpagesize())
		skip := -uintptr(unsafe.Pointer(unsafe.SliceData(b))) % page
		if whole := (uintptr(len(b)) - min(skip, uintptr(len(b)))) / page * page; whole > 0 {
			_ = syscall.Madvise(b[skip:skip+whole], syscall.MADV_DONTNEED)
		}
	}
	s.all, s.free = nil, nil
}
