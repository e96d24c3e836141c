// SPDX-License-Identifier: Apache-2.0

// Package el2_test looks into the objects of the example, with Go's own ELF reader and none of hyplink's code.
package el2_test

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

const prefix = "__el2_"

// open opens an object that the build names in an environment variable.
func open(t *testing.T, variable string) *elf.File {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Fatalf("%s is not set; run this by `bazel test`", variable)
	}
	f, err := elf.Open(filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"), path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// symbols returns the symbols by name, but for those without a name.
func symbols(t *testing.T, f *elf.File) map[string]elf.Symbol {
	t.Helper()
	all, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	named := make(map[string]elf.Symbol)
	for _, s := range all {
		if s.Name != "" && elf.ST_TYPE(s.Info) != elf.STT_SECTION {
			named[s.Name] = s
		}
	}
	return named
}

// rela is one entry of a relocation section.
type rela struct {
	offset uint64
	typ    elf.R_AARCH64
	symbol elf.Symbol
	addend int64
}

// relocations returns the relocations of a section.
func relocations(t *testing.T, f *elf.File, section string) []rela {
	t.Helper()
	s := f.Section(".rela" + section)
	if s == nil {
		return nil
	}
	data, err := s.Data()
	if err != nil {
		t.Fatal(err)
	}
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	var out []rela
	for ; len(data) >= 24; data = data[24:] {
		info := binary.LittleEndian.Uint64(data[8:])
		out = append(out, rela{
			offset: binary.LittleEndian.Uint64(data),
			typ:    elf.R_AARCH64(info & 0xffffffff),
			symbol: syms[info>>32-1],
			addend: int64(binary.LittleEndian.Uint64(data[16:])),
		})
	}
	return out
}

// both runs a test on the object of each pipeline.
func both(t *testing.T, test func(*testing.T, *elf.File)) {
	for _, variable := range []string{"SEED", "MODERN"} {
		t.Run(strings.ToLower(variable), func(t *testing.T) { test(t, open(t, variable)) })
	}
}

func TestEachInputSectionIsInItsHypSection(t *testing.T) {
	both(t, func(t *testing.T, f *elf.File) {
		for _, want := range []struct {
			name  string
			typ   elf.SectionType
			flags elf.SectionFlag
			align uint64
		}{
			{".hyp.text", elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_EXECINSTR, 2048},
			{".hyp.rodata", elf.SHT_PROGBITS, elf.SHF_ALLOC, 8},
			{".hyp.data..percpu", elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE, 8},
			{".hyp.bss", elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE, 8},
		} {
			s := f.Section(want.name)
			if s == nil {
				t.Errorf("no section %s", want.name)
				continue
			}
			if s.Type != want.typ || s.Flags != want.flags || s.Addralign != want.align || s.Size == 0 {
				t.Errorf("%s: %v %v align %d size %d; want %v %v align %d and not empty",
					want.name, s.Type, s.Flags, s.Addralign, s.Size, want.typ, want.flags, want.align)
			}
		}
		for _, s := range f.Sections {
			if s.Flags&elf.SHF_ALLOC != 0 && !strings.HasPrefix(s.Name, ".hyp.") {
				t.Errorf("section %s is loaded but has no place in the script", s.Name)
			}
		}
	})
}

func TestEachSymbolHasThePrefix(t *testing.T) {
	both(t, func(t *testing.T, f *elf.File) {
		named := symbols(t, f)
		for name := range named {
			if !strings.HasPrefix(name, prefix) {
				t.Errorf("symbol %s lacks the prefix %s", name, prefix)
			}
		}
		for name, section := range map[string]string{
			"el2_vector":                      ".hyp.text",
			"handle_trap":                     ".hyp.text", // from .text.hot
			"table":                           ".hyp.rodata",
			"el2_vector_address":              ".hyp.rodata",
			"trap_count":                      ".hyp.data..percpu",
			"last":                            ".hyp.bss",
			"__hyp_section_.hyp.text":         ".hyp.text",
			"__hyp_section_.hyp.rodata":       ".hyp.rodata",
			"__hyp_section_.hyp.bss":          ".hyp.bss",
			"__hyp_section_.hyp.data..percpu": ".hyp.data..percpu",
		} {
			s, ok := named[prefix+name]
			if !ok {
				t.Errorf("no symbol %s%s", prefix, name)
				continue
			}
			if got := f.Sections[s.Section].Name; got != section {
				t.Errorf("%s is in %s; want %s", name, got, section)
			}
		}
	})
}

func TestOnlyTheHostsSymbolIsUndefined(t *testing.T) {
	both(t, func(t *testing.T, f *elf.File) {
		var undefined []string
		for name, s := range symbols(t, f) {
			if s.Section == elf.SHN_UNDEF {
				undefined = append(undefined, name)
			}
		}
		if len(undefined) != 1 || undefined[0] != prefix+"host_page_offset" {
			t.Errorf("undefined symbols %q; want %shost_page_offset only", undefined, prefix)
		}
	})
}

// absolute returns the places of .hyp.rodata that hold an address: the table's three entries and the vector's address.
func absolute(t *testing.T, f *elf.File) []int64 {
	t.Helper()
	var places []int64
	for _, r := range relocations(t, f, ".hyp.rodata") {
		if r.typ == elf.R_AARCH64_ABS64 {
			places = append(places, int64(r.offset))
		}
	}
	if len(places) != 4 {
		t.Fatalf("%d absolute addresses in .hyp.rodata; want 4", len(places))
	}
	sort.Slice(places, func(i, j int) bool { return places[i] < places[j] })
	return places
}

func TestTheSeedsPipelineListsNoRelocations(t *testing.T) {
	f := open(t, "SEED")
	absolute(t, f)
	if s := f.Section(".hyp.reloc"); s != nil {
		t.Errorf("there is a .hyp.reloc of %d bytes", s.Size)
	}
}

func TestTheModernPipelineListsEachAbsoluteAddress(t *testing.T) {
	f := open(t, "MODERN")
	want := absolute(t, f)
	s := f.Section(".hyp.reloc")
	if s == nil {
		t.Fatal("no .hyp.reloc")
	}
	entries := relocations(t, f, ".hyp.reloc")
	if s.Size != uint64(4*len(want)) || len(entries) != len(want) || s.Flags != elf.SHF_ALLOC {
		t.Fatalf(".hyp.reloc has %d bytes, %d relocations and flags %v; want %d, %d and SHF_ALLOC",
			s.Size, len(entries), s.Flags, 4*len(want), len(want))
	}
	var got []int64
	for i, r := range entries {
		if r.offset != uint64(4*i) || r.typ != elf.R_AARCH64_PREL32 || r.symbol.Name != prefix+"__hyp_section_.hyp.rodata" {
			t.Errorf("entry %d: %v at %#x against %s", i, r.typ, r.offset, r.symbol.Name)
		}
		got = append(got, r.addend)
	}
	sort.Slice(got, func(i, j int) bool { return got[i] < got[j] })
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("listed places %#x; want %#x", got, want)
			break
		}
	}
}
