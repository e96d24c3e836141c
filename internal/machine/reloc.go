// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// RelocKind classifies relocations.
type RelocKind uint8

// Kinds of relocations.
const (
	KindUnknown  RelocKind = iota
	KindNone               // nothing
	KindAbsolute           // an absolute address
	KindRelative           // a PC-relative or page-relative address
	KindLow                // low bits of an address; position-independent together with its page
	KindBranch             // a jump or a call
	KindGOT                // a slot of the global offset table
	KindTLS                // thread-local storage
	KindPLT                // a data reference through the procedure linkage table
	KindDynamic            // for the dynamic linker only
	KindPair               // one of several for one field (RISC-V ADD/SUB), or a marker for relaxation
)

var kindNames = [...]string{"unknown", "none", "absolute", "relative", "low", "branch", "GOT", "TLS", "PLT", "dynamic", "pair"}

// String returns the kind's name for messages.
func (k RelocKind) String() string { return kindNames[k] }

// relocation is a relocation type.
type relocation struct {
	number uint16
	name   string // without the machine's prefix
	kind   RelocKind
	field  fieldInfo
}

// fieldInfo is the size in bytes of the field that the final link changes, or 0
// for a marker, which may be at a section's end. Higher bits have properties of
// some relocations, for example 4 | reach(28, 4).
type fieldInfo uint32

const (
	sizeMask = 0xff
	// splitField says that the distance is the sum of an upper part, which is
	// rounded, and of twelve signed bits (AUIPC and JALR). Its range extends 2 KiB
	// further back and 2 KiB less far forward than the number of bits says.
	splitField fieldInfo = 1 << 24
	// fromEnd says that the distance is relative to the end of the field, which is
	// the end of the instruction.
	fromEnd fieldInfo = 1 << 25
	// The HypRule, unless it follows from the kind.
	hypShift              = 26
	hypListed   fieldInfo = fieldInfo(HypListed) << hypShift
	hypConstant fieldInfo = fieldInfo(HypConstant) << hypShift
	hypIgnored  fieldInfo = fieldInfo(HypIgnored) << hypShift
	// anyStorage is the StorageAny of a relocation whose kind says otherwise.
	anyStorage fieldInfo = 1 << 28
)

// reach says that a distance in bytes is a signed number of a number of bits and a
// multiple of unit.
func reach(bits, unit fieldInfo) fieldInfo { return bits<<8 | unit<<16 }

func (m *Machine) reloc(t uint32) (relocation, bool) {
	i, ok := slices.BinarySearchFunc(m.relocs, t, func(r relocation, t uint32) int { return cmp.Compare(uint32(r.number), t) })
	if !ok {
		return relocation{}, false
	}
	return m.relocs[i], true
}

// Fields has the field of each relocation type, by number. It is for loops over
// millions of relocations.
type Fields []Field

// Field is what such loops need to know of a relocation type: the size of its
// field plus 1, and forThreads. It is 0 for unknown types.
type Field uint8

const forThreads Field = 0x80

func (m *Machine) makeFields() Fields {
	f := make(Fields, m.relocs[len(m.relocs)-1].number+1)
	for _, r := range m.relocs {
		f[r.number] = Field(r.field&sizeMask) + 1
		if m.Storage(uint32(r.number)) == StorageThreads {
			f[r.number] |= forThreads
		}
	}
	return f
}

// Of returns the field of a relocation type.
func (f Fields) Of(t uint32) Field {
	if uint64(t) < uint64(len(f)) {
		return f[t]
	}
	return 0
}

// Known reports whether the machine has the relocation type.
func (f Field) Known() bool { return f != 0 }

// Size returns the size of the field in bytes, or 0 for a marker or an unknown
// type.
func (f Field) Size() uint64 {
	if f &^= forThreads; f == 0 {
		return 0
	}
	return uint64(f) - 1
}

// ForThreads reports whether the Storage of the relocation type is StorageThreads.
func (f Field) ForThreads() bool { return f&forThreads != 0 }

// Fields returns the fields of the machine's relocations.
func (m *Machine) Fields() Fields { return m.fields() }

