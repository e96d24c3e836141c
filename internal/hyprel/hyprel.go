// SPDX-License-Identifier: Apache-2.0

// Package hyprel adds .hyp.reloc, the table by which the kernel relocates its
// hypervisor.
//
// EL2 has its own address space. After the final link, pointers in hypervisor
// sections hold kernel addresses; at boot the kernel walks .hyp.reloc and
// converts each of them to a hypervisor address (kvm_apply_hyp_relocations in
// arch/arm64/kvm/va_layout.c). An entry of the table is the 32-bit distance from
// the entry to the pointer.
//
// The kernel generates the table with arch/arm64/kvm/hyp/nvhe/gen-hyprel.c,
// which writes assembly.
package hyprel

import (
	"debug/elf"
	"errors"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

const (
	// TableSection is the name of the table.
	TableSection = ".hyp.reloc"
	// DefaultSectionPrefix is the prefix of the names of the kernel's hypervisor
	// sections.
	DefaultSectionPrefix = ".hyp"
	// SymbolPrefix, followed by a section's name, is the symbol at the
	// section's start, which the linker script defines (HYP_SECTION_SYMBOL_NAME
	// in arch/arm64/include/asm/hyp_image.h).
	SymbolPrefix = "__hyp_section_"
)

// entrySize is the size of a table entry in bytes.
const entrySize = 4

// Add appends the table to an object: an entry for each absolute 64-bit
// relocation in a hypervisor section, in the order of the relocation sections, as
// gen-hyprel lists them. Hypervisor sections are the loaded sections whose names start
// with prefix. Relocations in other sections are ignored, unless the prefix is
// clearly wrong. A relocation that would be wrong at hypervisor addresses is an
// error.
func Add(o *elfobj.Object, prefix string) error {
	if !o.Machine.HypRelocations {
		return &elfobj.Error{
			Code: errcode.NoHypRelocations, File: o.Name, Offset: 18, What: "the object is for " + o.Machine.Name + ", which has no hyp relocations",
			Advice: "remove hyp_relocations (option --hyp-relocations)",
		}
	}
	if o.Section(TableSection) != nil {
		return &elfobj.Error{
			Code: errcode.HypRelocationsTwice, File: o.Name, Section: TableSection, Offset: -1, What: "the object already has hyp relocations",
			Advice: "use the output of the partial link",
		}
	}
	starts := sectionStarts(o)
	var entries []elfobj.Reloc
	var errs []error
	matched := false
	for _, i := range o.RelocOrder() {
		s := o.Sections[i]
		if !s.IsAlloc() || !strings.HasPrefix(s.Name, prefix) {
			continue
		}
		matched = true
		start, ok := starts[s.Name]
		what := "is not defined"
		if ok {
			sym := &o.Symbols[start]
			if ok = sym.Section == i && sym.Value == 0; !ok {
				what = "is not at its start"
			}
		}
		for rel, err := range o.Relocations(s) {
			if err != nil {
				return err
			}
			switch rule := o.Machine.HypRule(rel.Type); {
			case rule == machine.HypListed && !ok:
				errs = append(errs, o.ErrorAt(errcode.HypSectionSymbol, s, rel.Offset, "define it at the start of the section in the linker script, as HYP_SECTION does",
					"holds an address, but symbol %s%s %s", SymbolPrefix, s.Name, what))
			case rule == machine.HypListed:
				entries = append(entries, elfobj.Reloc{
					Offset: uint64(len(entries)) * entrySize, Type: o.Machine.Prel32,
					Symbol: start, Addend: int64(rel.Offset),
				})
			case rule == machine.HypRefused, rule == machine.HypConstant && !o.Symbols[rel.Symbol].IsNumber():
				errs = append(errs, o.ErrorAt(errcode.HypRelocationKind, s, rel.Offset, adviceFor(o.Machine.RelocKind(rel.Type)),
					"relocation %s against %s is wrong at hypervisor addresses", o.Machine.RelocName(rel.Type), o.SymbolName(rel.Symbol)))
			}
		}
	}
	others, err := addressesElsewhere(o, prefix, starts, matched)
	if err != nil {
		return err
	}
	if err := errors.Join(append(errs, others...)...); err != nil {
		return err
	}
	table := &elfobj.Section{
		Name: TableSection, Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC, Addralign: 1,
		Size: uint64(len(entries)) * entrySize,
	}
	if len(entries) > 0 {
		// The contents are zero: the addends are in the relocations.
		table.Relocs = elfobj.EncodeRelocs(entries, o.BigEndian)
	}
	index := o.AddSection(table)
	o.AddSymbol(elfobj.Symbol{Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_SECTION), Section: index})
	return nil
}

// addressesElsewhere returns an error for each section with addresses that does
// not have the prefix, though it is a hypervisor section: the linker script
// defines its start, or no section at all has the prefix.
func addressesElsewhere(o *elfobj.Object, prefix string, starts map[string]uint32, matched bool) (errs []error, err error) {
	for _, s := range o.Sections {
		if s == nil || !s.IsAlloc() || strings.HasPrefix(s.Name, prefix) {
			continue
		}
		why := "no section's does"
		if _, ok := starts[s.Name]; ok {
			why = "the script defines " + SymbolPrefix + s.Name
		} else if matched {
			continue // a table of the host
		}
		for rel, err := range o.Relocations(s) {
			if err != nil {
				return nil, err
			}
			if o.Machine.HypRule(rel.Type) == machine.HypListed {
				errs = append(errs, o.ErrorAt(errcode.HypSectionPrefix, s, rel.Offset, "set hyp_section_prefix (option --hyp-section-prefix) to the prefix of the script's sections",
					"holds an address, but the name of output section %s does not start with %s, as hypervisor sections do; %s", s.Name, prefix, why))
				break
			}
		}
	}
	return errs, nil
}

// sectionStarts returns the section start symbols by section name.
func sectionStarts(o *elfobj.Object) map[string]uint32 {
	starts := map[string]uint32{}
	for i := range o.Symbols {
		s := &o.Symbols[i]
		name, ok := strings.CutPrefix(s.Name, SymbolPrefix)
		if ok && !s.IsUndefined() {
			starts[name] = uint32(i)
		}
	}
	return starts
}

func adviceFor(k machine.RelocKind) string {
	switch k {
	case machine.KindGOT, machine.KindPLT:
		return "compile with -fno-pic, which needs no global offset table"
	case machine.KindTLS:
		return "use per-CPU instead of thread-local data"
	}
	return "use a relative reference, or a 64-bit pointer, which the table can list"
}
