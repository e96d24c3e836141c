// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"debug/elf"
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// Kind is a kind of difference without meaning: no linker, loader or debugger
// can tell the objects apart by it.
type Kind struct{ Name, What string }

// The names of the kinds.
const (
	kindEmptySections = "empty-sections"
	kindObjectNames   = "object-names"
	kindEncoding      = "encoding"
	kindAddresses     = "addresses"
	kindSectionOrder  = catSectionOrder
	kindSymbolOrder   = catSymbolOrder
)

// Kinds are the kinds of differences without meaning, which only a strict
// comparison counts.
var Kinds = []Kind{
	{kindEmptySections, "the empty .text, .data and .bss that GNU as gives every object, in one of the objects only"},
	{kindObjectNames, "FILE symbols that name the same objects with another suffix, host.hyp.o and host.nvhe.o"},
	{kindEncoding, "string tables, file offsets, .llvm_addrsig and section symbols that nothing uses, if the objects are the same otherwise"},
	{kindAddresses, "sh_addr of sections, which nothing reads in an object; GNU ld gives it to notes"},
	{kindSectionOrder, "the order of sections, if each has a name of its own and nothing else differs"},
	{kindSymbolOrder, "the order of symbols, if each is of the same source and nothing else differs"},
}

// KindNames lists the kinds with commas between them.
func KindNames() string {
	names := make([]string, len(Kinds))
	for i, k := range Kinds {
		names[i] = k.Name
	}
	return strings.Join(names, ", ")
}

// removeMeaningless takes differences without meaning out of both objects and
// counts them in the report. It reports whether nothing else differs.
//
// What counts is decided here, and nowhere by leaving out a comparison: objects
// are equal if they are written as the same bytes afterwards.
func removeMeaningless(a, b *elfobj.Object, r *Report) bool {
	r.count(kindEmptySections, removeEmptySections(a, b)+removeEmptySections(b, a))
	r.count(kindObjectNames, unifyObjectNames(a, b))
	if a.LeftOut.Name+b.LeftOut.Name != "" || !slices.Equal(a.Unkept, b.Unkept) {
		return false // the comparison says what differs
	}
	wa, err := a.Bytes()
	if err != nil {
		return false // the comparison says what is damaged
	}
	wb, err := b.Bytes()
	if err != nil || !bytes.Equal(wa, wb) {
		return false
	}
	if len(r.Meaningless) == 0 {
		r.count(kindEncoding, 1)
	}
	return true
}

