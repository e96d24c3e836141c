// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"testing"
)

// TestEntrySize writes sections whose type says what their entries are: clang's
// assembler leaves their size out, GNU ld 2.40 and 2.47 and objcopy put it in.
func TestEntrySize(t *testing.T) {
	for _, tt := range []struct {
		typ       elf.SectionType
		has, want uint64
	}{
		{elf.SHT_INIT_ARRAY, 0, 8},
		{elf.SHT_FINI_ARRAY, 0, 8},
		{elf.SHT_PREINIT_ARRAY, 0, 8},
		{elf.SHT_INIT_ARRAY, 4, 8},
		{elf.SHT_PROGBITS, 0, 0},
		{elf.SHT_PROGBITS, 4, 4},
		{elf.SHT_NOTE, 0, 0},
	} {
		o := &Object{Name: "a.o", Machine: aarch64}
		o.AddSection(&Section{Name: ".x", Type: tt.typ, Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Size: 8, Data: make([]byte, 8), Addralign: 8, Entsize: tt.has})
		b, err := o.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if o, err = Parse("a.o", b); err != nil {
			t.Fatal(err)
		}
		if got := o.Sections[1].Entsize; got != tt.want {
			t.Errorf("%v with entry size %d: got %d, want %d", tt.typ, tt.has, got, tt.want)
		}
	}
}
