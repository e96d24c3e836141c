// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"fmt"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// twinMember is a section of the group of an object of TestTwins.
type twinMember struct {
	name  string
	data  string
	flags elf.SectionFlag
}

// withGroup makes an object with the members in a COMDAT group and a section that
// refers to byte 1 of each of them, by its section symbol, or by a local symbol there.
func withGroup(t *testing.T, name, user string, named bool, members []twinMember) *elfobj.Object {
	t.Helper()
	o := &elfobj.Object{Name: name, Machine: machineFor(t)}
	group := elfobj.Group{Name: ".group", Flags: elfobj.GroupComdat}
	var relocs []elfobj.Reloc
	for i, m := range members {
		s := o.AddSection(&elfobj.Section{Name: m.name, Type: elf.SHT_PROGBITS, Flags: m.flags, Size: uint64(len(m.data)), Data: []byte(m.data), Addralign: 1})
		sym, addend := elfobj.Symbol{Section: s, Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_SECTION)}, int64(1)
		if named {
			sym, addend = elfobj.Symbol{Name: fmt.Sprint("local", i), Section: s, Value: 1}, 0
		}
		relocs = append(relocs, elfobj.Reloc{Offset: uint64(8 * i), Type: 257, Symbol: o.AddSymbol(sym), Addend: addend})
		if !isLinkOnce(m.name) {
			o.Sections[s].Flags |= elf.SHF_GROUP
			group.Members = append(group.Members, s)
		}
	}
	size := uint64(8 * len(members))
	o.AddSection(&elfobj.Section{Name: user, Type: elf.SHT_PROGBITS, Size: size, Data: []byte(strings.Repeat("x", int(size))), Addralign: 1, Relocs: elfobj.EncodeRelocs(relocs, false)})
	if group.Signature = int(o.AddSymbol(elfobj.Symbol{Name: "sig", Section: elfobj.Absolute})); len(group.Members) > 0 {
		o.Groups = []elfobj.Group{group}
	}
	b, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if o, err = elfobj.Parse(name, b); err != nil {
		t.Fatal(err)
	}
	return o
}

func machineFor(t *testing.T) *machine.Machine {
	t.Helper()
	for _, m := range machine.All() {
		if m.ELF == elf.EM_AARCH64 {
			return m
		}
	}
	t.Fatal("no machine")
	return nil
}

// TestTwins links objects with debug information in one section group. gcc -g3 has
// macros there, and the second unit's reference to them became 0, which is another unit. It
// refers to what is kept, as GNU ld has it, and nothing else does.
func TestTwins(t *testing.T) {
	macros := twinMember{name: ".debug_macro", data: "macro"}
	for _, tt := range []struct {
		name   string
		user   string // .debug_info
		named  bool
		group  GroupMode
		script string
		a, b   []twinMember // b nil is a
		want   string       // what b's references are
	}{
		{name: "same", a: []twinMember{macros}, want: ".debug_macro+1"},
		{name: "local symbol", named: true, a: []twinMember{macros}, want: ".debug_macro+1"},
		{name: "kept group", group: GroupKeep, a: []twinMember{macros}, want: ".debug_macro+1"},
		{name: "other size", a: []twinMember{macros}, b: []twinMember{{name: ".debug_macro", data: "macros"}}, want: "none"},
		{name: "other name", a: []twinMember{macros}, b: []twinMember{{name: ".debug_macinfo", data: "macro"}}, want: "none"},
		{name: "several", a: []twinMember{{name: ".debug_types", data: "type1"}, macros, {name: ".debug_types", data: "type2"}}, want: ".debug_types+1 .debug_macro+1 .debug_types+6"},
		{name: "another order", a: []twinMember{{name: ".debug_info", data: "unit"}, macros}, b: []twinMember{macros, {name: ".debug_info", data: "unit"}}, want: ".debug_macro+1 .debug_info+1"},
		{name: "compressed", a: []twinMember{macros}, b: []twinMember{{name: ".zdebug_macro", data: string(zdebug(t, []byte("macro"), 5))}}, want: ".debug_macro+1"},
		{name: "linked once", a: []twinMember{{name: ".gnu.linkonce.wi.x", data: "unit"}}, want: ".gnu.linkonce.wi.x+1"},
		{name: "in a script", script: "SECTIONS { .text : { *(.text) } .all : { *(.debug_info) *(.debug_macro) } }", a: []twinMember{macros}, want: ".all+17"},
		{name: "discarded by a script", script: "SECTIONS { .d : { *(.debug_info) } /DISCARD/ : { *(.debug_macro) } }", a: []twinMember{macros}, want: "none"},
		{name: "of no debug information", user: ".notes", a: []twinMember{macros}, want: "none"},
		{name: "to no debug information", a: []twinMember{{name: ".other", data: "macro"}}, want: "none"},
		{name: "to code", a: []twinMember{{name: ".text.f", data: "code", flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR}}, want: "none"},
	} {
		if tt.b == nil {
			tt.b = tt.a
		}
		if tt.user == "" {
			tt.user = ".debug_info"
		}
		opts := Options{Name: "out.o", Groups: tt.group}
		if tt.script != "" {
			var err error
			if opts.Script, err = ldscript.Parse("a.lds", []byte(tt.script)); err != nil {
				t.Fatal(err)
			}
		}

		out, err := Link([]*elfobj.Object{withGroup(t, "a.o", tt.user, tt.named, tt.a), withGroup(t, "b.o", tt.user, tt.named, tt.b)}, opts)
		if err == nil {
			out, err = throughBytes(out)
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var all []string
		for _, s := range out.Sections[1:] {
			for rel, err := range out.Relocations(s) {
				if err != nil {
					t.Fatal(err)
				}
				if rel.Type != 257 {
					continue
				}
				sym := &out.Symbols[rel.Symbol]
				all = append(all, fmt.Sprintf("%s+%d", out.SectionOf(sym).Name, int64(sym.Value)+rel.Addend))
			}
		}
		got := "none"
		if n := len(tt.a); len(all) > n {
			got = strings.Join(all[n:], " ")
		}
		if got != tt.want {
			t.Errorf("%s: the second object refers to %s, want %s", tt.name, got, tt.want)
		}
	}
}
