// SPDX-License-Identifier: Apache-2.0

package check

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// physicalOffset is what the kernel's hyp_pa adds to a hypervisor address to get a
// physical one (arch/arm64/include/asm/kvm_mmu.h).
const physicalOffset = "hyp_physvirt_offset"

// convertedBack reports whether code loads an address of a section from a literal
// pool, and converts it to a physical address at once, wherever it does so:
//
//	ldr	x30, =nvhe_hyp_panic_handler
//	adrp	x6, hyp_physvirt_offset
//	ldr	x6, [x6, :lo12:hyp_physvirt_offset]
//	add	x30, x30, x6
//
// Linux 5.12 to 5.19 has the address of the host's panic handler so (hyp_kimg_va
// in arch/arm64/kvm/hyp/nvhe/host.S): what the kernel converted to a hypervisor
// address becomes the host's again.
func (c *checker) convertedBack(at elfobj.SectionIndex, off uint64) (bool, error) {
	s, code := c.o.Sections[at], &c.o.Machine.Code
	if s.Flags&elf.SHF_EXECINSTR == 0 || !code.LoadsLiterals() {
		return false, nil
	}
	if c.conversions[at] == nil {
		places := map[uint64]bool{}
		for rel, err := range c.o.Relocations(s) {
			if err != nil {
				return false, err
			}
			if c.bare(c.o.SymbolName(rel.Symbol)) == physicalOffset {
				places[rel.Offset] = true
			}
		}
		if c.conversions == nil {
			c.conversions = map[elfobj.SectionIndex]map[uint64]bool{}
		}
		c.conversions[at] = places
	}
	places, text, loads := c.conversions[at], s.Contents(), 0
	if len(places) == 0 {
		return false, nil
	}
	for from := uint64(0); from+4 <= uint64(len(text)); from += 4 {
		register, target, ok := code.Literal(text[from:], int64(from))
		if !ok || target != int64(off) {
			continue
		}
		loads++
		if !places[from+4] || !places[from+8] || uint64(len(text)) < from+16 || !code.AddsTo(text[from+12:], register) {
			return false, nil
		}
	}
	return loads > 0, nil
}
