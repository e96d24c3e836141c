// SPDX-License-Identifier: Apache-2.0

package link

import (
	"encoding/binary"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// tombstone is the value that debug information has instead of the address of
// something that is not in the output, for readers to skip. In .debug_ranges and
// .debug_loc of DWARF 2 to 4 it is 1: a pair of zeros ends the list that it is in
// (DWARF 4, 2.6.2 and 2.17.3), and so hides what comes after it. In .debug_names
// of DWARF 5 it is all ones, since 0 is the unit at the start of .debug_info.
// Elsewhere it is 0, where no code is in a final link. GNU ld and lld write the
// same.
func tombstone(section string) uint64 {
	switch section {
	case ".debug_ranges", ".debug_loc":
		return 1
	case ".debug_names":
		return ^uint64(0)
	}
	return 0
}

// writeTombstones writes the tombstone of a section into the fields of the
// relocations that are about to be dropped. It returns the section's data, or a changed copy.
func writeTombstones(isec *inputSection, dropped []elfobj.Reloc, big bool) []byte {
	value := tombstone(isec.sec.Name)
	data, copied := isec.sec.Data, false
	for _, rel := range dropped {
		field := isec.in.obj.Machine.RelocField(rel.Type)
		if field != 4 && field != 8 || rel.Offset > uint64(len(data)) || field > uint64(len(data))-rel.Offset {
			continue // not an address, or beyond the data, which the writer refuses
		}
		if !copied {
			data, copied = append([]byte(nil), data...), true
		}
		at := data[rel.Offset:]
		switch {
		case field == 4 && big:
			binary.BigEndian.PutUint32(at, uint32(value))
		case field == 4:
			binary.LittleEndian.PutUint32(at, uint32(value))
		case big:
			binary.BigEndian.PutUint64(at, value)
		default:
			binary.LittleEndian.PutUint64(at, value)
		}
	}
	return data
}
