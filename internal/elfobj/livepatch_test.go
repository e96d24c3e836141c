// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// livepatched returns the sample with the relocations of .text marked as those of
// a live patch.
func livepatched(t *testing.T) []byte {
	b := encode(t, sample(false))
	at := binary.LittleEndian.Uint64(b[40:]) + 3*shdrSize + 8
	binary.LittleEndian.PutUint64(b[at:], uint64(elf.SHF_ALLOC|elf.SHF_INFO_LINK|shfRelaLivepatch))
	return b
}

// TestLivepatch reads and writes relocations of a live patch: they stay a section
// of their own, with the numbers that symbols have afterwards.
func TestLivepatch(t *testing.T) {
	o, err := Parse("patch.o", livepatched(t))
	if err != nil {
		t.Fatal(err)
	}
	patch := o.Section(".rela.text")
	if patch == nil || !patch.IsLivepatch() || patch.HasContents() || o.Sections[patch.LinkOrder].Name != ".text" {
		t.Fatalf("section is %+v", patch)
	}
	var want []string
	for rel, err := range o.Relocations(patch) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, o.SymbolName(rel.Symbol))
	}
	if o.Section(".text").RelocCount() != 0 || len(want) != 1 {
		t.Fatalf("%d relocations, and %d of .text", len(want), o.Section(".text").RelocCount())
	}
	for i := range o.Symbols {
		if o.Symbols[i].Name == "$x" {
			o.Symbols[i].Drop() // moves all symbols after it
		}
	}
	o, err = Parse("again.o", encode(t, o))
	if err != nil {
		t.Fatal(err)
	}
	patch = o.Section(".rela.text")
	if patch == nil || patch.Flags != elf.SHF_ALLOC|shfRelaLivepatch || o.Sections[patch.LinkOrder].Name != ".text" {
		t.Fatalf("section is %+v", patch)
	}
	var got []string
	for rel, err := range o.Relocations(patch) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.SymbolName(rel.Symbol))
	}
	if !slices.Equal(got, want) {
		t.Errorf("relocations refer to %q, want %q", got, want)
	}
}

// TestRemoveLivepatched removes the section that relocations of a live patch
// apply to, which needs them to be removed as well.
func TestRemoveLivepatched(t *testing.T) {
	o, err := Parse("patch.o", livepatched(t))
	if err != nil {
		t.Fatal(err)
	}
	remove := make([]bool, len(o.Sections))
	remove[o.Section(".rela.text").LinkOrder] = true
	const want = "patch.o: .rela.text: these relocations apply to section .text, which is to be removed"
	if err := o.RemoveSections(remove); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	// A relocation outside of the section that it applies to is damage.
	b := livepatched(t)
	le := binary.LittleEndian
	le.PutUint64(b[le.Uint64(b[le.Uint64(b[40:])+3*shdrSize+24:]):], 0x100)
	if o, err = Parse("bad.o", b); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Bytes(); err == nil || !strings.Contains(err.Error(), "bad.o: .rela.text+0x100: relocation R_AARCH64_CALL26 is outside its section of 12 bytes") {
		t.Errorf("got %v", err)
	}
}
