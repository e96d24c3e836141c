// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"cmp"
	"debug/elf"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// shadowCallStack checks what hypervisor code does with the register of shadow
// call stacks.
//
// nVHE code is compiled without one, but if the host has one, with the register
// reserved (-ffixed-x18): it has the host's value at EL2, which __host_exit saves.
// An access through it writes to an address of the host's.
func (c *checker) shadowCallStack() error {
	shadow := c.o.Machine.Code.ShadowStack
	if shadow == nil {
		return nil
	}
	code := c.codeRanges()
	for i, s := range c.o.Sections {
		at := elfobj.SectionIndex(i)
		if s == nil || !s.IsAlloc() || s.Flags&elf.SHF_EXECINSTR == 0 || s.Size == 0 || !c.isHyp(s) && !c.marked[at] {
			continue
		}
		text := s.Contents()
		for _, r := range code[at] {
			if c.opts.ShadowCallStack {
				c.clobbers(at, text[:r.end], r.start, shadow)
			} else {
				c.instrumented(at, text[:r.end], r.start, shadow)
			}
		}
	}
	return nil
}

// instrumented reports the first access to a shadow call stack in each function.
func (c *checker) instrumented(at elfobj.SectionIndex, text []byte, start uint64, shadow *machine.ShadowStack) {
	last, seen := uint32(0), false
	for off := start; off+4 <= uint64(len(text)); off += 4 {
		word, what := text[off:off+4], "pushes to"
		switch {
		case bytes.Equal(word, shadow.Push):
		case bytes.Equal(word, shadow.Pop):
			what = "pops from"
		default:
			continue
		}
		by, _ := c.places.At(at, off)
		if seen && by == last {
			continue
		}
		last, seen = by, true
		c.add(&shadowCalls, at, int64(off), Finding{
			Symbol:  c.symbolAt(at, off),
			Message: fmt.Sprintf("%s a shadow call stack through %s, which has the host's value at EL2", what, shadow.Name),
			Fix:     "compile without -fsanitize=shadow-call-stack (CC_FLAGS_SCS), or mark the function __noscs; if the hypervisor has a shadow call stack, set shadow_call_stack in check_policy (option --shadow-call-stack)",
		})
	}
}

// clobbers reports instructions that change the register, if hypervisor code has a
// shadow call stack.
func (c *checker) clobbers(at elfobj.SectionIndex, text []byte, start uint64, shadow *machine.ShadowStack) {
	code := &c.o.Machine.Code
	for off := start; off+4 <= uint64(len(text)); off += 4 {
		word := text[off : off+4]
		if !code.Changes(word, shadow.Register) || bytes.Equal(word, shadow.Push) || bytes.Equal(word, shadow.Pop) || code.RestoresRegisters(text[start:], int(off-start), shadow.Register) {
			continue
		}
		c.add(&shadowCalls, at, int64(off), Finding{
			Symbol:  c.symbolAt(at, off),
			Message: fmt.Sprintf("changes %s, the pointer to the shadow call stack: %s", shadow.Name, code.Disassemble(word, int64(off))),
			Fix:     fmt.Sprintf("compile with -ffixed-%s, and use another register in assembly; if the function saves and restores it, suppress this in check_policy", shadow.Name),
		})
	}
}

// codeRange is a part of a section that is code, and no data.
type codeRange struct{ start, end uint64 }

// codeRanges returns the code of each executable section, by its mapping symbols:
// from $x to the next $d or the section's end (AAELF64 5.5.4). Without any, all of
// a section is code.
func (c *checker) codeRanges() map[elfobj.SectionIndex][]codeRange {
	type mark struct {
		off  uint64
		code bool
	}
	prefixes := c.mappingPrefixes()
	marks := map[elfobj.SectionIndex][]mark{}
	for i := range c.o.Symbols {
		s := &c.o.Symbols[i]
		if s.Section <= 0 {
			continue
		}
		if prefix, name, ok := c.mapping(s); ok && prefixes[prefix] {
			marks[s.Section] = append(marks[s.Section], mark{s.Value, name[1] == 'x'})
		}
	}
	ranges := map[elfobj.SectionIndex][]codeRange{}
	for i, s := range c.o.Sections {
		at := elfobj.SectionIndex(i)
		if s == nil || s.Flags&elf.SHF_EXECINSTR == 0 || s.Size == 0 {
			continue
		}
		list, size := marks[at], s.Size
		if len(list) == 0 {
			ranges[at] = []codeRange{{0, size}}
		}
		slices.SortStableFunc(list, func(a, b mark) int { return cmp.Compare(a.off, b.off) })
		for i, m := range list {
			end := size
			if i+1 < len(list) {
				end = min(end, list[i+1].off)
			}
			if m.code && m.off < end {
				ranges[at] = append(ranges[at], codeRange{m.off, end})
			}
		}
	}
	return ranges
}

// mapping splits the name of a mapping symbol that may have been given a prefix,
// any, and the suffix of the object.
func (c *checker) mapping(s *elfobj.Symbol) (prefix, name string, ok bool) {
	dollar := strings.LastIndexByte(s.Name, '$')
	if dollar < 0 || !s.IsLocal() || s.Size != 0 || s.Type() != elf.STT_NOTYPE || s.IsDropped() {
		return "", "", false
	}
	bare := elfobj.Symbol{Name: strings.TrimSuffix(s.Name[dollar:], c.opts.SymbolSuffix), Info: s.Info}
	return s.Name[:dollar], bare.Name, bare.IsMapping()
}

// mappingPrefixes returns the prefixes of mapping symbols. Objects with different
// prefixes may have been linked together. A label such as f$d is no mapping symbol,
// unless there is a f$x.
func (c *checker) mappingPrefixes() map[string]bool {
	prefixes := map[string]bool{"": true, c.opts.SymbolPrefix: true}
	for i := range c.o.Symbols {
		if prefix, name, ok := c.mapping(&c.o.Symbols[i]); ok && name[1] == 'x' {
			prefixes[prefix] = true
		}
	}
	return prefixes
}
