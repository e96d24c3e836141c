// SPDX-License-Identifier: Apache-2.0

package errcode

// Errors of prefixes and other renames, and of removing sections.
const (
	// SectionInUse is a section that is to be removed although something refers to it.
	SectionInUse Code = "E4001"
	// BadRename is a rename that is not an old and a new name.
	BadRename Code = "E4002"
	// RenameConflict is a set of renames of which two contradict each other.
	RenameConflict Code = "E4003"
	// BadName is a prefix or a name that is empty, or has characters that must be a mistake.
	BadName Code = "E4004"
	// SymbolClash is two symbols that would get one name.
	SymbolClash Code = "E4005"
	// SectionClash is two sections that would get one name.
	SectionClash Code = "E4006"
	// FormatTable is an option about a table that is made when an object is written.
	FormatTable Code = "E4007"
	// NotRelative is a processor without a relocation for 64-bit relative addresses.
	NotRelative Code = "E4008"
	// OldNames is a compiler's intermediate code, which keeps the old names.
	OldNames Code = "E4009"
	// ListedAddress is an address that an option changes although the table of hyp relocations lists it.
	ListedAddress Code = "E4010"
)
