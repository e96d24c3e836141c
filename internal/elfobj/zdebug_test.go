// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"testing"
)

// TestZdebug reads and writes relocations beyond the bytes of a section compressed
// as zlib-gnu, which count uncompressed bytes and were refused, also where the section
// is renamed in between. Other sections have no such exception.
func TestZdebug(t *testing.T) {
	const header = "ZLIB\x00\x00\x00\x00\x00\x00\x00\x40"
	for _, tt := range []struct {
		name, data string
		flags      elf.SectionFlag
		rename     string
		ok         bool
	}{
		{".zdebug_info", header + "stream", 0, "", true},
		{".zdebug_info", header + "stream", 0, ".other", true},
		{".zdebug_info", "ZLIC" + header[4:] + "stream", 0, "", false},
		{".zdebug_info", "ZLIB", 0, "", false},
		{".zdebug_info", header + "stream", elf.SHF_ALLOC, "", false},
		{".debug_info", header + "stream", 0, "", false},
	} {
		o := &Object{Name: "a.o", Machine: aarch64}
		s := &Section{Name: tt.name, Type: elf.SHT_PROGBITS, Flags: tt.flags, Size: uint64(len(tt.data)), Data: []byte(tt.data), Addralign: 1}
		symbol := o.AddSymbol(Symbol{Info: SymInfo(elf.STB_LOCAL, elf.STT_SECTION), Section: o.AddSection(s)})
		s.Relocs = EncodeRelocs([]Reloc{{Offset: 0x38, Type: 257, Symbol: symbol}}, false)
		if tt.rename != "" {
			b, err := o.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if o, err = Parse("a.o", b); err != nil {
				t.Fatal(err)
			}
			o.Sections[1].Name = tt.rename
		}
		if _, err := o.Bytes(); (err == nil) != tt.ok {
			t.Errorf("%s %q, renamed %q: got error %v", tt.name, tt.data, tt.rename, err)
		}
	}
}
