// SPDX-License-Identifier: Apache-2.0

package island_test

import (
	"debug/elf"
	"os"
	"strings"
	"testing"
)

func TestIsland(t *testing.T) {
	object, err := elf.Open(os.Args[len(os.Args)-1])
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	if object.Machine != elf.EM_AARCH64 || object.Type != elf.ET_REL {
		t.Errorf("got %v %v, want a relocatable object for AArch64", object.Machine, object.Type)
	}

	// Two entries in the table of functions, and a word of .hyp.reloc for each.
	relocations := object.Section(".hyp.reloc")
	if relocations == nil {
		t.Fatal("no section .hyp.reloc")
	}
	if relocations.Size != 2*4 {
		t.Errorf(".hyp.reloc has %d bytes, want 8", relocations.Size)
	}
	for _, name := range []string{".hyp.text", ".hyp.rodata", ".hyp.bss"} {
		if section := object.Section(name); section == nil || section.Size == 0 {
			t.Errorf("section %s is missing or empty", name)
		}
	}
	for _, name := range []string{".text.entry", ".rodata"} {
		if section := object.Section(name); section != nil && section.Size != 0 {
			t.Errorf("section %s was not gathered", name)
		}
	}

	symbols, err := object.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"__island_enter": true, "__island_dispatch": true, "__island_host_limit": false}
	for _, symbol := range symbols {
		if kind := elf.ST_TYPE(symbol.Info); kind == elf.STT_SECTION || kind == elf.STT_FILE {
			continue
		}
		if symbol.Name != "" && !strings.HasPrefix(symbol.Name, "__island_") {
			t.Errorf("symbol %s has no prefix", symbol.Name)
		}
		if defined, listed := want[symbol.Name]; listed {
			delete(want, symbol.Name)
			if got := symbol.Section != elf.SHN_UNDEF; got != defined {
				t.Errorf("symbol %s: defined is %v, want %v", symbol.Name, got, defined)
			}
		}
	}
	for name := range want {
		t.Errorf("symbol %s is missing", name)
	}
}