// onlyOrder reports whether the objects differ in nothing but orders that have no
// meaning. A linker script tells sections apart by their names, and nothing that
// reads symbols depends on their order: local symbols of another FILE symbol are
// a difference of their own.
//
// This is decided at the end and not in removeMeaningless, so that a report about
// objects that differ otherwise has the orders too.
func (c *comparison) onlyOrder() bool {
	r := c.report
	if len(r.Header)+len(r.Sections)+len(r.Units)+len(r.Symbols) > 0 {
		return false
	}
	for _, note := range r.Other {
		switch note.Category {
		case catSymbolOrder:
		case catSectionOrder:
			if hasTwins(c.a.o) || hasTwins(c.b.o) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// hasTwins reports whether two sections have the same name.
func hasTwins(o *elfobj.Object) bool {
	names := map[string]bool{}
	for _, s := range o.Sections {
		if s == nil {
			continue
		}
		if names[s.Name] {
			return true
		}
		names[s.Name] = true
	}
	return false
}

// count adds differences without meaning to the report.
func (r *Report) count(kind string, n int) {
	if n > 0 {
		r.Meaningless[kind] += n
	}
}

// gasSections are the sections that GNU as makes before it reads the source.
var gasSections = map[string]struct {
	kind  elf.SectionType
	flags elf.SectionFlag
}{
	".text": {elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_EXECINSTR},
	".data": {elf.SHT_PROGBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
	".bss":  {elf.SHT_NOBITS, elf.SHF_ALLOC | elf.SHF_WRITE},
}

// removeEmptySections removes the sections that GNU as made, that nothing uses
// and that the other object does not have. It returns their number.
func removeEmptySections(o, other *elfobj.Object) int {
	n := 0
	for i, s := range o.Sections {
		if s == nil || other.Section(s.Name) != nil || !isUnused(o, elfobj.SectionIndex(i)) {
			continue
		}
		remove := make([]bool, len(o.Sections))
		remove[i] = true
		// Fails if a relocation or SHF_LINK_ORDER refers to the section, which then stays and is reported; or because a relocation
		// is damaged, which the comparison finds.
		if o.RemoveSections(remove) == nil {
			n++
		}
	}
	return n
}

// isUnused reports whether a section is as GNU as makes it, and is in no group
// and has no symbol other than a section symbol. A larger alignment would move
// what follows.
func isUnused(o *elfobj.Object, at elfobj.SectionIndex) bool {
	s := o.Sections[at]
	want, ok := gasSections[s.Name]
	if !ok || s.Type != want.kind || s.Flags != want.flags || s.Size != 0 || len(s.Relocs) > 0 || s.Addralign > 1 || s.Entsize != 0 {
		return false
	}
	for i := range o.Symbols {
		if y := &o.Symbols[i]; y.Section == at && (y.Type() != elf.STT_SECTION || !y.IsLocal()) {
			return false
		}
	}
	for i := range o.Groups {
		for _, m := range o.Groups[i].Members {
			if m == at {
				return false
			}
		}
	}
	return true
}

// unifyObjectNames gives FILE symbols of b the names of those of a, if all that
// name objects differ in the same suffix. It returns their number.
//
// Compilers write the source's name. A linker writes an object's name for an
// object without a FILE symbol, as the assembler's are.
func unifyObjectNames(a, b *elfobj.Object) int {
	fa, fb := fileSymbols(a), fileSymbols(b)
	if len(fa) != len(fb) {
		return 0
	}
	var from, to string
	var renamed []int
	for k := range fa {
		x, y := a.Symbols[fa[k]].Name, b.Symbols[fb[k]].Name
		if path.Ext(x) != ".o" && path.Ext(y) != ".o" {
			if x != y {
				return 0
			}
			continue
		}
		sx, sy, ok := suffixes(x, y)
		if !ok || len(renamed) > 0 && (sx != from || sy != to) {
			return 0
		}
		from, to = sx, sy
		renamed = append(renamed, k)
	}
	for _, k := range renamed {
		b.Symbols[fb[k]].Name = a.Symbols[fa[k]].Name
	}
	return len(renamed)
}

// fileSymbols returns the indices of the STT_FILE symbols.
func fileSymbols(o *elfobj.Object) []int {
	var out []int
	for i := 1; i < len(o.Symbols); i++ {
		if o.Symbols[i].Type() == elf.STT_FILE {
			out = append(out, i)
		}
	}
	return out
}

// isObjectSuffix reports whether s is .o, or .NAME.o with letters, digits, hyphens
// and underscores. (regexp would slow down each start of the program.)
func isObjectSuffix(s string) bool {
	name, ok := strings.CutSuffix(s, ".o")
	if !ok || name == "" {
		return ok
	}
	name, ok = strings.CutPrefix(name, ".")
	return ok && name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// suffixes splits two names into the same stem and two suffixes of objects,
// such as .o and .nvhe.o. It fails for equal names.
func suffixes(x, y string) (string, string, bool) {
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	// The suffixes start with a dot, at or before the first difference.
	n = strings.LastIndexByte(x[:min(n+1, len(x))], '.')
	if n < 1 || n >= len(y) || y[n] != '.' {
		return "", "", false
	}
	sx, sy := x[n:], y[n:]
	return sx, sy, sx != sy && isObjectSuffix(sx) && isObjectSuffix(sy)
}
