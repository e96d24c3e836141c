// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// addStackNote gives the first object an empty .note.GNU-stack where no object
// has one: of a result without, the final link would take it that the stack has
// to be executable. Where it goes is for the script to say, as for any other
// section. GNU ld does the same for -z noexecstack.
//
// Without that, and where the absence of the note means an executable stack, the
// note of the others says so, or what the absence says would be lost.
func (l *linker) addStackNote(objects []*elfobj.Object) error {
	var with, without *elfobj.Object
	for _, o := range objects {
		switch {
		case o.Section(elfobj.StackNoteSection) == nil && without == nil:
			without = o
		case o.Section(elfobj.StackNoteSection) != nil && with == nil:
			with = o
		}
	}
	switch {
	case l.opts.StackNote && with == nil && len(objects) > 0:
		objects[0].AddSection(&elfobj.Section{Name: elfobj.StackNoteSection, Object: objects[0], Type: elf.SHT_PROGBITS, Addralign: 1})
	case !l.opts.StackNote && with != nil && without != nil && without.Machine.StackByDefault:
		for i, s := range with.Sections {
			if s != nil && s.Name == elfobj.StackNoteSection {
				changed := *s
				changed.Flags |= elf.SHF_EXECINSTR
				with.Sections[i] = &changed
			}
		}
		l.warn(&elfobj.Error{
			Code: errcode.ExecutableStack, File: without.Name, Offset: -1, What: "has no " + elfobj.StackNoteSection + ", which means that it needs an executable stack, and so does the result",
			Advice: `add .section .note.GNU-stack,"",@progbits to its source, or link with 'hyplink ld -z noexecstack'`,
		})
	}
	return nil
}
