// SPDX-License-Identifier: Apache-2.0

package corpora_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

const frameSection = ".eh_frame"

// frameBytes returns the unwind information of an object.
func frameBytes(t *testing.T, o *elfdump.Object) []byte {
	t.Helper()
	i := slices.IndexFunc(o.Sections, func(s elfdump.Section) bool { return s.Name == frameSection })
	if i < 0 {
		t.Fatalf("no section %s", frameSection)
	}
	return o.Sections[i].Bytes
}

// frames describes the unwind information of an object: a line for each function, with its CIE, its own bytes and its relocations. Offsets of records,
// padding (DW_CFA_nop is zero) and records of discarded functions are left out. The format is that of the LSB, "Exception Frames".
func frames(t *testing.T, o *elfdump.Object) []string {
	t.Helper()
	data := frameBytes(t, o)
	relocs := map[uint64]elfdump.Reloc{}
	for _, r := range o.Relocs {
		if r.Section == frameSection && r.Type != "R_AARCH64_NONE" {
			relocs[r.Offset] = r
		}
	}
	// describe formats a record's bytes after the length and the CIE pointer.
	describe := func(start, end int) string {
		var s strings.Builder
		s.WriteString(strings.TrimRight(hex.EncodeToString(data[start+8:end]), "0"))
		for at := start + 8; at < end; at++ {
			if r, ok := relocs[uint64(at)]; ok {
				fmt.Fprintf(&s, " %d:%s %s %+d", at-start, r.Type, r.Target, r.Addend)
			}
		}
		return s.String()
	}
	cies := map[int]string{}
	var lines []string
	for at := 0; at < len(data); {
		length := int(binary.LittleEndian.Uint32(data[at:]))
		end := at + 4 + length
		if length == 0 {
			if end != len(data) {
				t.Fatalf("%s+%#x: a terminator in the middle", frameSection, at)
			}
			break
		}
		if length < 8 || end > len(data) {
			t.Fatalf("%s+%#x: a record of %d bytes", frameSection, at, length)
		}
		pointer := int(binary.LittleEndian.Uint32(data[at+4:]))
		if pointer == 0 {
			cies[at] = describe(at, end)
		} else if cie, ok := cies[at+4-pointer]; !ok {
			t.Fatalf("%s+%#x: no such CIE", frameSection, at)
		} else if _, live := relocs[uint64(at+8)]; live {
			lines = append(lines, "cie "+cie+" fde "+describe(at, end))
		}
		at = end
	}
	slices.Sort(lines)
	return lines
}

// withoutFrames removes what frames describes: bytes, relocations, and the offsets of mapping symbols in the section.
func withoutFrames(o *elfdump.Object) {
	for i := range o.Sections {
		if s := &o.Sections[i]; s.Name == frameSection {
			s.Size, s.Bytes = 0, nil
		}
	}
	for i := range o.Symbols {
		if s := &o.Symbols[i]; s.Section == frameSection && s.Name == "$d" {
			s.Value = 0
		}
	}
	o.Relocs = slices.DeleteFunc(o.Relocs, func(r elfdump.Reloc) bool { return r.Section == frameSection })
}
