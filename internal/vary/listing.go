// SPDX-License-Identifier: Apache-2.0

package vary

import "encoding/binary"

// maxListing is the largest result of getdents64 whose entries are reversed, in bytes.
// C libraries ask for 32 KiB.
const maxListing = 16 << 20

// Offsets in an entry of a directory: struct linux_dirent64, and struct linux_dirent
// on machines of 64 bits (getdents(2)).
const (
	entryPosition = 8  // 8 bytes: the position after the entry, for lseek
	entryLength   = 16 // 2 bytes
	entryHeader   = 19
)

// reverseEntries reverses the entries of a listing and reports whether it is one. The
// positions stay in order: a reader that goes on after the last one misses nothing,
// and gets nothing twice.
func reverseEntries(data []byte) bool {
	var entries [][]byte
	var positions []uint64
	for rest := data; len(rest) > 0; {
		if len(rest) < entryHeader {
			return false
		}
		n := int(binary.NativeEndian.Uint16(rest[entryLength:]))
		if n < entryHeader || n > len(rest) {
			return false
		}
		entries = append(entries, append([]byte(nil), rest[:n]...))
		positions = append(positions, binary.NativeEndian.Uint64(rest[entryPosition:]))
		rest = rest[n:]
	}
	for i := range entries {
		e := entries[len(entries)-1-i]
		binary.NativeEndian.PutUint64(e[entryPosition:], positions[i])
		data = data[copy(data, e):]
	}
	return true
}
