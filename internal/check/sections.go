package check

import (
	"debug/elf"
	"fmt"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/glob"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
)

// DefaultSections are the loaded sections that a kernel's own linker script
// takes from a hypervisor object, although they are the host's: tables by which
// the host patches or describes hypervisor code. Objects of Linux 6.1, 6.12 and
// 7.2 have no others.
var DefaultSections = []struct{ Pattern, Why string }{
	{".altinstructions", "instructions that the host replaces at boot (asm/alternative.h)"},
	{"__bug_table", "places of BUG() and WARN() (asm-generic/bug.h)"},
	{"__jump_table", "static keys (linux/jump_label.h)"},
	{"__kvm_ex_table", "the hypervisor's exception table (asm/kvm_asm.h)"},
	{hyprel.TableSection, "hypervisor relocations (gen-hyprel)"},
	{".note.gnu.property", "branch protection of the code"},
	{".discard.*", "the final link drops it (asm-generic/vmlinux.lds.h)"},
}

// allowedSections are the patterns of loaded sections that may be in the object
// although they are not the hypervisor's own.
func allowedSections(opts Options) []glob.Pattern {
	var list []glob.Pattern
	if !opts.NoDefaultSections {
		for _, d := range DefaultSections {
			list = append(list, glob.Stars(d.Pattern))
		}
	}
	for _, p := range opts.AllowedSections {
		list = append(list, glob.Stars(p))
	}
	return list
}

// matchesAny reports whether one of the patterns matches a name.
func matchesAny(patterns []glob.Pattern, name string) bool {
	return slices.ContainsFunc(patterns, func(p glob.Pattern) bool { return p.Match(name) })
}

// sections checks what needs section headers only.
func (c *checker) sections() error {
	for i, s := range c.o.Sections {
		if s == nil {
			continue
		}
		at := elfobj.SectionIndex(i)
		if s.Name == ".note.GNU-stack" && s.Flags&elf.SHF_EXECINSTR != 0 {
			c.add(&writeExecute, at, -1, Finding{Message: "asks for an executable stack",
				Fix: "add .section .note.GNU-stack,\"\",@progbits to the assembly source that has none"})
		}
		if !s.IsAlloc() || s.Size == 0 {
			continue
		}
		if s.Flags&(elf.SHF_WRITE|elf.SHF_EXECINSTR) == elf.SHF_WRITE|elf.SHF_EXECINSTR {
			c.add(&writeExecute, at, -1, Finding{Symbol: c.symbolAt(at, 0), Message: "is both writable and executable",
				Fix: "take the section attribute off the data or the code in it, or give them sections of their own"})
		}
		inScript, known := c.outputs[s.Name], c.outputs != nil
		switch {
		case matchesAny(c.allowed, s.Name):
		case known && !inScript:
			c.orphan(at, s)
		case c.isHyp(s):
		case known:
			c.add(&sectionPrefix, at, -1, Finding{Message: fmt.Sprintf("does not start with %s", c.opts.SectionPrefix),
				Fix: fmt.Sprintf("call the script's output section %s%s, or allow it with --allowed-section=%s", c.opts.SectionPrefix, s.Name, s.Name)})
		default:
			c.orphan(at, s)
		}
	}
	return nil
}

// orphan reports each variable and function of a section that is not the
// hypervisor's, or the section where it has none.
func (c *checker) orphan(at elfobj.SectionIndex, s *elfobj.Section) {
	why := fmt.Sprintf("stands in %s, which is no section of the linker script", s.Name)
	if c.outputs == nil {
		why = fmt.Sprintf("stands in %s, which is no section of the hypervisor (%s…)", s.Name, c.opts.SectionPrefix)
	}
	consequence := ": the hypervisor does not map it, and panics when it uses it"
	covered := uint64(0)
	for _, n := range c.places.Symbols(at) {
		sym := &c.o.Symbols[n]
		if sym.Value < covered && sym.Size > 0 {
			continue // a second name of the same bytes
		}
		covered = sym.Value + sym.Size
		f := Finding{Symbol: sym.Name, Message: fmt.Sprintf("%s %q%s %s%s", nounOf(sym, s), sym.Name, bytesOf(sym.Size), why, consequence), Fix: c.orphanFix(s)}
		f.Input, _ = c.origins.Symbol(n)
		c.add(&orphanSection, at, int64(sym.Value), f)
		c.uses.want(c, at, sym.Value, sym.Size)
	}
	if len(c.places.Symbols(at)) == 0 {
		c.add(&orphanSection, at, 0, Finding{Message: fmt.Sprintf("data without a name%s %s%s", bytesOf(s.Size), why, consequence), Fix: c.orphanFix(s)})
		c.uses.want(c, at, 0, s.Size)
	}
}

func bytesOf(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d bytes)", n)
}

// nounOf says what a symbol is, for people.
func nounOf(sym *elfobj.Symbol, s *elfobj.Section) string {
	switch sym.Type() {
	case elf.STT_FUNC, elf.STT_LOOS:
		return "function"
	case elf.STT_OBJECT:
		switch {
		case s == nil || s.Flags&elf.SHF_WRITE == 0:
			return "constant"
		case s.HasContents():
			return "initialised variable"
		}
		return "variable"
	case elf.STT_TLS:
		return "thread-local variable"
	case elf.STT_COMMON:
		return "common variable"
	}
	return "symbol"
}

// compilerTables are sections that an option of the compiler makes, whatever the
// source says.
var compilerTables = []struct{ pattern, fix string }{
	{".eh_frame*", "compile with -fno-asynchronous-unwind-tables -fno-unwind-tables"},
	{"__patchable_function_entries*", "compile without -fpatchable-function-entry and -pg (CC_FLAGS_FTRACE)"},
	{"__llvm_prf_*", "compile without -fprofile-generate and -fprofile-instr-generate"},
	{"__sancov_*", "compile without -fsanitize-coverage (KCOV)"},
	{".init_array*", "compile without sanitizers and constructors: nothing calls them"},
	{".fini_array*", "compile without sanitizers and destructors: nothing calls them"},
	{".ctors*", "compile without sanitizers and constructors: nothing calls them"},
	{".stack_sizes", "compile without -fstack-size-section"},
}

// tablePatterns are the patterns of compilerTables.
func tablePatterns() []glob.Pattern {
	list := make([]glob.Pattern, len(compilerTables))
	for i, t := range compilerTables {
		list[i] = glob.Stars(t.pattern)
	}
	return list
}

// orphanFix says how to get something out of a section.
func (c *checker) orphanFix(s *elfobj.Section) string {
	input := s.Name
	allow := fmt.Sprintf("or, when the host owns it, allow it with --allowed-section=%s", s.Name)
	for i := range c.tables {
		if c.tables[i].Match(input) {
			return compilerTables[i].fix
		}
	}
	switch {
	case s.Flags&elf.SHF_TLS != 0:
		return "use per-CPU instead of thread-local data"
	case s.Flags&elf.SHF_EXECINSTR != 0:
		return fmt.Sprintf("take the section attribute off, or add HYP_SECTION(%s) to the linker script, %s", input, allow)
	case s.Flags&elf.SHF_WRITE != 0:
		return fmt.Sprintf("make it const or __ro_after_init, set it at run time (then it is in .bss), or add HYP_SECTION(%s) to the linker script where the kernel has a place for it, %s", input, allow)
	}
	return fmt.Sprintf("add HYP_SECTION(%s) to the linker script, %s", input, allow)
}
