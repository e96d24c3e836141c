// SPDX-License-Identifier: Apache-2.0

package errcode

// Errors of object files: what kind of file it is.
const (
	// EmptyObject is an object of no bytes.
	EmptyObject Code = "E1001"
	// NotELF is a file that is not an ELF file.
	NotELF Code = "E1002"
	// Truncated is an object whose end is missing.
	Truncated Code = "E1003"
	// Bitcode is an object with LLVM bitcode or GCC's intermediate code instead of machine code.
	Bitcode Code = "E1004"
	// ArchiveNotObject is an archive where an object is needed.
	ArchiveNotObject Code = "E1005"
	// Not64Bit is an object for a 32-bit target.
	Not64Bit Code = "E1006"
	// NotRelocatable is an ELF file that was linked already.
	NotRelocatable Code = "E1007"
	// UnknownMachine is an object for a processor that is not supported.
	UnknownMachine Code = "E1008"
)

// Errors of damaged objects, by what is damaged.
const (
	// DamagedHeader is an ELF header, or section header table, that contradicts itself.
	DamagedHeader Code = "E1101"
	// DamagedSection is a section header that contradicts the file.
	DamagedSection Code = "E1102"
	// DamagedSymbols is a symbol table that contradicts itself.
	DamagedSymbols Code = "E1103"
	// DamagedRelocations is a relocation, or a table of them, that contradicts the object.
	DamagedRelocations Code = "E1104"
	// DamagedGroup is a section group that contradicts the object.
	DamagedGroup Code = "E1105"
	// DamagedAttributes is a section of build attributes that contradicts itself.
	DamagedAttributes Code = "E1106"
	// DamagedProperties is a note of properties that contradicts itself.
	DamagedProperties Code = "E1107"
	// DamagedFrames is a stack trace section that contradicts itself.
	DamagedFrames Code = "E1108"
	// DamagedCompression is a compressed section that cannot be decompressed.
	DamagedCompression Code = "E1109"
)

// Errors of objects that are well-formed, but have what is not supported.
const (
	// SectionFlags is a section with flags whose meaning is not known.
	SectionFlags Code = "E1201"
	// SectionType is a section of a type that a partial link cannot handle.
	SectionType Code = "E1202"
	// RelocationTable is a table of relocations in a form that is not supported.
	RelocationTable Code = "E1203"
	// UnknownRelocation is a relocation whose type is not known.
	UnknownRelocation Code = "E1204"
	// ReservedSection is a symbol in a section number that is reserved.
	ReservedSection Code = "E1205"
	// ThreadLocal is a variable that is thread-local in one place and not in another.
	ThreadLocal Code = "E1206"
	// CallGraph is a call graph profile that is left out.
	CallGraph Code = "E1207"
	// UnknownAttributes are build attributes that are not known.
	UnknownAttributes Code = "E1208"
)

// Errors of the size of an object.
const (
	// TooManyZeros is an output that would consist of zeros for the most part.
	TooManyZeros Code = "E1301"
	// TooManyNames is an output with more sections, symbols or bytes of names than ELF can number.
	TooManyNames Code = "E1302"
)

// Errors of archives.
const (
	// DamagedArchive is an archive that contradicts itself.
	DamagedArchive Code = "E1401"
	// NestedArchive is a thin archive that refers to members of another one.
	NestedArchive Code = "E1402"
	// NotAnObject is an archive member that is no object and that is left out.
	NotAnObject Code = "E1403"
)

// Errors of maps and of other views of an object.
const (
	// NotAMap is a file that is not a map of a link.
	NotAMap Code = "E1501"
	// OtherMap is a map of another link.
	OtherMap Code = "E1502"
	// KernelSymbols is a kernel whose symbols or debug information cannot be read.
	KernelSymbols Code = "E1503"
)
