package machine

import (
	"bytes"
	"debug/elf"
	"fmt"
)

// AttributeSet is the set of build attributes of an input.
type AttributeSet struct {
	Input string // its name, for messages
	Data  []byte // contents of the section
}

// AttributeError says what keeps sets of build attributes from being merged.
type AttributeError struct {
	Set          int   // index of the set that does
	Offset       int64 // bytes into it; negative when the whole is meant
	What, Advice string
}

// IsAttributes reports whether a section type is that of build attributes, of
// which an object has one set.
func (m *Machine) IsAttributes(t elf.SectionType) bool { return m.attributes != 0 && t == m.attributes }

// MergeAttributes makes one set of build attributes of several. They have to be
// equal, where the processor's ABI does not say how others go together.
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
