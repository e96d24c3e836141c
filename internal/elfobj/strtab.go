// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/nametable"
)

// stringTable builds the section name table, in which each name is once.
type stringTable struct {
	bytes []byte
	table nametable.Table // of offsets
}

// add returns the offset of a name, which it adds if it is new. Names are in the
// order of their first addition, so that equal inputs give equal tables.
func (t *stringTable) add(prefix, s string) uint32 {
	if len(t.bytes) == 0 {
		t.bytes = append(t.bytes, 0)
	}
	if prefix == "" && s == "" {
		return 0
	}
	start := len(t.bytes)
	t.bytes = append(append(append(t.bytes, prefix...), s...), 0)
	name := t.bytes[start : len(t.bytes)-1]
	hash := nametable.HashBytes(name)
	off, slot := t.table.Find(hash, func(off uint32) bool {
		end := int(off) + len(name)
		return end < start && t.bytes[end] == 0 && string(t.bytes[off:end]) == string(name)
	})
	if off == nametable.None {
		t.table.Put(slot, hash, uint32(start))
		return uint32(start)
	}
	t.bytes = t.bytes[:start]
	return off
}

// maxNameRatio is the maximum total length of names relative to the size of the
// file. Names may share bytes, as one may be the tail of another. But if all names
// were tails of one long string, they would need memory quadratic in the size of
// the file.
const maxNameRatio = 64

// tooManyNames adds a name to the total and reports whether it is too large.
func (r *reader) tooManyNames(name string) bool {
	r.nameBytes += len(name)
	return r.nameBytes > maxNameRatio*len(r.data)
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
