// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"debug/elf"
	"os"
	"strings"
	"testing"
)

func TestMonitor(t *testing.T) {
	object, err := elf.Open(os.Args[len(os.Args)-1])
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	if object.Machine != elf.EM_AARCH64 || object.Type != elf.ET_REL {
		t.Errorf("got %v %v, want a relocatable object for AArch64", object.Machine, object.Type)
	}
	if object.Section(".hyp.reloc") != nil {
		t.Error("section .hyp.reloc, which was not asked for")
	}

	// -ffunction-sections put each function in a section of its own; the script gathered them.
	var text int
	for _, section := range object.Sections {
		if section.Flags&elf.SHF_EXECINSTR != 0 && section.Size != 0 {
			text++
			if section.Name != ".hyp.text" {
				t.Errorf("code in section %s, want all of it in .hyp.text", section.Name)
			}
		}
	}
	if text != 1 {
		t.Errorf("%d sections hold code, want 1", text)
	}

	symbols, err := object.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, symbol := range symbols {
		if kind := elf.ST_TYPE(symbol.Info); kind == elf.STT_SECTION || kind == elf.STT_FILE || symbol.Name == "" {
			continue
		}
		if !strings.HasPrefix(symbol.Name, "__monitor_") {
			t.Errorf("symbol %s has no prefix", symbol.Name)
		}
		found[symbol.Name] = symbol.Section != elf.SHN_UNDEF
	}
	for _, name := range []string{"__monitor_checksum", "__monitor_report"} {
		if !found[name] {
			t.Errorf("symbol %s is missing or undefined", name)
		}
	}
}
