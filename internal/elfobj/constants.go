// SPDX-License-Identifier: Apache-2.0

package elfobj

import "debug/elf"

// Names of sections that have a meaning of their own.
const (
	// StackNoteSection says by its flags whether code needs an executable stack.
	StackNoteSection = ".note.GNU-stack"
	// BuildIDSection has the build ID's note ("Using ld", --build-id).
	BuildIDSection = ".note.gnu.build-id"
	// PropertySection has GNU property notes, on branch protection for example
	// (Linux Extensions to gABI, "Program Property").
	PropertySection = ".note.gnu.property"
	// FrameSection has the frame records of functions.
	FrameSection = ".eh_frame"
	// RelocPrefix and a section's name are the name of its relocations.
	RelocPrefix = ".rela"
)

// Values for which debug/elf has no names, or only those of their range.
const (
	STBGNUUnique = elf.STB_LOOS             // STB_GNU_UNIQUE
	STTGNUIfunc  = elf.STT_LOOS             // STT_GNU_IFUNC
	SHFRetain    = elf.SectionFlag(1 << 21) // SHF_GNU_RETAIN
	SHFExclude   = elf.SectionFlag(1 << 31) // SHF_EXCLUDE
)

// Offsets of fields of the ELF header, for messages about them.
const (
	MachineOffset = 18 // e_machine
	FlagsOffset   = 48 // e_flags
)

// ChdrSize is the size of an Elf64_Chdr in bytes (gABI, "Section Compression").
const ChdrSize = 24

// MaxAlign is the largest alignment that is believed, in bytes. The largest page
// of any supported machine is 1 GiB.
const MaxAlign = 1 << 30

// What the first bytes of archives are.
const (
	ArchiveMagic     = "!<arch>\n"
	ThinArchiveMagic = "!<thin>\n"
)

// Damaged is the advice for contents that no compiler writes.
const Damaged = "the file is damaged or truncated: build it again"
