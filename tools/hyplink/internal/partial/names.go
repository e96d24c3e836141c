package partial

import "hash/maphash"

// globalList holds globals in pages, so that adding one never moves those that
// are there: with millions of them, a slice that grows would copy and leave
// behind more than it holds.
type globalList struct {
	pages []*[globalPage]global
	n     int
}

const globalPage = 512

func (g *globalList) len() int            { return g.n }
func (g *globalList) at(n uint32) *global { return &g.pages[n/globalPage][n%globalPage] }

// add appends a global and returns its index.
func (g *globalList) add(name string) uint32 {
	if g.n%globalPage == 0 {
		g.pages = append(g.pages, new([globalPage]global))
	}
	n := uint32(g.n)
	g.n++
	g.at(n).name = name
	return n
}

// nameIndex finds a global symbol by its name. It is a hash table of indices
// into the linker's globals, which hold the names: smaller and, for the millions
// of symbols that a large link has, faster than a map with the names as keys.
type nameIndex struct {
	slots  []uint32 // index in globals and 1; 0 is free
	hashes []uint32 // by index in globals
	seed   maphash.Seed
}

// reset empties the index and makes room for n names.
func (x *nameIndex) reset(n int) {
	size := 16
	for size < n+n/2 {
		size *= 2
	}
	*x = nameIndex{slots: make([]uint32, size), hashes: make([]uint32, 0, n), seed: maphash.MakeSeed()}
}

// lookup returns the index of the global of that name.
func (l *linker) lookup(name string) (uint32, bool) {
	n, _ := l.find(name)
	return n, n != noGlobal
}

// noGlobal is no index of a global.
const noGlobal = ^uint32(0)

// find returns the index of the global of that name, or noGlobal, and the slot
// where it belongs.
func (l *linker) find(name string) (n uint32, slot int) {
	x := &l.names
	hash := uint32(maphash.String(x.seed, name))
	mask := len(x.slots) - 1
	for i := int(hash) & mask; ; i = (i + 1) & mask {
		n := x.slots[i] - 1
		if n == noGlobal || x.hashes[n] == hash && l.globals.at(n).name == name {
			return n, i
		}
	}
}

// intern returns the index of the global of that name, and adds it when there
// is none yet.
func (l *linker) intern(name string) uint32 {
	n, slot := l.find(name)
	if n != noGlobal {
		return n
	}
	x := &l.names
	n = l.globals.add(name)
	x.hashes = append(x.hashes, uint32(maphash.String(x.seed, name)))
	x.slots[slot] = n + 1
	if l.globals.len()*4 > len(x.slots)*3 {
		x.grow()
	}
	return n
}

// grow doubles the number of slots.
func (x *nameIndex) grow() {
	x.slots = make([]uint32, 2*len(x.slots))
	mask := len(x.slots) - 1
	for n, hash := range x.hashes {
		i := int(hash) & mask
		for x.slots[i] != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = uint32(n) + 1
	}
}
