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
	facts  facts
}

// facts is the number of bytes at the place that the final link changes, 0 for
// a mark, which may be at a section's end. What else there is to say of a few
// relocations is in the bits above: 4 | reach(28, 4).
type facts uint32

const (
	fieldMask = 0xff
	// split says that the distance is the sum of an upper part, which is rounded,
	// and of twelve signed bits, so that it reaches 2 KiB further back than its
	// bits say, and 2 KiB less far forward (AUIPC with JALR).
	split facts = 1 << 24
	// fromEnd says that the processor counts the distance from the end of the
	// field, where the instruction ends.
	fromEnd facts = 1 << 25
	// What hyp relocations have to do with it, where the kind does not say.
	hypShift          = 26
	hypListed   facts = facts(HypListed) << hypShift
	hypConstant facts = facts(HypConstant) << hypShift
	hypIgnored  facts = facts(HypIgnored) << hypShift
)

// reach says that a distance is a signed number of bits, counted in bytes, and a
// multiple of some.
func reach(bits, unit facts) facts { return bits<<8 | unit<<16 }

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
		f[r.number] = uint8(r.facts&fieldMask) + 1
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

// Reach is how far a distance may lead: from Back bytes before the place to
// Forward bytes after it, by a multiple of Unit.
type Reach struct{ Back, Forward, Unit int64 }

// Reach returns how far a relocation reaches. ok is false where that is no
// concern of the code: for data, and for whole addresses.
func (m *Machine) Reach(t uint32) (r Reach, ok bool) {
	rel, _ := m.reloc(t)
	bits, unit := rel.facts>>8&0xff, int64(rel.facts>>16&0xff)
	if bits == 0 {
		return Reach{}, false
	}
	limit := int64(1) << (bits - 1)
	r = Reach{Back: limit, Forward: limit - unit, Unit: unit}
	if rel.facts&split != 0 {
		r.Back, r.Forward = r.Back+1<<11, r.Forward-1<<11
	}
	return r, true
}

// Bias is what has to be added to a relocation's addend to get the distance from
// its symbol to the target: a compiler subtracts the bytes between the place and
// the end of the instruction, from which some processors count. That the field
// ends the instruction is true of nearly all (x86-64 psABI 4.4.1).
func (m *Machine) Bias(t uint32) int64 {
	if r, _ := m.reloc(t); r.facts&fromEnd != 0 {
		return int64(r.facts & fieldMask)
	}
	return 0
}

// HypRule is what a relocation in a hypervisor section means for .hyp.reloc, the
// table by which the arm64 kernel moves its hypervisor to other addresses.
type HypRule uint8

// Rules for hyp relocations.
const (
	HypRefused  HypRule = iota // it would be wrong at hypervisor addresses
	HypListed                  // the table has an entry for it
	HypConstant                // it is right when its symbol is a number, not an address
	HypIgnored                 // it is right at any address
)

// HypRule returns what a relocation means for .hyp.reloc. On a machine without
// hyp relocations, all are refused.
func (m *Machine) HypRule(t uint32) HypRule {
	r, _ := m.reloc(t)
	if rule := HypRule(r.facts >> hypShift & 3); rule != HypRefused || !m.HypRelocations {
		return rule
	}
	switch r.kind {
	case KindNone, KindRelative, KindLow, KindBranch, KindPair:
		return HypIgnored
	}
	return HypRefused
}
