// SPDX-License-Identifier: Apache-2.0

package symbolize

import (
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// lineSequence is a sequence of a line table (DWARF 4, 6.2.5): one row, and its end.
func lineSequence(address uint64, line, size byte) []byte {
	b := []byte{0, 9, 2}
	b = binary.LittleEndian.AppendUint64(b, address)
	return append(b, 3, (line-1)&0x7f, 1, 2, size, 0, 1, 1)
}

// unitWithLines is a compilation unit with these sequences.
func unitWithLines(t *testing.T, start, size uint64, sequences ...[]byte) *dwarf.Data {
	t.Helper()
	header := []byte{1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 'a', '.', 'c', 0, 0, 0, 0, 0}
	lines := append(binary.LittleEndian.AppendUint32([]byte{4, 0}, uint32(len(header))), header...)
	for _, s := range sequences {
		lines = append(lines, s...)
	}
	lines = append(binary.LittleEndian.AppendUint32(nil, uint32(len(lines))), lines...)
	abbrev := []byte{1, 0x11, 0, 0x10, 0x17, 0x11, 0x01, 0x12, 0x07, 0, 0, 0} // stmt_list, low_pc, high_pc
	unit := []byte{4, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0, 0}
	unit = binary.LittleEndian.AppendUint64(unit, start)
	unit = binary.LittleEndian.AppendUint64(unit, size)
	info := append(binary.LittleEndian.AppendUint32(nil, uint32(len(unit))), unit...)
	d, err := dwarf.New(abbrev, nil, nil, info, lines, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Sequences of a unit are in the order of its sections, and not of addresses, where a
// script places functions of several sections. Line 0 is none.
func TestLines(t *testing.T) {
	k := kernel(t, symbol{"f", elf.STT_FUNC, textStart, 0x40}, symbol{"g", elf.STT_FUNC, textStart + 0x40, 0x40}, symbol{"h", elf.STT_FUNC, textStart + 0x80, 0x40})
	k.dwarf = unitWithLines(t, textStart, 0xc0, lineSequence(textStart+0x80, 7, 0x20), lineSequence(textStart, 3, 0x40), lineSequence(textStart+0x40, 0, 0x40))
	for address, want := range map[uint64]string{
		textStart + 0x4: "f+0x4 (a.c:3)", textStart + 0x44: "g+0x4", textStart + 0x84: "h+0x4 (a.c:7)", textStart + 0xa4: "h+0x24",
	} {
		if p, ok := k.Find(address); !ok || p.String() != want {
			t.Errorf("%#x is in %s, want %s", address, p, want)
		}
	}
}
