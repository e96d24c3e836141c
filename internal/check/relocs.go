// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// relocations makes one pass over the relocations of loaded sections. It checks
// their types and ranges, finds the uses of what earlier findings are about, and
// collects the addresses that .hyp.reloc must list.
func (c *checker) relocations() error {
	tracking := c.uses.tracking()
	converted := c.hasHypRelocations()
	relocated := c.opts.SectionPrefix != "" || converted
	for _, at := range c.o.RelocOrder() { // that of .hyp.reloc
		s := c.o.Sections[at]
		if !s.IsAlloc() || s.RelocCount() == 0 {
			continue
		}
		hyp := c.isHyp(s) || c.marked[at]
		// Without a prefix, sections are the hypervisor's even if nothing
		// relocates it. What the script marks is moved, whatever its name.
		moved := hyp && relocated || c.marked[at]
		for rel, err := range c.o.Relocations(s) {
			if err != nil {
				return err
			}
			if tracking {
				c.uses.record(c, at, &rel)
			}
			absolute := c.opts.NoAbsolute && c.o.Machine.IsAddress(rel.Type) && c.o.Symbols[rel.Symbol].Section != elfobj.Absolute
			if absolute {
				c.absolute(at, &rel)
			}
			switch v := verdictOn(c.o.Machine, rel.Type, hyp); {
			case v == listed && moved && s.Name != hyprel.TableSection:
				c.pointers = append(c.pointers, pointer{at, rel.Offset})
				if converted {
					if err := c.foreign(at, &rel); err != nil {
						return err
					}
				}
			case v == constant && (!moved || c.o.Symbols[rel.Symbol].IsNumber()):
			case absolute:
			case v == refused || v == constant:
				c.badType(at, &rel)
			}
			c.reach(at, &rel)
		}
	}
	return nil
}

// badType reports a relocation that would be wrong at run time.
func (c *checker) badType(at elfobj.SectionIndex, rel *elfobj.Reloc) {
	m := c.o.Machine
	why := "which is wrong at hypervisor addresses"
	fix := "use a relative reference, or a 64-bit pointer in data, which .hyp.reloc can list"
	switch m.RelocKind(rel.Type) {
	case machine.KindGOT:
		why, fix = "which needs a global offset table", "compile with -fno-pic; with clang, -fdirect-access-external-data as well"
	case machine.KindPLT:
		why, fix = "which needs a procedure linkage table", "compile with -fno-pic"
	case machine.KindTLS:
		why, fix = "which needs thread-local storage", "use per-CPU instead of thread-local data"
	case machine.KindDynamic:
		why, fix = "which only a dynamic linker resolves", "use objects that were compiled with -c"
	case machine.KindUnknown:
		why, fix = "which is unknown", "compile without the extension that emits it"
	}
	c.add(&relocationType, at, int64(rel.Offset), Finding{
		Symbol: c.symbolAt(at, rel.Offset), Target: c.o.SymbolName(rel.Symbol),
		Message: fmt.Sprintf("relocation %s against %q, %s", m.RelocName(rel.Type), c.o.SymbolName(rel.Symbol), why), Fix: fix,
	})
}

// absolute reports an address in a section that may have none.
func (c *checker) absolute(at elfobj.SectionIndex, rel *elfobj.Reloc) {
	target := c.o.SymbolName(rel.Symbol)
	c.add(&absoluteRelocation, at, int64(rel.Offset), Finding{
		Symbol: c.symbolAt(at, rel.Offset), Target: target,
		Message: fmt.Sprintf("relocation %s against %q is an absolute address, and the code does not run at its link address", c.o.Machine.RelocName(rel.Type), target),
		Fix:     "compute the address by code (-fpie), or put the data into a section whose addresses are made relative (--relative-section)",
	})
}

// foreign reports an address that .hyp.reloc lists although the object does not
// have what is there. The kernel converts all entries to hypervisor addresses
// (kvm_apply_hyp_relocations), a host symbol's and a number too.
func (c *checker) foreign(at elfobj.SectionIndex, rel *elfobj.Reloc) error {
	s := &c.o.Symbols[rel.Symbol]
	if !s.IsNumber() {
		return nil
	}
	if s.Section == elfobj.Undefined {
		if back, err := c.convertedBack(at, rel.Offset); back || err != nil {
			return err
		}
	}
	name := c.o.SymbolName(rel.Symbol)
	f := Finding{
		Symbol: c.symbolAt(at, rel.Offset), Target: name,
		Message: fmt.Sprintf("holds the address of %q, which the host defines: the kernel converts it to a hypervisor address at boot, where the host's memory need not be mapped", name),
		Fix:     "take the address in hypervisor code, PC-relative, or let the host pass it; if the host maps it at EL2, suppress this in check_policy",
	}
	if s.Section == elfobj.Absolute {
		f.Message = fmt.Sprintf("holds the number %q as an address: the kernel adds the hypervisor's offset to it at boot", name)
		f.Fix = "define it as a constant of the source (an immediate, or .quad with its value) instead of an absolute symbol"
	}
	c.add(&hostAddress, at, int64(rel.Offset), f)
	return nil
}

// reach checks that a relocation reaches a target in the same section. The
// distance to other targets is only known in the final link, which checks it.
func (c *checker) reach(at elfobj.SectionIndex, rel *elfobj.Reloc) {
	sym := &c.o.Symbols[rel.Symbol]
	if sym.Section != at {
		return
	}
	r, ok := c.o.Machine.Reach(rel.Type)
	if !ok {
		return
	}
	distance := int64(sym.Value + uint64(rel.Addend) - rel.Offset)
	what := ""
	switch {
	case distance < -r.Back || distance > r.Forward:
		what = fmt.Sprintf("%d bytes away, out of its range of %d", distance, r.Back)
	case distance%r.Unit != 0:
		what = fmt.Sprintf("%d bytes away, which is not a multiple of %d", distance, r.Unit)
	default:
		return
	}
	c.add(&branchRange, at, int64(rel.Offset), Finding{
		Symbol: c.symbolAt(at, rel.Offset), Target: c.o.SymbolName(rel.Symbol),
		Message: fmt.Sprintf("the target of %s, %q%+d, is %s", c.o.Machine.RelocName(rel.Type), c.o.SymbolName(rel.Symbol), rel.Addend, what),
		Fix:     "move the two closer together in the link order, or branch through a register or an unconditional branch",
	})
}
