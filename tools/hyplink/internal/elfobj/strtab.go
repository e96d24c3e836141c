package elfobj

import (
	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/nametable"
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
