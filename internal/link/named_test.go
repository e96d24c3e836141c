// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// TestNamedSections checks sections that only the script puts something into. What
// is expected is what GNU ld 2.47 makes of them, but for sections of symbols alone:
// see empty-section-flags in docs/divergences.md.
func TestNamedSections(t *testing.T) {
	for _, tt := range []struct{ name, data, space, symbol string }{
		{".text.y", "PROGBITS AX", "PROGBITS WAX", "PROGBITS AX"},
		{".textx", "PROGBITS A", "NOBITS WA", "PROGBITS A"},
		{".init", "PROGBITS AX", "PROGBITS WAX", "PROGBITS AX"},
		{".init.x", "PROGBITS A", "NOBITS WA", "PROGBITS A"},
		{".data", "PROGBITS WA", "PROGBITS WA", "PROGBITS WA"},
		{".data.x", "PROGBITS WA", "PROGBITS WA", "PROGBITS WA"},
		{".data1", "PROGBITS WA", "PROGBITS WA", "PROGBITS WA"},
		{".rodata.x", "PROGBITS A", "PROGBITS WA", "PROGBITS A"},
		{".bss", "PROGBITS WA", "NOBITS WA", "NOBITS WA"},
		{".bss.x", "PROGBITS WA", "NOBITS WA", "NOBITS WA"},
		{".noinit", "PROGBITS WA", "NOBITS WA", "NOBITS WA"},
		{".persistent.x", "PROGBITS WA", "PROGBITS WA", "PROGBITS WA"},
		{".persistent.bss", "PROGBITS WA", "NOBITS WA", "NOBITS WA"},
		{".tdata", "PROGBITS WAT", "PROGBITS WAT", "PROGBITS WAT"},
		{".tbss.x", "PROGBITS WAT", "NOBITS WAT", "NOBITS WAT"},
		{".init_array.1", "INIT_ARRAY WA align=1 entsize=8", "INIT_ARRAY WA align=1 entsize=8", "INIT_ARRAY WA align=1 entsize=8"},
		{".fini_array", "FINI_ARRAY WA align=1 entsize=8", "FINI_ARRAY WA align=1 entsize=8", "FINI_ARRAY WA align=1 entsize=8"},
		{".preinit_array", "PREINIT_ARRAY WA align=1 entsize=8", "PREINIT_ARRAY WA align=1 entsize=8", "PREINIT_ARRAY WA align=1 entsize=8"},
		{".note.x", "NOTE A", "NOTE WA", "NOTE A"},
		{".hyp.text", "PROGBITS A", "NOBITS WA", "PROGBITS A"},
	} {
		for body, want := range map[string]string{"LONG(3)": tt.data, ". += 8;": tt.space, "s = .;": tt.symbol} {
			got := linkOne(t, "SECTIONS { .out : { *(.text) } "+tt.name+" : { "+body+" } }")
			if !strings.Contains(got, "section "+tt.name+" "+want+" ") && !strings.Contains(got, "section "+tt.name+" "+want+"\n") {
				t.Errorf("%s : { %s } should be %s:\n%s", tt.name, body, want, got)
			}
		}
	}
}

// tables are the names of what linkers make for programs: see tables-without-type in
// docs/divergences.md. GNU ld takes nearly all names that start with .rel for
// relocations.
var tables = regexp.MustCompile(`^\.(dynamic|dynstr|dynsym|gnu_object_only|gnu\.(version(_[dr])?|liblist|conflict|hash)|hash|rel(|\..*|a.*)|relr\.dyn|` +
	`shstrtab|strtab|symtab|stabstr|stab\.(excl|index)str|sframe)$`)

// TestNamedSectionsAsGNU compares many names with what GNU ld makes of them, on each
// machine. .ldata of x86-64 was neither writable nor marked as far away.
func TestNamedSectionsAsGNU(t *testing.T) {
	b, err := os.ReadFile("testdata/named-sections-gnu")
	if err != nil {
		t.Fatal(err)
	}
	type want struct{ data, space string }
	all, own := map[string]want{}, map[string]want{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 {
			continue // the comment
		}
		if name := cells[0]; strings.Contains(name, " ") {
			own[name] = want{cells[1], cells[2]}
		} else {
			all[name] = want{cells[1], cells[2]}
		}
	}
	if len(all) < 300 || len(own) < 6 {
		t.Fatalf("testdata has %d and %d names", len(all), len(own))
	}
	for _, m := range machine.All() {
		for name, w := range all {
			if machines, ok := own[name+" "+m.Name]; ok {
				w = machines
			}
			if tables.MatchString(name) {
				w = want{"PROGBITS A", "NOBITS WA"}
			}
			for body, want := range map[string]string{"LONG(1)": w.data, ". += 8;": w.space} {
				script, err := ldscript.Parse("a.lds", []byte("SECTIONS { .out : { *(.text) } "+name+" : { "+body+" } }"))
				if err != nil {
					t.Fatal(err)
				}
				in := &elfobj.Object{Name: "a.o", Machine: m}
				in.AddSection(&elfobj.Section{Name: ".text", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR, Size: 4, Data: make([]byte, 4), Addralign: 4})
				out, err := Link([]*elfobj.Object{in}, Options{Name: "out.o", Script: script})
				if err != nil {
					t.Fatal(err)
				}
				s := out.Section(name)
				got := strings.TrimPrefix(s.Type.String(), "SHT_") + " " + strings.Replace(elftext.FormatFlags(s.Flags), "0x10000000", "l", 1)
				if got != want {
					t.Errorf("%s: %s : { %s }: got %s, want %s", m.Name, name, body, got, want)
				}
			}
		}
	}
}
