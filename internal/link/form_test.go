// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"debug/elf"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// TestForm looks at the file that a link makes with a reader that is not our
// own: relocation sections are named after the output section and say by number
// which one that is, and nothing has an address, though the script counts.
func TestForm(t *testing.T) {
	var objects []*elfobj.Object
	for _, name := range []string{"a.o", "b.o"} {
		o, err := elftext.Parse(name, `section .text PROGBITS AX align=8
  00000094 00000000
  +0x0 CALL26 outside+0
section .rodata PROGBITS A align=8
  00000000 00000000
  +0x0 ABS64 [.text]+4
section .orphan PROGBITS A align=4
  00000000
  +0x0 PREL32 outside+0
symbol [.text] LOCAL SECTION .text+0
symbol outside GLOBAL NOTYPE UND
`)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	script, err := ldscript.Parse("hyp.lds", []byte(`SECTIONS {
	.hyp.text : ALIGN(64) { *(.text) }
	. = ALIGN(4096);
	.hyp.rodata : { *(.rodata) }
}`))
	if err != nil {
		t.Fatal(err)
	}
	o, err := Link(objects, Options{Name: "out.o", Script: script})
	if err != nil {
		t.Fatal(err)
	}
	b, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	var relocated []string
	for _, s := range f.Sections {
		if s.Addr != 0 {
			t.Errorf("%s has address %#x", s.Name, s.Addr)
		}
		if s.Type != elf.SHT_RELA {
			continue
		}
		target := f.Sections[s.Info]
		relocated = append(relocated, target.Name)
		if s.Name != ".rela"+target.Name || f.Sections[s.Link].Type != elf.SHT_SYMTAB || s.Flags&elf.SHF_INFO_LINK == 0 || s.Size != 2*24 {
			t.Errorf("%s: for %s, symbols of %s, flags %v, %d bytes", s.Name, target.Name, f.Sections[s.Link].Name, s.Flags, s.Size)
		}
	}
	if got := strings.Join(relocated, " "); got != ".hyp.text .hyp.rodata .orphan" {
		t.Errorf("relocations are for %s", got)
	}
	if f.Entry != 0 || f.Type != elf.ET_REL || len(f.Progs) != 0 {
		t.Errorf("entry %#x, type %v, %d segments", f.Entry, f.Type, len(f.Progs))
	}
}
