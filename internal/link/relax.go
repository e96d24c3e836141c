// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// On a machine whose final link shortens instructions (RISC-V psABI, "Linker
// Relaxation"), plain padding between input sections would no longer align what
// follows once something before it has shrunk. So where an input section may
// shrink, the next one is preceded by as much padding as could ever be needed, under an
// alignment relocation that has the final link remove what is too much: what
// an assembler does for .balign. GNU ld -r leaves plain padding, and the code
// after it may end up misaligned.

// relaxPad is the adjustable padding that an input section needs before it, in
// bytes; 0 when plain padding does.
func (l *linker) relaxPad(o *output, isec *inputSection, align uint64) (pad uint64) {
	m := isec.in.obj.Machine
	if m.Align == 0 || isec.sec.Flags&elf.SHF_EXECINSTR == 0 {
		return 0
	}
	step := uint64(len(l.codeFill())) // instructions are at least this long
	if o.relaxed && align > step && isec.size() > 0 && !isec.alignsItself(m, align-step) {
		pad = align - step
	}
	o.relaxed = o.relaxed || isec.relaxable(m)
	return pad
}

// alignsItself reports whether the input section starts with adjustable padding of its
// own, as an assembler writes for an alignment directive.
func (isec *inputSection) alignsItself(m *machine.Machine, pad uint64) bool {
	for _, rel := range isec.in.obj.RawRelocs(isec.sec) {
		if rel.Type == m.Align && rel.Offset == 0 && rel.Addend >= int64(pad) {
			return true
		}
	}
	return false
}

// relaxable reports whether the final link may change the input section's size.
func (isec *inputSection) relaxable(m *machine.Machine) bool {
	for _, rel := range isec.in.obj.RawRelocs(isec.sec) {
		if rel.Type == m.Relax || rel.Type == m.Align {
			return true
		}
	}
	return false
}

// alignPad is adjustable padding. The addend of its relocation is the padding's
// size; the alignment is the next power of two.
func (l *linker) alignPad(size uint64) *elfobj.Section {
	return &elfobj.Section{
		Type: elf.SHT_PROGBITS, Size: size, Data: repeatable(l.codeFill(), size),
		Relocs: elfobj.EncodeRelocs([]elfobj.Reloc{{Type: l.out.Machine.Align, Addend: int64(size)}}, l.out.BigEndian),
	}
}
