// SPDX-License-Identifier: Apache-2.0

package check

import (
	"debug/elf"
	"fmt"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/glob"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
)

// DefaultSections are the loaded sections of a hypervisor object that belong to
// the host: tables by which it patches or describes hypervisor code. The
// kernel's linker script places them. Objects of Linux 6.1, 6.12 and 7.2 have no
// others.
var DefaultSections = []struct{ Pattern, Why string }{
	{".altinstructions", "instructions that the host replaces at boot (asm/alternative.h)"},
	{"__bug_table", "locations of BUG() and WARN() (asm-generic/bug.h)"},
	{"__jump_table", "static keys (linux/jump_label.h)"},
	{"__kvm_ex_table", "the hypervisor's exception table (asm/kvm_asm.h)"},
	{hyprel.TableSection, "hypervisor relocations (gen-hyprel)"},
	{elfobj.PropertySection, "branch protection of the code"},
	{".discard.*", "discarded by the final link (asm-generic/vmlinux.lds.h)"},
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

// sections makes the checks that only need section headers.
func (c *checker) sections() error {
	for i, s := range c.o.Sections {
		if s == nil {
			continue
		}
		at := elfobj.SectionIndex(i)
		if s.Name == elfobj.StackNoteSection && s.Flags&elf.SHF_EXECINSTR != 0 {
			c.add(&writeExecute, at, -1, Finding{
				Message: "requests an executable stack",
				Fix:     "add .section .note.GNU-stack,\"\",@progbits to the assembly source that lacks it",
			})
		}
		if !s.IsAlloc() || s.Size == 0 {
			continue
		}
		if s.Flags&(elf.SHF_WRITE|elf.SHF_EXECINSTR) == elf.SHF_WRITE|elf.SHF_EXECINSTR {
			c.add(&writeExecute, at, -1, Finding{
				Symbol: c.symbolAt(at, 0), Message: "is both writable and executable",
				Fix: "remove the section attribute from the data or the code in it, or put them into separate sections",
			})
		}
		inScript, known := c.outputs[s.Name], c.outputs != nil
		switch {
		case matchesAny(c.allowed, s.Name):
		case known && !inScript:
			c.orphan(at, s)
		case c.isHyp(s):
		case known:
			c.add(&sectionPrefix, at, -1, Finding{
				Message: fmt.Sprintf("does not start with %s", c.opts.SectionPrefix),
				Fix: fmt.Sprintf("rename the script's output section to %s%s, or %s; if all sections have another prefix, set hyp_section_prefix (option --section-prefix)",
					c.opts.SectionPrefix, s.Name, allowSection(s.Name)),
			})
		default:
			c.orphan(at, s)
		}
	}
	return nil
}

// orphan reports each variable and function in a section that the hypervisor
// does not map, or the section itself if it has no symbols.
func (c *checker) orphan(at elfobj.SectionIndex, s *elfobj.Section) {
	why := fmt.Sprintf("is in %s, which is not an output section of the linker script", s.Name)
	if c.outputs == nil {
		why = fmt.Sprintf("is in %s, which is not a hypervisor section (%s…)", s.Name, c.opts.SectionPrefix)
	}
	consequence := ": the hypervisor does not map it and panics when it uses it"
	covered := uint64(0)
	for _, n := range c.places.Symbols(at) {
		sym := &c.o.Symbols[n]
		if sym.Value < covered && sym.Size > 0 {
			continue // an alias
		}
		covered = sym.Value + sym.Size
		f := Finding{Symbol: sym.Name, Message: fmt.Sprintf("%s %q%s %s%s", kindOf(sym, s), sym.Name, sizeSuffix(sym.Size), why, consequence), Fix: c.orphanFix(s)}
		f.Input, _ = c.origins.Symbol(n)
		c.add(&orphanSection, at, int64(sym.Value), f)
		c.uses.track(c, at, sym.Value, sym.Size)
	}
	if len(c.places.Symbols(at)) == 0 {
		c.add(&orphanSection, at, 0, Finding{Message: fmt.Sprintf("data without a symbol%s %s%s", sizeSuffix(s.Size), why, consequence), Fix: c.orphanFix(s)})
		c.uses.track(c, at, 0, s.Size)
	}
}

func sizeSuffix(n uint64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d bytes)", n)
}

// kindOf says what a symbol is, for messages.
func kindOf(sym *elfobj.Symbol, s *elfobj.Section) string {
	switch sym.Type() {
	case elf.STT_FUNC, elfobj.STTGNUIfunc:
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

// compilerTables are sections that the compiler emits because of an option, not
// because of the source.
var compilerTables = []struct{ pattern, fix string }{
	{".eh_frame*", "compile with -fno-asynchronous-unwind-tables -fno-unwind-tables; in assembly with .cfi directives, write .cfi_sections .debug_frame"},
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

// allowSection says how to allow a section, in a BUILD file and on a command line.
func allowSection(name string) string {
	return fmt.Sprintf("add %q to allowed_sections (option --allowed-section=%s)", name, name)
}

// orphanFix says how to avoid an orphan section.
func (c *checker) orphanFix(s *elfobj.Section) string {
	allow := "or, if the host owns it, " + allowSection(s.Name)
	for i := range c.tables {
		if c.tables[i].Match(s.Name) {
			return compilerTables[i].fix
		}
	}
	switch {
	case s.Flags&elf.SHF_TLS != 0:
		return "use per-CPU instead of thread-local data"
	case s.Flags&elf.SHF_EXECINSTR != 0:
		return fmt.Sprintf("remove the section attribute, or add HYP_SECTION(%s) to the linker script, %s", s.Name, allow)
	case s.Flags&elf.SHF_WRITE != 0:
		return fmt.Sprintf("make it const or __ro_after_init, initialise it at run time (then it is in .bss), or add HYP_SECTION(%s) to the linker script if the kernel's script places it, %s", s.Name, allow)
	}
	return fmt.Sprintf("add HYP_SECTION(%s) to the linker script, %s", s.Name, allow)
}
