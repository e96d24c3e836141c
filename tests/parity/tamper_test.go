// SPDX-License-Identifier: Apache-2.0

package parity_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"slices"
	"testing"
)

// tampered is an object with one change.
type tampered struct {
	what string
	data []byte
}

// tamperedObjects returns variants of a little-endian ELF64 object, with a change in
// a byte of contents or in a field of a relocation or a symbol.
func tamperedObjects(t *testing.T, object []byte) []tampered {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(object))
	if err != nil {
		t.Fatal(err)
	}
	var out []tampered
	change := func(what string, at uint64, edit func(b []byte)) {
		data := bytes.Clone(object)
		edit(data[at:])
		out = append(out, tampered{what, data})
	}
	find := func(is func(s *elf.Section) bool) *elf.Section {
		i := slices.IndexFunc(f.Sections, is)
		if i < 0 {
			t.Fatal("the object has no section to change")
		}
		return f.Sections[i]
	}
	text := find(func(s *elf.Section) bool {
		return s.Type == elf.SHT_PROGBITS && s.Flags&elf.SHF_EXECINSTR != 0 && s.Size > 0
	})
	change("last byte of "+text.Name, text.Offset+text.Size-1, func(b []byte) { b[0] ^= 1 })

	rela := find(func(s *elf.Section) bool { return s.Type == elf.SHT_RELA && s.Size > 0 })
	change("offset of a relocation in "+rela.Name, rela.Offset, func(b []byte) { b[0] ^= 4 })
	change("type of a relocation in "+rela.Name, rela.Offset+8, func(b []byte) { b[0] ^= 1 })
	change("symbol of a relocation in "+rela.Name, rela.Offset+12, func(b []byte) {
		binary.LittleEndian.PutUint32(b, binary.LittleEndian.Uint32(b)-1)
	})
	change("addend of a relocation in "+rela.Name, rela.Offset+16, func(b []byte) { b[0] ^= 8 })

	symtab := find(func(s *elf.Section) bool { return s.Type == elf.SHT_SYMTAB })
	last := symtab.Offset + symtab.Size - elf.Sym64Size
	change("binding of the last symbol", last+4, func(b []byte) { b[0] ^= 0x30 })
	change("type of the last symbol", last+4, func(b []byte) { b[0] ^= 3 })
	change("visibility of the last symbol", last+5, func(b []byte) { b[0] ^= 2 })
	change("section of the last symbol", last+6, func(b []byte) { b[0] ^= 1 })
	change("value of the last symbol", last+8, func(b []byte) { b[0] ^= 4 })
	change("size of the last symbol", last+16, func(b []byte) { b[0] ^= 4 })

	strtab := f.Sections[symtab.Link]
	change("first letter of a symbol's name", strtab.Offset+1, func(b []byte) { b[0] ^= 1 })
	return out
}
