// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// TestPaddingX86 fills gaps of each size in code as GNU ld does, whose fill
// testdata/padding-x86-gaps has. Without a script .text, .init and .fini had one-byte
// instructions.
func TestPaddingX86(t *testing.T) {
	b, err := os.ReadFile("testdata/padding-x86-gaps")
	if err != nil {
		t.Fatal(err)
	}
	var x86 *machine.Machine
	for _, m := range machine.All() {
		if m.ELF == elf.EM_X86_64 {
			x86 = m
		}
	}
	const align = 128
	gaps := 0
	for line := range strings.Lines(string(b)) {
		var gap int
		var want string
		if n, _ := fmt.Sscanf(line, "%d %s", &gap, &want); n != 2 {
			continue // the comment
		}
		gaps++
		for _, name := range []string{".text", ".init", ".fini", ".text.f", ".other"} {
			for _, script := range []string{"", "SECTIONS { " + name + " : { *(" + name + ") } }"} {
				var objects []*elfobj.Object
				for i, size := range []int{align - gap, 1} {
					o := &elfobj.Object{Name: fmt.Sprint(i, ".o"), Machine: x86}
					o.AddSection(&elfobj.Section{
						Name: name, Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR, Size: uint64(size), Data: make([]byte, size),
						Addralign: []uint64{1, align}[i],
					})
					objects = append(objects, o)
				}
				opts := Options{Name: "out.o"}
				if script != "" {
					if opts.Script, err = ldscript.Parse("a.lds", []byte(script)); err != nil {
						t.Fatal(err)
					}
				}
				out, err := Link(objects, opts)
				if err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprintf("%x", out.Section(name).Contents()[align-gap:align]); got != want {
					t.Errorf("gap of %d in %s, script %q: got %s, want %s", gap, name, script, got, want)
				}
			}
		}
	}
	if gaps != 64 {
		t.Errorf("testdata has %d gaps, want 64", gaps)
	}
}
