package elfobj

// slab hands out slices of elements that are allocated many at a time: millions
// of small allocations would cost more than what is done with them.
type slab[T any] struct {
	free []T
	size int // elements of the last allocation
}

// Sizes of a slab's allocations, in elements. They grow, so that a few small
// objects do not take the room of many.
const (
	firstSlab = 64
	lastSlab  = 1 << 14
)

// take returns n zero elements. An append to them does not run into others.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		if n >= lastSlab/4 {
			return make([]T, n)
		}
		s.size = min(max(2*s.size, firstSlab, n), lastSlab)
		s.free = make([]T, s.size)
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	return taken
}
