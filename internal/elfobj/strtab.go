package elfobj

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/nametable"
)

// stringTable builds the table of the sections' names, in which each stands once.
type stringTable struct {
	bytes []byte
	table nametable.Table // of offsets
}

// add returns the offset of s, adding it when it is new. Offsets follow the
// order of first additions, so equal inputs give equal tables.
func (t *stringTable) add(s string) uint32 {
	if len(t.bytes) == 0 {
		t.bytes = append(t.bytes, 0)
	}
	if s == "" {
		return 0
	}
	hash := nametable.Hash(s)
	off, slot := t.table.Find(hash, func(off uint32) bool {
		end := int(off) + len(s)
		return end < len(t.bytes) && t.bytes[end] == 0 && string(t.bytes[off:end]) == s
	})
	if off == nametable.None {
		off = uint32(len(t.bytes))
		t.table.Put(slot, hash, off)
		t.bytes = append(append(t.bytes, s...), 0)
	}
	return off
}

// maxNames is how many bytes of names a file may have for each of its own. Names
// may share bytes: a symbol's is often the end of another's. But those that are
// all ends of one long string would take memory by the square of the file's size.
const maxNames = 64

// overnamed counts bytes of names and reports whether there are too many.
func (r *reader) overnamed(name string) bool {
	r.named += len(name)
	return r.named > maxNames*len(r.data)
}

// cstring returns the string at an offset of a string table.
func cstring(table string, off uint32) (string, bool) {
	if uint64(off) >= uint64(len(table)) {
		return "", off == 0
	}
	n := strings.IndexByte(table[off:], 0)
	if n < 0 {
		return "", false
	}
	return table[off : int(off)+n], true
}
