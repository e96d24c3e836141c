// SPDX-License-Identifier: Apache-2.0

package check

import (
	"debug/elf"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// symbols checks names and definitions.
func (c *checker) symbols() error {
	globals := 0
	for i := 1; i < len(c.o.Symbols); i++ {
		if !c.o.Symbols[i].IsLocal() {
			globals++
		}
	}
	first := make(map[string]uint32, globals)
	for i := 1; i < len(c.o.Symbols); i++ {
		s := &c.o.Symbols[i]
		if s.IsDropped() {
			continue
		}
		if missing := c.missingAffix(s); missing != "" {
			fix := "run 'hyplink prefix" + c.affixOptions() + "' last, as a hyp_object does, or take the symbol out of the renaming rules"
			if s.IsUndefined() {
				fix += "; if undefined symbols must keep their names, set prefix_classes to defined (option --prefix-class=defined)"
			}
			c.addSymbol(&symbolPrefix, uint32(i), fmt.Sprintf("symbol %q does not %s", s.Name, missing), fix)
		}
		if s.Section > 0 && c.isSectionStart(s) {
			if c.marked == nil {
				c.marked = map[elfobj.SectionIndex]bool{}
			}
			c.marked[s.Section] = true
		}
		if s.IsLocal() {
			continue
		}
		if n, ok := first[s.Name]; ok {
			c.clash(n, uint32(i))
		} else {
			first[s.Name] = uint32(i)
		}
		switch {
		case s.IsUndefined() && !c.opts.Undefined.Has(s.Name, c.bare(s.Name)):
			c.undefined(uint32(i))
		case s.Section == elfobj.Common:
			c.addSymbol(&orphanSection, uint32(i),
				fmt.Sprintf("common variable %q%s has no section: the final link puts it into the host's .bss, and the hypervisor panics when it uses it", s.Name, sizeSuffix(s.Size)),
				"compile with -fno-common")
		}
	}
	return nil
}

// bare returns the name that a symbol has in the sources.
func (c *checker) bare(name string) string {
	return layout.Bare(name, c.opts.SymbolPrefix, c.opts.SymbolSuffix)
}

// missingAffix says what the name of a symbol lacks; empty if that is nothing.
func (c *checker) missingAffix(s *elfobj.Symbol) string {
	switch {
	case strings.HasPrefix(s.Name, c.opts.SymbolPrefix) && strings.HasSuffix(s.Name, c.opts.SymbolSuffix), !c.needsPrefix(s):
		return ""
	case !strings.HasPrefix(s.Name, c.opts.SymbolPrefix):
		return "start with " + c.opts.SymbolPrefix
	}
	return "end with " + c.opts.SymbolSuffix
}

// affixOptions are the options that give symbols prefix and suffix.
func (c *checker) affixOptions() string {
	options := ""
	if c.opts.SymbolPrefix != "" {
		options += " --symbol-prefix=" + c.opts.SymbolPrefix
	}
	if c.opts.SymbolSuffix != "" {
		options += " --symbol-suffix=" + c.opts.SymbolSuffix
	}
	return options
}

// needsPrefix reports whether a symbol must have the prefix. Section symbols
// have no name; file and mapping symbols take no part in symbol resolution.
func (c *checker) needsPrefix(s *elfobj.Symbol) bool {
	return s.Type() != elf.STT_SECTION && s.Type() != elf.STT_FILE && !s.IsMapping() && s.Name != "" && c.opts.PrefixClasses.Has(s)
}

// addSymbol records a finding about a symbol, at its address.
func (c *checker) addSymbol(r *Rule, i uint32, message, fix string) {
	s := &c.o.Symbols[i]
	f := Finding{Symbol: s.Name, Message: message, Fix: fix}
	f.Input, _ = c.origins.Symbol(i)
	off := int64(-1)
	if s.Section > 0 {
		off = int64(s.Value)
	}
	c.add(r, max(s.Section, 0), off, f)
}

// clash reports two global symbols with the same name.
func (c *checker) clash(a, b uint32) {
	x, y := &c.o.Symbols[a], &c.o.Symbols[b]
	where := func(i uint32, s *elfobj.Symbol) string {
		if s.IsUndefined() {
			return "undefined"
		}
		text := "defined"
		if sec := c.o.SectionOf(s); sec != nil {
			text += fmt.Sprintf(" at %s+%#x", sec.Name, s.Value)
		}
		if file, _ := c.origins.Symbol(i); file != "" {
			text += " (" + file + ")"
		}
		return text
	}
	c.addSymbol(&symbolClash, b, fmt.Sprintf("symbol %q is in the object twice: %s and %s", y.Name, where(a, x), where(b, y)),
		"change the renaming rule that gives two symbols this name")
}

// undefined reports an undefined symbol that is not on a list.
func (c *checker) undefined(i uint32) {
	s := &c.o.Symbols[i]
	bare := c.bare(s.Name)
	what, where := "the object does not define it", ""
	if c.unlinked {
		what, where = "no object defines it", ", or add the hyp_library that does to deps (option --defined-by)"
	}
	fix := fmt.Sprintf("define it in a hypervisor source%s, or, if the host defines it and EL2 may use it, add KVM_NVHE_ALIAS(%s) to image-vars.h or %s to a file of allowed_undefined (option --allowed-undefined)", where, bare, s.Name)
	switch {
	case bare == "_GLOBAL_OFFSET_TABLE_":
		fix = "compile with -fno-pic, which needs no global offset table"
	case strings.HasPrefix(bare, hyprel.SymbolPrefix):
		fix = "add the section to the linker script with HYP_SECTION, which defines this symbol at the section's start"
	case c.opts.Undefined.Empty():
		what += ", and there is no list of allowed_undefined"
	default:
		what += ", and it is on no list of allowed_undefined"
	}
	if s.Binding() == elf.STB_WEAK {
		what += "; as a weak symbol it silently becomes 0"
	}
	c.addSymbol(&undefinedSymbol, i, fmt.Sprintf("symbol %q is undefined: %s", s.Name, what), fix)
	c.uses.trackSymbol(c, i)
}
