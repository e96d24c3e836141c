// SPDX-License-Identifier: Apache-2.0

// Package island_test looks into the island made of a kernel tree, with Go's own ELF reader.
package island_test

import (
	"debug/elf"
	"os"
	"path/filepath"
	"testing"
)

func TestTheIslandCallsItsOwnCopy(t *testing.T) {
	path := os.Getenv("ISLAND")
	if path == "" {
		t.Fatal("ISLAND is not set; run this by `bazel test`")
	}
	f, err := elf.Open(filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"), path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	for _, s := range symbols {
		found[s.Name] = true
		if s.Section == elf.SHN_UNDEF {
			t.Errorf("%s is undefined; the island needs nothing from outside", s.Name)
			continue
		}
		if s.Name == "__island_send" || s.Name == "__island_memcpy" || s.Name == "__island_memset" {
			if got := f.Sections[s.Section].Name; got != ".island.text" {
				t.Errorf("%s is in %s; want .island.text", s.Name, got)
			}
		}
	}
	for _, want := range []string{"__island_send", "__island_memcpy", "__island_memset"} {
		if !found[want] {
			t.Errorf("no symbol %s", want)
		}
	}
}
