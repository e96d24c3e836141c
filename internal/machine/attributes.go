package machine

import (
	"bytes"
	"debug/elf"
	"fmt"
)

// AttributeSet is the build attributes of an input.
type AttributeSet struct {
	Input string // name for messages
	Data  []byte // contents of the section
}

// AttributeError is an error in merging build attributes.
type AttributeError struct {
	Set          int   // index of the set with the error
	Offset       int64 // in bytes, or negative
	What, Advice string
}

// IsAttributes reports whether sections of a type have build attributes.
func (m *Machine) IsAttributes(t elf.SectionType) bool { return m.attributes != 0 && t == m.attributes }

// MergeAttributes merges the build attributes of several inputs. They must be
// equal unless the processor's ABI says how to merge them.
func (m *Machine) MergeAttributes(sets []AttributeSet) (merged []byte, bad []AttributeError) {
	if m.mergeAttributes != nil {
		return m.mergeAttributes(sets)
	}
	for _, s := range sets[1:] {
		if !bytes.Equal(s.Data, sets[0].Data) {
			return nil, []AttributeError{{Set: 0, Offset: -1, Advice: "compile all inputs with the same options",
				What: fmt.Sprintf("build attributes differ from those of %s and cannot be merged", s.Input)}}
		}
	}
	return sets[0].Data, nil
}
