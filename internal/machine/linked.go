// SPDX-License-Identifier: Apache-2.0

package machine

// Linked is what a relocated field says, after the final link, about the address
// that it refers to: the bits of Value that Mask has.
type Linked struct{ Value, Mask uint64 }

// Agrees reports whether the field may refer to an address.
func (l Linked) Agrees(address uint64) bool { return (address^l.Value)&l.Mask == 0 }

// Whole reports whether the field alone says which address it refers to.
func (l Linked) Whole() bool { return l.Mask == ^uint64(0) }

// linkedField is how a linker stores an address in a field, which is read as a
// little-endian number.
type linkedField struct {
	bits   uint64 // that the linker changes
	decode func(field, place uint64) Linked
}

// FieldBits returns the bits of a relocation's field that a linker changes. The
// field is read as a little-endian number of RelocField bytes. ok is false if the
// type is not one of those that Linked reads.
func (m *Machine) FieldBits(t uint32) (bits uint64, ok bool) {
	f, ok := m.linked[t]
	return f.bits, ok
}

// Linked reads a field, which is at the address place, after the final link. The
// type must be one of those that FieldBits knows.
func (m *Machine) Linked(t uint32, field, place uint64) Linked {
	return m.linked[t].decode(field, place)
}

// ReadsLinked reports whether fields of the machine can be read after the final
// link.
func (m *Machine) ReadsLinked() bool { return len(m.linked) > 0 }

// Rewrite is what a linker may make of an instruction that it does not just
// relocate.
type Rewrite struct {
	// What names the rule, for reports.
	What string
	// Start and Size are of the code that the linker added, if any.
	Start, Size uint64
}

// Rewritten recognises what a linker made of a relocated instruction at the
// address place. want is the instruction with its field unrelocated; have is the
// one there is; target is what it is to refer to. code returns the bytes at an
// address, or nil. The rule is recognised as a whole: where the result does not do
// exactly what want does with target, ok is false.
func (m *Machine) Rewritten(t uint32, want, have uint32, place, target uint64, code func(address uint64, size int) []byte) (r Rewrite, ok bool) {
	if m.rewritten == nil {
		return Rewrite{}, false
	}
	return m.rewritten(t, want, have, place, target, code)
}