// RelocField returns Fields().Of(t).Size().
func (m *Machine) RelocField(t uint32) uint64 { return m.fields().Of(t).Size() }

// RelocName returns a relocation's name in the processor's ABI, or its number.
func (m *Machine) RelocName(t uint32) string {
	if r, ok := m.reloc(t); ok {
		return m.prefix + r.name
	}
	return "type " + strconv.FormatUint(uint64(t), 10)
}

// IsAddress reports whether the final link writes an address, or a part of one, for a
// relocation of a type, which is wrong if the code runs elsewhere.
func (m *Machine) IsAddress(t uint32) bool {
	r, ok := m.reloc(t)
	return ok && r.kind == KindAbsolute && r.field&anyStorage == 0 // the size of a symbol is none
}

// RelocNumber finds a relocation by its name, with or without the machine's
// prefix.
func (m *Machine) RelocNumber(name string) (uint32, bool) {
	name = strings.TrimPrefix(name, m.prefix)
	for _, r := range m.relocs {
		if r.name == name {
			return uint32(r.number), true
		}
	}
	return 0, false
}

// RelocKind returns the kind of a relocation.
func (m *Machine) RelocKind(t uint32) RelocKind {
	r, _ := m.reloc(t)
	return r.kind
}

// Reach is the range of a distance: from Back bytes before to Forward bytes after
// the relocated field, in multiples of Unit.
type Reach struct{ Back, Forward, Unit int64 }

// Reach returns the range of a relocation. ok is false if it has no limit, or is
// for data or a whole address.
func (m *Machine) Reach(t uint32) (r Reach, ok bool) {
	rel, _ := m.reloc(t)
	bits, unit := rel.field>>8&0xff, int64(rel.field>>16&0xff)
	if bits == 0 {
		return Reach{}, false
	}
	limit := int64(1) << (bits - 1)
	r = Reach{Back: limit, Forward: limit - unit, Unit: unit}
	if rel.field&splitField != 0 {
		r.Back, r.Forward = r.Back+1<<11, r.Forward-1<<11
	}
	return r, true
}

// Bias returns what to add to a relocation's addend to get the offset of the
// target from the symbol. On some processors distances are relative to the end of
// the instruction, so that compilers subtract the bytes from the field to there
// from the addend. In nearly all instructions the field is at the end (x86-64 psABI
// 4.4.1).
func (m *Machine) Bias(t uint32) int64 {
	if r, _ := m.reloc(t); r.field&fromEnd != 0 {
		return int64(r.field & sizeMask)
	}
	return 0
}

// Storage says to what data a relocation may refer.
type Storage uint8

// Kinds of storage.
const (
	StorageAny     Storage = iota // the relocation does not use an address
	StorageStatic                 // an address that all threads share
	StorageThreads                // thread-local storage
)

// Storage returns to what data a relocation may refer. The final link does not
// find out by itself: the offset of a thread-local variable and an address are
// both numbers.
func (m *Machine) Storage(t uint32) Storage {
	r, _ := m.reloc(t)
	if r.field&anyStorage != 0 {
		return StorageAny
	}
	switch r.kind {
	case KindTLS:
		return StorageThreads
	case KindUnknown, KindNone, KindPair, KindDynamic:
		return StorageAny // differences, among others
	}
	return StorageStatic
}

// HypRule says what a relocation in a hypervisor section means for .hyp.reloc, the
// table by which the arm64 kernel relocates its hypervisor.
type HypRule uint8

// Rules for hyp relocations.
const (
	HypRefused  HypRule = iota // it would be wrong at hypervisor addresses
	HypListed                  // the table has an entry for it
	HypConstant                // it is correct if its symbol is absolute
	HypIgnored                 // it is correct at any address
)

// HypRule returns the rule for a relocation. On a machine without hyp relocations,
// all are refused.
func (m *Machine) HypRule(t uint32) HypRule {
	r, _ := m.reloc(t)
	if rule := HypRule(r.field >> hypShift & 3); rule != HypRefused || !m.HypRelocations {
		return rule
	}
	switch r.kind {
	case KindNone, KindRelative, KindLow, KindBranch, KindPair:
		return HypIgnored
	}
	return HypRefused
}
