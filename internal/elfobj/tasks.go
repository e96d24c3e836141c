package elfobj

import (
	"cmp"
	"math"
	"slices"
)

// sizes says how files are cut into windows. All are in bytes.
type sizes struct {
	// window is how many bytes of a large file are made and written at a time.
	// Larger writes make the kernel's part cheaper, smaller ones stay in a
	// processor's cache.
	window uint64
	// tiny is the window of small files: a page of a buffer costs more when it is
	// touched first than a system call for eight of them.
	tiny uint64
	// reach is from how many bytes of inputs a window is made, more or less: so
	// much of them is in memory at a time. A section to which each input gives a
	// few bytes only is still written by small bytes.
	reach, small uint64
	// A section that is made of so little of so many inputs that a window would
	// reach across more than scatter bytes, one of C++ templates for example, is
	// written by large windows, each of which goes through the inputs once.
	scatter, large uint64
}

// cut is how files are cut. Tests set it, to have many windows in a small file.
var cut = sizes{window: 1 << 20, tiny: 32 << 10, reach: 32 << 20, small: 1 << 17, scatter: 256 << 20, large: 16 << 20}

// window is the window for the file: a small part of it, so that the buffers are.
func (im *image) window() uint64 {
	w := cut.tiny
	for w < cut.window && w*64 <= im.size {
		w *= 2
	}
	return w
}

// task is a part of the file that one write covers.
type task struct {
	off, size    uint64
	first, last  int    // extents
	begin, until uint64 // bytes of the first and the last extent
	input        uint64 // where the first of the inputs that it needs starts, see Chunk.input
	scattered    bool   // it needs something of very many inputs
}

// input is where the file that a chunk comes from starts, if all inputs stood
// one behind the other. What the linker made comes last.
func (c *Chunk) input() uint64 {
	if o := c.Section.Object; o != nil && len(o.Mapped) > 0 {
		return o.Mapped[0].Base
	}
	return math.MaxUint64
}

// behind reports whether the chunk comes from an input that starts at or behind
// a place.
func (c *Chunk) behind(limit uint64) bool {
	in := c.input()
	return in != math.MaxUint64 && in >= limit
}

// tasks cuts the extents into windows, in the order of the inputs that they
// hold: so inputs are read once from the first to the last, and not for each
// section of the output again.
func (im *image) tasks() []task {
	var ts []task
	t := task{}
	flush := func() {
		if t.size > 0 {
			t.input = im.inputOf(&t)
			ts = append(ts, t)
		}
		t = task{}
	}
	for i := range im.extents {
		e := &im.extents[i]
		scattered, limit := e.scattered(), im.window()
		if scattered {
			limit = cut.large
		}
		for from := uint64(0); from < e.size; {
			// Padding may lead out of the window, and what follows the file's
			// header may stand far behind it.
			if t.size > 0 && ((e.off+from)/limit != t.off/limit || t.scattered != scattered || im.extents[t.last].kind == fileHeader) {
				flush()
			}
			if t.size == 0 {
				t = task{off: e.off + from, first: i, begin: from, scattered: scattered}
			}
			room := limit - (e.off+from)%limit
			n := min(e.size-from, max(room/uint64(e.unit)*uint64(e.unit), uint64(e.unit)))
			if !scattered {
				n = e.withinReach(from, n)
			}
			from += n
			t.last, t.until, t.size = i, from, e.off+from-t.off
			if from < e.size || t.off%limit+t.size >= limit-relaSize*4 {
				flush()
			}
		}
	}
	flush()
	slices.SortStableFunc(ts, func(a, b task) int { return cmp.Compare(a.input, b.input) })
	return ts
}

// scattered reports whether an extent is made of little of very many inputs.
func (e *extent) scattered() bool {
	if e.section == nil || len(e.section.Chunks) == 0 {
		return false
	}
	chunks := e.section.Chunks[e.chunk:]
	if e.kind == relocs {
		chunks = chunks[:e.chunks]
	}
	first, last := chunks[0].input(), chunks[len(chunks)-1].input()
	return first != math.MaxUint64 && last != math.MaxUint64 && last > first && last-first > cut.scatter/cut.window*e.size
}

// withinReach cuts n bytes of an extent short where they come from inputs that
// are far apart.
func (e *extent) withinReach(from, n uint64) uint64 {
	if e.kind != contents || len(e.section.Chunks) == 0 || n <= cut.small {
		return n
	}
	chunks := e.section.Chunks[e.section.chunkAt(from):e.section.chunkAt(from+n)]
	if len(chunks) < 2 {
		return n
	}
	near, _ := slices.BinarySearchFunc(chunks, chunks[0].input(), func(c Chunk, first uint64) int {
		if in := c.input(); in != math.MaxUint64 && in > first+cut.reach {
			return 1
		}
		return -1
	})
	if near == len(chunks) {
		return n
	}
	return max(chunks[near].Offset-from, cut.small)
}

// inputOf is where the inputs of a task start. What needs some of all comes
// behind what needs all of some.
func (im *image) inputOf(t *task) uint64 {
	if t.scattered {
		return math.MaxUint64 - 1
	}
	for i := t.first; i <= t.last; i++ {
		e := &im.extents[i]
		if e.section == nil {
			continue
		}
		at := e.chunk
		if e.kind == contents && i == t.first {
			at = e.section.chunkAt(t.begin)
		}
		for ; at < len(e.section.Chunks); at++ {
			if in := e.section.Chunks[at].input(); in != math.MaxUint64 {
				return in
			}
		}
	}
	return math.MaxUint64
}
