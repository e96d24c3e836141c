package machine

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// RelocKind is what a relocation asks for, as far as policy is concerned.
type RelocKind uint8

// Kinds of relocations.
const (
	KindUnknown  RelocKind = iota
	KindNone               // nothing
	KindAbsolute           // an absolute address
	KindRelative           // a distance or a page distance
	KindLow                // low bits of an address; position independent with its page part
	KindBranch             // a jump or a call
	KindGOT                // a slot of the global offset table
	KindTLS                // thread-local storage
	KindPLT                // a data reference through the procedure linkage table
	KindDynamic            // for the dynamic linker only
	KindPair               // half of a pair that is computed together (RISC-V ADD/SUB, relax marks)
)

var kindNames = [...]string{"unknown", "none", "absolute", "relative", "low", "branch", "GOT", "TLS", "PLT", "dynamic", "pair"}

// String is the kind's name for messages.
func (k RelocKind) String() string { return kindNames[k] }

// relocation is a type of relocation.
type relocation struct {
	number uint16
	name   string // without the machine's prefix
	kind   RelocKind
	field  uint8 // bytes at the place that the final link changes; 0 for a mark, which may be at a section's end
}

func (m *Machine) reloc(t uint32) (relocation, bool) {
	i, ok := slices.BinarySearchFunc(m.relocs, t, func(r relocation, t uint32) int { return cmp.Compare(uint32(r.number), t) })
	if !ok {
		return relocation{}, false
	}
	return m.relocs[i], true
}

// Fields holds, by number, one more than the size of each relocation type's
// field, and 0 for a number that the machine does not have. It is for loops over
// millions of relocations.
type Fields []uint8

func makeFields(relocs []relocation) Fields {
	f := make(Fields, relocs[len(relocs)-1].number+1)
	for _, r := range relocs {
		f[r.number] = r.field + 1
	}
	return f
}

// Has reports whether the machine has a relocation type.
func (f Fields) Has(t uint32) bool { return int(t) < len(f) && f[t] != 0 }

// Size is the number of bytes at its place that a relocation of a type changes:
// 0 for a mark, and for a type that the machine does not have.
func (f Fields) Size(t uint32) uint64 {
	if !f.Has(t) {
		return 0
	}
	return uint64(f[t] - 1)
}

// Fields returns the fields of the machine's relocations.
func (m *Machine) Fields() Fields { return m.fields }

// RelocField is Fields.Size.
func (m *Machine) RelocField(t uint32) uint64 { return m.fields.Size(t) }

// RelocName is the relocation's name in the processor's ABI, or its number.
func (m *Machine) RelocName(t uint32) string {
	if r, ok := m.reloc(t); ok {
		return m.prefix + r.name
	}
	return "type " + strconv.FormatUint(uint64(t), 10)
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

// RelocKind is what the relocation asks for, KindUnknown for one that is not
// in the table.
func (m *Machine) RelocKind(t uint32) RelocKind {
	r, _ := m.reloc(t)
	return r.kind
}
