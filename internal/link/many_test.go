// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"fmt"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// functions makes an object of n function sections, each with a symbol and a
// call to the next one's.
func functions(t *testing.T, name string, first, n int) *elfobj.Object {
	t.Helper()
	o := &elfobj.Object{Name: name, Machine: machine.For(elf.EM_AARCH64)}
	for i := first; i < first+n; i++ {
		s := o.AddSection(&elfobj.Section{
			Name: fmt.Sprintf(".text.f%d", i), Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR, Size: 4, Addralign: 4,
			Data: []byte{byte(i), byte(i >> 8), byte(i >> 16), 0x94},
		})
		o.AddSymbol(elfobj.Symbol{Name: fmt.Sprintf("f%d", i), Section: s, Size: 4, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_FUNC)})
	}
	for i := 1; i < n; i++ {
		o.Sections[i].Relocs = elfobj.EncodeRelocs([]elfobj.Reloc{{Type: 283, Symbol: uint32(i + 1)}}, false)
	}
	o, err := throughBytes(o)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestManySections has more than 65,280 sections go in and come out: the
// numbers no longer fit into 16 bits (gABI, SHN_XINDEX).
func TestManySections(t *testing.T) {
	const half = 33000
	script, err := ldscript.Parse("s.lds", []byte("SECTIONS { .hyp.text : { *(.text .text.*) } }"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		objects  []*elfobj.Object
		script   *ldscript.Script
		sections int
	}{
		{"two halves stay apart", []*elfobj.Object{functions(t, "a.o", 0, half), functions(t, "b.o", half, half)}, nil, 2 * half},
		{"one object stays apart", []*elfobj.Object{functions(t, "a.o", 0, 2*half)}, nil, 2 * half},
		{"all into one", []*elfobj.Object{functions(t, "a.o", 0, 2*half)}, script, 1},
	} {
		out, err := Link(tt.objects, Options{Name: "out.o", Script: tt.script})
		if err == nil {
			out, err = throughBytes(out)
		}
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if n := len(out.Sections) - 1; n != tt.sections {
			t.Errorf("%s: %d sections, want %d", tt.name, n, tt.sections)
		}
		checkFunctions(t, tt.name, out, 2*half)
	}
}

// checkFunctions expects each symbol where its function is, and each call to
// name the next function.
func checkFunctions(t *testing.T, name string, o *elfobj.Object, n int) {
	t.Helper()
	at := map[string]int{}
	seen := 0
	for i := range o.Symbols {
		s := &o.Symbols[i]
		var k int
		if _, err := fmt.Sscanf(s.Name, "f%d", &k); err != nil {
			continue
		}
		seen++
		b := o.SectionOf(s).Contents()[s.Value:]
		if got := int(b[0]) | int(b[1])<<8 | int(b[2])<<16; got != k {
			t.Fatalf("%s: %s points at function %d", name, s.Name, got)
		}
		at[fmt.Sprintf("%d+%d", s.Section, s.Value)] = k
	}
	if seen != n {
		t.Fatalf("%s: %d functions, want %d", name, seen, n)
	}
	for i, s := range o.Sections {
		if s == nil {
			continue
		}
		for r, err := range o.Relocations(s) {
			if err != nil {
				t.Fatal(err)
			}
			if k := at[fmt.Sprintf("%d+%d", i, r.Offset)]; o.SymbolName(r.Symbol) != fmt.Sprintf("f%d", k+1) {
				t.Fatalf("%s: function %d calls %s", name, k, o.SymbolName(r.Symbol))
			}
		}
	}
}
