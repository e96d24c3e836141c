// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"cmp"
	"math"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// windowSizes says how a file is divided into windows, which are rendered and
// written one at a time. All sizes are in bytes.
type windowSizes struct {
	// window is the size of a window in a large file. Larger windows need fewer
	// system calls, smaller ones fit into the cache.
	window uint64
	// tiny is the minimum window size, for small files.
	tiny uint64
	// reach limits the range of inputs that a window is rendered from, and so how
	// much of them is in memory at a time. But if each input contributes only a
	// few bytes to a section, a window has at least small bytes.
	reach, small uint64
	// If each of very many inputs contributes a little to a section, so that a
	// window would need a range of more than scatter bytes of inputs (C++ templates
	// for example), the section is written in windows of large bytes, each of which
	// reads all inputs once.
	scatter, large uint64
	// A window of at least direct bytes that are part of one input section is written
	// from there, without a copy.
	direct uint64
	// A file of at least concurrent bytes is rendered and written by several workers.
	concurrent uint64
}

// windows is how files are divided. Tests set it, to have many windows in a small
// file.
var windows = windowSizes{
	window: 1 << 20, tiny: 32 << 10, reach: 32 << 20, small: 1 << 17, scatter: 256 << 20, large: 16 << 20, direct: 64 << 10,
	concurrent: 2 * parallel.BytesPerWorker,
}

// window returns the window size for the file, which grows with the file's size.
func (im *image) window() uint64 {
	w := windows.tiny
	for w < windows.window && w*64 <= im.size {
		w *= 2
	}
	return w
}

// task is a window of the file.
type task struct {
	off, size    uint64
	first, last  int    // extents
	begin, until uint64 // start in the first and end in the last extent
	input        uint64 // offset of the first input that it needs, see Chunk.input
	scattered    bool   // it needs very many inputs
}

// input returns the offset of the chunk's file in the concatenation of all
// inputs. Contents made by the linker come last.
func (c *Chunk) input() uint64 {
	if o := c.Section.Object; o != nil && len(o.Mapped) > 0 {
		return o.Mapped[0].Base
	}
	return math.MaxUint64
}

// startsAfter reports whether the chunk's input starts at or after an offset.
func (c *Chunk) startsAfter(limit uint64) bool {
	in := c.input()
	return in != math.MaxUint64 && in >= limit
}

// tasks divides the extents into windows and sorts these by the inputs that they
// need, so that inputs are read once in order, not once per output section.
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
			limit = windows.large
		}
		for from := uint64(0); from < e.size; {
			// Padding may extend beyond the window.
			if t.size > 0 && ((e.off+from)/limit != t.off/limit || t.scattered != scattered) {
				flush()
			}
			if t.size == 0 {
				t = task{off: e.off + from, first: i, begin: from, scattered: scattered}
			}
			space := limit - (e.off+from)%limit
			n := min(e.size-from, space)
			if scattered {
				unit := e.kind.unit()
				n = min(e.size-from, (space+unit-1)/unit*unit)
			} else {
				n = e.withinReach(from, n)
			}
			from += n
			t.last, t.until, t.size = i, from, e.off+from-t.off
			if from < e.size || t.off%limit+t.size >= limit {
				flush()
			}
		}
	}
	flush()
	slices.SortStableFunc(ts, func(a, b task) int { return cmp.Compare(a.input, b.input) })
	return ts
}

// batches divides tasks into those that are rendered together: scattered ones of
// up to windows.large bytes, which go through all inputs once. Others are alone.
func batches(tasks []task) (bs [][]task) {
	for from := 0; from < len(tasks); {
		to, size := from+1, tasks[from].size
		for to < len(tasks) && tasks[from].scattered && tasks[to].scattered && size+tasks[to].size <= windows.large {
			size += tasks[to].size
			to++
		}
		bs = append(bs, tasks[from:to])
		from = to
	}
	return bs
}

// scattered reports whether an extent needs a little of very many inputs.
func (e *extent) scattered() bool {
	if e.section == nil || len(e.section.Chunks) == 0 {
		return false
	}
	chunks := e.section.Chunks[e.chunk:]
	if e.kind == relocs {
		chunks = chunks[:e.chunks]
	}
	first, last := chunks[0].input(), chunks[len(chunks)-1].input()
	return first != math.MaxUint64 && last != math.MaxUint64 && last > first &&
		last-first > max(windows.reach, windows.scatter/windows.window*e.size)
}

// withinReach returns how many of n bytes of an extent to render in one window,
// if they come from inputs that are far apart.
func (e *extent) withinReach(from, n uint64) uint64 {
	if e.kind != contents || len(e.section.Chunks) == 0 || n <= windows.small {
		return n
	}
	chunks := e.section.Chunks[e.section.chunkAt(from):e.section.chunkAt(from+n)]
	if len(chunks) < 2 {
		return n
	}
	near, _ := slices.BinarySearchFunc(chunks, chunks[0].input(), func(c Chunk, first uint64) int {
		if in := c.input(); in != math.MaxUint64 && in > first+windows.reach {
			return 1
		}
		return -1
	})
	if near == len(chunks) {
		return n
	}
	return max(chunks[near].Offset-from, windows.small)
}

// inputOf returns the offset of the first input that a task needs. Scattered
// tasks come last.
func (im *image) inputOf(t *task) uint64 {
	if t.scattered {
		return math.MaxUint64 - 1
	}
	for i := t.first; i <= t.last; i++ {
		e := &im.extents[i]
		if e.section == nil {
			continue
		}
		at := int(e.chunk)
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
