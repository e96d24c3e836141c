// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"sort"

	"github.com/rules-hyp/rules_hyp/internal/nametable"
)

// symbolNames is the layout of the string table of the symbols. The table itself
// is never in memory: it is written from the symbols' names.
type symbolNames struct {
	at    []uint32 // offset of each symbol's name, by number in the file
	first []uint32 // the symbols whose names are in the table, in the order of the table
	size  uint64   // in bytes
}

// add appends a symbol's name.
func (n *symbolNames) add(number int, name string) {
	n.at[number] = uint32(n.size)
	n.first = append(n.first, uint32(number))
	n.size += uint64(len(name)) + 1
}

// nameSymbols lays out the names. Local symbols share equal names, such as $x,
// of which there are thousands. The names of global symbols are unique.
func (im *image) nameSymbols() {
	n := &im.names
	n.at, n.first, n.size = make([]uint32, im.nsyms), make([]uint32, 0, im.nsyms), 1
	var table nametable.Table
	for i := 1; i < im.nlocal; i++ {
		name := im.symbol(i).Name
		if name == "" {
			continue
		}
		hash := nametable.Hash(name)
		same, slot := table.Find(hash, func(n uint32) bool { return im.symbol(int(n)).Name == name })
		if same != nametable.None {
			n.at[i] = n.at[same]
			continue
		}
		n.add(i, name)
		table.Put(slot, hash, uint32(i))
	}
	for i := im.nlocal; i < im.nsyms; i++ {
		if name := im.symbol(i).Name; name != "" {
			n.add(i, name)
		}
	}
}

// renderStrings writes the string table from offset `from` into b, which is zero.
func (im *image) renderStrings(b []byte, from uint64) {
	n := &im.names
	// The last name that starts at or before from may extend into b.
	k := max(sort.Search(len(n.first), func(k int) bool { return uint64(n.at[n.first[k]]) > from })-1, 0)
	for ; k < len(n.first); k++ {
		at, name := uint64(n.at[n.first[k]]), im.symbol(int(n.first[k])).Name
		if at >= from+uint64(len(b)) {
			return
		}
		if at >= from {
			copy(b[at-from:], name)
		} else if from-at < uint64(len(name)) {
			copy(b, name[from-at:])
		}
	}
}
