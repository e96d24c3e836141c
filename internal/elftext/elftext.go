// SPDX-License-Identifier: Apache-2.0

// Package elftext converts relocatable objects to text and back, for the inputs
// and expected outputs of tests.
//
//	machine AArch64 big
//	section .text PROGBITS AX align=4
//	  1f2003d5 00000094
//	  +0x4 R_AARCH64_CALL26 g-4
//	section .bss NOBITS WA align=8 size=16
//	section .str PROGBITS AMS align=1 entsize=1
//	  "hello" 00
//	section .idx PROGBITS AL align=4 order=.text
//	symbol f GLOBAL FUNC .text+0x0 size=8
//	symbol g GLOBAL NOTYPE UND HIDDEN
//	symbol pool GLOBAL OBJECT COMMON+0x10 size=64
//	symbol a.c LOCAL FILE ABS
//	symbol [.text] LOCAL SECTION .text+0x0
//	group f COMDAT .text .bss
//
// Without a machine line, the machine is AArch64. The machine's prefix may be
// omitted from relocation names. In a relocation or a group, a name refers to
// the first symbol with this name; a section symbol is written as its section in
// brackets. "#" starts a comment line.
package elftext

import (
	"debug/elf"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

type flagLetter struct {
	letter byte
	flag   elf.SectionFlag
}

// flagLetters are the letters that readelf -S uses, in the same order.
var flagLetters = []flagLetter{
	{'W', elf.SHF_WRITE},
	{'A', elf.SHF_ALLOC},
	{'X', elf.SHF_EXECINSTR},
	{'M', elf.SHF_MERGE},
	{'S', elf.SHF_STRINGS},
	{'L', elf.SHF_LINK_ORDER},
	{'G', elf.SHF_GROUP},
	{'T', elf.SHF_TLS},
	{'C', elf.SHF_COMPRESSED},
	{'R', 0x200000},
	{'E', 0x80000000},
}

// FormatFlags formats section flags as letters, or "-" for none.
func FormatFlags(f elf.SectionFlag) string {
	var b strings.Builder
	for _, l := range flagLetters {
		if f&l.flag != 0 {
			b.WriteByte(l.letter)
			f &^= l.flag
		}
	}
	if f != 0 {
		fmt.Fprintf(&b, "%#x", uint32(f))
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}

// Format returns an object as text.
func Format(o *elfobj.Object) string {
	var b strings.Builder
	b.WriteString("machine " + o.Machine.Name)
	if o.BigEndian {
		b.WriteString(" big")
	}
	if o.Flags != 0 {
		fmt.Fprintf(&b, " flags=%#x", o.Flags)
	}
	b.WriteString("\n")
	for _, s := range o.Sections {
		if s != nil {
			formatSection(&b, o, s)
		}
	}
	for i := range o.Symbols {
		if s := &o.Symbols[i]; i > 0 && !s.IsDropped() {
			formatSymbol(&b, o, s)
		}
	}
	for _, g := range o.Groups {
		fmt.Fprintf(&b, "group %s", symbolName(o, uint32(g.Signature)))
		if g.Flags&elfobj.GroupComdat != 0 {
			b.WriteString(" COMDAT")
		}
		for _, m := range g.Members {
			b.WriteString(" " + o.Sections[m].Name)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func formatSection(b *strings.Builder, o *elfobj.Object, s *elfobj.Section) {
	fmt.Fprintf(b, "section %s %s %s align=%d", s.Name, strings.TrimPrefix(s.Type.String(), "SHT_"), FormatFlags(s.Flags), max(s.Addralign, 1))
	if s.Entsize != 0 {
		fmt.Fprintf(b, " entsize=%d", s.Entsize)
	}
	if !s.HasContents() {
		fmt.Fprintf(b, " size=%d", s.Size)
	}
	if s.LinkOrder > 0 {
		fmt.Fprintf(b, " order=%s", o.Sections[s.LinkOrder].Name)
	}
	b.WriteString("\n")
	for data := s.Contents(); len(data) > 0; {
		n := min(len(data), 32)
		b.WriteString("  ")
		for i := 0; i < n; i += 4 {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(hex.EncodeToString(data[i:min(i+4, n)]))
		}
		b.WriteString("\n")
		data = data[n:]
	}
	for r, err := range o.Relocations(s) {
		if err != nil {
			fmt.Fprintf(b, "  ! %v\n", err)
			continue
		}
		fmt.Fprintf(b, "  +%#x %s %s%+d\n", r.Offset, o.Machine.RelocName(r.Type), symbolName(o, r.Symbol), r.Addend)
	}
}

func symbolName(o *elfobj.Object, i uint32) string {
	if i == 0 {
		return "-"
	}
	if s := &o.Symbols[i]; s.Type() == elf.STT_SECTION {
		return "[" + o.SymbolName(i) + "]"
	}
	return o.SymbolName(i)
}

func formatSymbol(b *strings.Builder, o *elfobj.Object, s *elfobj.Symbol) {
	name := s.Name
	if s.Type() == elf.STT_SECTION {
		name = "[" + o.SectionOf(s).Name + "]"
	}
	fmt.Fprintf(b, "symbol %s %s %s ", name, bindingName(s.Binding()), typeName(s.Type()))
	switch s.Section {
	case elfobj.Undefined:
		b.WriteString("UND")
	case elfobj.Absolute:
		b.WriteString("ABS")
	case elfobj.Common:
		b.WriteString("COMMON")
	case elfobj.Livepatch:
		b.WriteString("LIVEPATCH")
	default:
		b.WriteString(o.SectionOf(s).Name)
	}
	if s.Value != 0 || s.Section > 0 {
		fmt.Fprintf(b, "+%#x", s.Value)
	}
	if s.Size != 0 {
		fmt.Fprintf(b, " size=%d", s.Size)
	}
	if v := s.Visibility(); v != elf.STV_DEFAULT {
		b.WriteString(" " + strings.TrimPrefix(v.String(), "STV_"))
	}
	if other := s.Other &^ 3; other != 0 {
		fmt.Fprintf(b, " other=%#x", other)
	}
	b.WriteString("\n")
}

// bindingName and typeName know the GNU extensions; debug/elf names them after
// the reserved range that they are in.
func bindingName(b elf.SymBind) string {
	if b == elfobj.STBGNUUnique {
		return "UNIQUE"
	}
	return strings.TrimPrefix(b.String(), "STB_")
}

func typeName(t elf.SymType) string {
	if t == elf.STT_GNU_IFUNC {
		return "IFUNC"
	}
	return strings.TrimPrefix(t.String(), "STT_")
}

// number parses a decimal, hexadecimal or octal number.
func number(s string) (uint64, error) { return strconv.ParseUint(s, 0, 64) }
