// SPDX-License-Identifier: Apache-2.0

// Package pkvm_module_test looks into the module's object, with Go's own ELF reader and none of hyplink's code.
package pkvm_module_test

import (
	"debug/elf"
	"encoding/binary"
	"encoding/json"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// open opens the object.
func open(t *testing.T) (*elf.File, map[string]elf.Symbol) {
	t.Helper()
	f, err := elf.Open(os.Getenv("OBJECT"))
	if err != nil {
		t.Fatalf("%v; run this by `bazel test`", err)
	}
	t.Cleanup(func() { f.Close() })
	all, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]elf.Symbol{}
	for _, s := range all {
		named[s.Name] = s
	}
	return f, named
}

// TestSections finds four sections, none of them empty, with symbols at both ends, and nothing else that is loaded but the relocations.
func TestSections(t *testing.T) {
	f, symbols := open(t)
	for kind, flags := range map[string]elf.SectionFlag{
		"text": elf.SHF_ALLOC | elf.SHF_EXECINSTR, "rodata": elf.SHF_ALLOC,
		"data": elf.SHF_ALLOC | elf.SHF_WRITE, "bss": elf.SHF_ALLOC | elf.SHF_WRITE,
	} {
		s := f.Section(".hyp." + kind)
		if s == nil || s.Type != elf.SHT_PROGBITS || s.Flags != flags || s.Size == 0 {
			t.Errorf(".hyp.%s: got %+v, want %v with contents", kind, s, flags)
			continue
		}
		for name, value := range map[string]uint64{"hyp_section_.hyp." + kind: 0, "hypmod_" + kind + "_start": 0, "hypmod_" + kind + "_end": s.Size} {
			got, ok := symbols["__kvm_nvhe___"+name]
			if !ok || got.Value != value || f.Sections[got.Section] != s {
				t.Errorf("%s: got %+v, want %#x in %s", name, got, value, s.Name)
			}
		}
	}
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC != 0 && !strings.HasPrefix(s.Name, ".hyp.") {
			t.Errorf("%s is loaded; the hypervisor does not map it", s.Name)
		}
	}
}

// TestProperties finds the merged property note, which says that all code has landing pads, in the constants.
func TestProperties(t *testing.T) {
	f, _ := open(t)
	data, err := f.Section(".hyp.rodata").Data()
	if err != nil {
		t.Fatal(err)
	}
	note := binary.LittleEndian.AppendUint32(nil, 0xc0000000)
	note = binary.LittleEndian.AppendUint32(note, 4)
	note = binary.LittleEndian.AppendUint32(note, 1) // BTI; scaled.S does not sign return addresses
	if !strings.Contains(string(data), "GNU\x00"+string(note)) {
		t.Errorf("no property note with BTI alone in .hyp.rodata: %x", data)
	}
}

// TestRelocations counts the addresses that the hypervisor has to convert: two names and two functions.
func TestRelocations(t *testing.T) {
	f, _ := open(t)
	addresses := 0
	for _, name := range []string{".rela.hyp.text", ".rela.hyp.rodata", ".rela.hyp.data", ".rela.hyp.bss"} {
		s := f.Section(name)
		if s == nil {
			continue
		}
		data, err := s.Data()
		if err != nil {
			t.Fatal(err)
		}
		for ; len(data) >= 24; data = data[24:] {
			if elf.R_AARCH64(binary.LittleEndian.Uint32(data[8:])) == elf.R_AARCH64_ABS64 {
				addresses++
			}
		}
	}
	if s := f.Section(".hyp.reloc"); addresses != 4 || s == nil || s.Size != 4*4 {
		t.Errorf("got %d addresses and %+v, want 4 and 16 bytes", addresses, s)
	}
}

// TestCompileCommands finds each source once, with the macros of a module at EL2.
func TestCompileCommands(t *testing.T) {
	data, err := os.ReadFile(os.Getenv("COMMANDS"))
	if err != nil {
		t.Fatal(err)
	}
	var commands []struct {
		File      string
		Arguments []string
	}
	if err := json.Unmarshal(data, &commands); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, c := range commands {
		files = append(files, path.Base(c.File))
		if !slices.Contains(c.Arguments, "-D__KVM_NVHE_HYPERVISOR__") || slices.Contains(c.Arguments, "-DMODULE") != strings.HasSuffix(c.File, ".c") {
			t.Errorf("%s: got %v, want -D__KVM_NVHE_HYPERVISOR__, and for C -DMODULE", c.File, c.Arguments)
		}
	}
	if want := []string{"counter.c", "scaled.S"}; !slices.Equal(files, want) {
		t.Errorf("got %v, want %v", files, want)
	}
}
