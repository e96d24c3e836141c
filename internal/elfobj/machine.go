package elfobj

import (
	"cmp"
	"debug/elf"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Machine is what the linker needs to know of a processor. It is a table: no
// other package tests for a machine by number.
type Machine struct {
	ELF  elf.Machine
	Name string // "AArch64"
	// None is the relocation that does nothing.
	None uint32
	// Abs64 and Prel32 are the relocations of .hyp.reloc's making: a 64-bit
	// address, and a 32-bit distance from the place. Zero where the machine
	// has no hyp relocations.
	Abs64, Prel32 uint32
	// Relax marks an instruction that the final link may shorten, and Align
	// padding that it then adjusts; zero on machines whose linkers do neither.
	Relax, Align uint32
	// BigEndian says that big-endian objects of the machine exist.
	BigEndian bool
	// CodeFill is what padding between pieces of code repeats where a linker
	// script does not say: instructions that do nothing.
	CodeFill []byte
	prefix   string      // of the relocations' names
	relocs   []relocInfo // in order of number
	fields   fieldSizes  // of relocs, see init
}

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

type relocInfo struct {
	number uint16
	name   string // without the machine's prefix
	kind   RelocKind
	field  uint8 // bytes at the place that the final link changes; 0 for a mark, which may stand at a section's end
}

func (m *Machine) reloc(t uint32) (relocInfo, bool) {
	i, ok := slices.BinarySearchFunc(m.relocs, t, func(r relocInfo, t uint32) int { return cmp.Compare(uint32(r.number), t) })
	if !ok {
		return relocInfo{}, false
	}
	return m.relocs[i], true
}

// fieldSizes holds, by number, one more than the field of each relocation type,
// and 0 for a number that the machine does not have, for loops over millions.
type fieldSizes []uint8

func init() {
	for _, m := range []*Machine{aarch64, x86_64, riscv64} {
		m.fields = make(fieldSizes, m.relocs[len(m.relocs)-1].number+1)
		for _, r := range m.relocs {
			m.fields[r.number] = r.field + 1
		}
	}
}

func (f fieldSizes) has(t uint32) bool { return int(t) < len(f) && f[t] != 0 }

// of is the size of a type's field in bytes, 0 for a type that is not there.
func (f fieldSizes) of(t uint32) uint64 {
	if !f.has(t) {
		return 0
	}
	return uint64(f[t] - 1)
}

// RelocName is the relocation's name in the processor's ABI, or its number.
func (m *Machine) RelocName(t uint32) string {
	if r, ok := m.reloc(t); ok {
		return m.prefix + r.name
	}
	return "type " + itoa(uint64(t))
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

// RelocField is the number of bytes at its place that the relocation changes: 0
// for a mark, and for a type that is not in the table.
func (m *Machine) RelocField(t uint32) uint64 { return m.fields.of(t) }

// MachineFor returns the table of a machine, nil for one that is not supported.
func MachineFor(m elf.Machine) *Machine {
	switch m {
	case elf.EM_AARCH64:
		return aarch64
	case elf.EM_X86_64:
		return x86_64
	case elf.EM_RISCV:
		return riscv64
	}
	return nil
}

// MergeFlags merges the e_flags of two objects that are linked together. The
// error says what of b differs from a in a way that a link cannot mend.
func (m *Machine) MergeFlags(a, b uint32) (uint32, error) {
	if m.ELF != elf.EM_RISCV {
		if a != b {
			return a, fmt.Errorf("processor flags are %#x, want %#x", b, a)
		}
		return a, nil
	}
	// RISC-V psABI, "File Header": the float ABI and RVE must agree, the use
	// of compressed instructions and of total store ordering spreads.
	const floatABI, rve, spread = 0x6, 0x8, 0x1 | 0x10
	if a&floatABI != b&floatABI {
		return a, fmt.Errorf("floating-point ABI is %#x, want %#x", b&floatABI, a&floatABI)
	}
	if a&rve != b&rve {
		return a, errors.New("number of registers (RVE) differs")
	}
	if unknown := (a | b) &^ (floatABI | rve | spread); unknown != 0 {
		return a, fmt.Errorf("unknown processor flags %#x", unknown)
	}
	return a | b&spread, nil
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }
