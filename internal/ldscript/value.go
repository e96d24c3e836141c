// SPDX-License-Identifier: Apache-2.0

package ldscript

import "fmt"

// ValueKind says what the number of a Value is counted from.
type ValueKind uint8

// The kinds of values ("Using ld, Expression Section").
const (
	// PlainNumber takes the section of what it is combined with, and of the
	// output section when it is assigned to a symbol there.
	PlainNumber ValueKind = iota
	// Absolute is an address or a number that belongs to no section.
	Absolute
	// Relative is an offset from the start of an output section.
	Relative
)

// Value is the result of an expression.
type Value struct {
	Kind ValueKind
	// N is the number; for Relative the offset into Section.
	N uint64
	// Section is the output section's name for Relative, else empty.
	Section string
}

// Plain returns the plain number n.
func Plain(n uint64) Value { return Value{Kind: PlainNumber, N: n} }

// Abs returns the absolute value n.
func Abs(n uint64) Value { return Value{Kind: Absolute, N: n} }

// Rel returns the value at offset n of the output section.
func Rel(section string, n uint64) Value {
	return Value{Kind: Relative, N: n, Section: section}
}

// String formats v for people: 0x10, abs:0x10 or .hyp.text+0x10.
func (v Value) String() string {
	switch v.Kind {
	case Absolute:
		return fmt.Sprintf("abs:%#x", v.N)
	case Relative:
		return fmt.Sprintf("%s+%#x", v.Section, v.N)
	}
	return fmt.Sprintf("%#x", v.N)
}

// SectionInfo is what expressions can ask of an output section.
type SectionInfo struct {
	Addr  uint64 // address of its first byte
	Size  uint64 // bytes
	Align uint64 // alignment, a power of two; 0 and 1 both mean none
}

// Env is what an expression is evaluated in. The link engine gives it.
//
// Addresses need not be those of the output file: in a relocatable object, which has
// none, GNU ld evaluates with addresses that run through the output sections.
type Env interface {
	// Section returns the name of the output section being laid out, or "" when
	// the statement stands outside of output sections.
	Section() string
	// Dot returns the location counter as an address: inside an output section
	// that is the section's address plus the offset reached.
	Dot() uint64
	// DotSection returns the output section to which a symbol is bound that is
	// assigned from the location counter outside of output sections, or "" when
	// there is none. GNU ld takes the output section before the assignment, or
	// the next one if the location counter was assigned since; see the package
	// comment.
	DotSection() string
	// Defined reports whether an input defines a symbol, also as a common one or in a section that is discarded, or an assignment before this
	// expression does.
	Defined(name string) bool
	// Symbol returns the value of a defined symbol: Relative for one defined in
	// an input section (offset into its output section), Absolute for SHN_ABS.
	Symbol(name string) (v Value, ok bool)
	// SectionInfo returns what is known of the output section of that name. ok is
	// false for one that does not exist and for one whose size is not known yet.
	// (GNU ld moves the location counter by 0 for the latter, silently.)
	SectionInfo(name string) (info SectionInfo, ok bool)
}
