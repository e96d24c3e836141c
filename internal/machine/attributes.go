// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"debug/elf"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// AttributeSet is the build attributes of an input.
type AttributeSet struct {
	Input     string // its name, for messages
	Data      []byte // contents of the section
	BigEndian bool
}

// AttributeMerge is what the build attributes of an output are made of.
type AttributeMerge struct {
	Sets []AttributeSet // of the inputs that have one, in their order
	// Everywhere says that each input has a set.
	Everywhere bool
	// Property returns the value of a GNU property of the output, nil where it
	// has none. AttributeProperties of the sets are merged into that.
	Property func(typ uint32) []byte
}

// AttributeError says what keeps sets of build attributes from being merged, or
// what is lost by it.
type AttributeError struct {
	Set          int   // index of the set that does
	Offset       int64 // bytes into it; negative when the whole is meant
	Warning      bool  // there is a result all the same
	Code         errcode.Code
	What, Advice string
}

// AttributeProperty is what build attributes say as a GNU property says it.
type AttributeProperty struct {
	Type  uint32
	Value []byte
}

// IsAttributes reports whether a section type is that of build attributes, of
// which an object has one set.
func (m *Machine) IsAttributes(t elf.SectionType) bool { return m.attributes != 0 && t == m.attributes }

// AttributeProperties returns the GNU properties that mean the same as build
// attributes.
func (m *Machine) AttributeProperties(s AttributeSet) ([]AttributeProperty, *AttributeError) {
	if m.attributeProperties == nil {
		return nil, nil
	}
	return m.attributeProperties(s)
}

// MergeAttributes makes one set of build attributes of those of inputs; it is
// empty where nothing is left to say.
func (m *Machine) MergeAttributes(in AttributeMerge) (merged []byte, bad []AttributeError) {
	return m.mergeAttributes(in)
}

func damagedAttribute(offset int, format string, args ...any) *AttributeError {
	return &AttributeError{Code: errcode.DamagedAttributes, Offset: int64(offset), What: "build attributes: " + fmt.Sprintf(format, args...), Advice: "the file is damaged: build it again"}
}
