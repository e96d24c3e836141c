// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// addStackNote gives the first object an empty .note.GNU-stack where no object
// has one: of a result without, the final link would take it that the stack has
// to be executable. Where it goes is for the script to say, as for any other
// section. GNU ld does the same for -z noexecstack.
func (l *linker) addStackNote(objects []*elfobj.Object) error {
	if !l.opts.StackNote || len(objects) == 0 {
		return nil
	}
	for _, o := range objects {
		if o.Section(elfobj.StackNoteSection) != nil {
			return nil
		}
	}
	objects[0].AddSection(&elfobj.Section{Name: elfobj.StackNoteSection, Object: objects[0], Type: elf.SHT_PROGBITS, Addralign: 1})
	return nil
}
