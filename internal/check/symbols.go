package check

import (
	"debug/elf"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
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
		if c.opts.SymbolPrefix != "" && !strings.HasPrefix(s.Name, c.opts.SymbolPrefix) && c.needsPrefix(s) {
			fix := "run 'hyplink prefix --symbol-prefix=" + c.opts.SymbolPrefix + "' last, or take the symbol out of the renaming rules"
			if s.IsUndefined() {
				fix += "; where undefined names are to stay as they are, say so by --prefix-class=defined"
			}
			c.addSymbol(&symbolPrefix, uint32(i), fmt.Sprintf("symbol %q does not start with %s", s.Name, c.opts.SymbolPrefix), fix)
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
		case s.IsUndefined() && !c.opts.Undefined.Has(s.Name, c.opts.SymbolPrefix):
			c.undefined(uint32(i))
		case s.Section == elfobj.Common:
			c.addSymbol(&orphanSection, uint32(i),
				fmt.Sprintf("common variable %q%s has no section: the final link puts it into the host's .bss, and the hypervisor panics when it uses it", s.Name, bytesOf(s.Size)),
				"compile with -fno-common")
		}
	}
	return nil
}

// needsPrefix reports whether a symbol lives in the name space that the prefix
// guards, and is of a class that gets it. Section symbols have no name; file and
// mapping symbols name nothing that could be linked to.
func (c *checker) needsPrefix(s *elfobj.Symbol) bool {
	return s.Type() != elf.STT_SECTION && s.Type() != elf.STT_FILE && !s.IsMapping() && s.Name != "" && c.opts.PrefixClasses.Has(s)
}

// addSymbol notes a finding about a symbol, at its place.
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

// clash reports two global symbols of one name.
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
	c.addSymbol(&symbolClash, b, fmt.Sprintf("symbol %q is twice in the object: %s and %s", y.Name, where(a, x), where(b, y)),
		"change the renaming rule that gives two symbols this name")
}

// undefined reports a symbol that nothing is known to define.
func (c *checker) undefined(i uint32) {
	s := &c.o.Symbols[i]
	bare := strings.TrimPrefix(s.Name, c.opts.SymbolPrefix)
	what := "the object does not define it"
	fix := fmt.Sprintf("define it in a source of the hypervisor, or, when the host defines it and it may be used at EL2, add KVM_NVHE_ALIAS(%s) to image-vars.h or %s to a file of --allowed-undefined", bare, s.Name)
	switch {
	case bare == "_GLOBAL_OFFSET_TABLE_":
		fix = "compile with -fno-pic, so that no global offset table is needed"
	case strings.HasPrefix(bare, hyprel.SymbolPrefix):
		fix = "the linker script defines it at the start of its section (HYP_SECTION does): add the section to the script"
	case c.opts.Undefined.Empty():
		what += ", and no list of --allowed-undefined is given"
	default:
		what += ", and no list of --allowed-undefined has it"
	}
	if s.Binding() == elf.STB_WEAK {
		what += "; as it is weak, its address becomes 0 without a word"
	}
	c.addSymbol(&undefinedSymbol, i, fmt.Sprintf("symbol %q is undefined: %s", s.Name, what), fix)
	c.uses.wantSymbol(c, i)
}
