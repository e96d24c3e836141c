// SPDX-License-Identifier: Apache-2.0

package errcode

// Errors of inputs that do not fit together.
const (
	// OtherABI is an input for another ABI, or with other processor options, than the others.
	OtherABI Code = "E3001"
	// OtherMachine is an input for another processor or byte order than the others or the command line.
	OtherMachine Code = "E3002"
	// NothingToLink is a command line of archives of which no member is needed.
	NothingToLink Code = "E3003"
	// OtherProperty is an input whose GNU properties contradict those of another, or its own attributes.
	OtherProperty Code = "E3004"
)

// Errors of symbols.
const (
	// DuplicateSymbol is a symbol that two inputs, or an input and the script, define.
	DuplicateSymbol Code = "E3101"
	// CommonSymbol is a common symbol in a link that must have none.
	CommonSymbol Code = "E3102"
	// DiscardedReference is a relocation that refers to a section that is not in the output.
	DiscardedReference Code = "E3103"
	// CommonMismatch is a definition that is smaller, or aligned less, than a common symbol that it replaces.
	CommonMismatch Code = "E3104"
)

// Errors of sections.
const (
	// Orphan is a loaded section that the script does not name.
	Orphan Code = "E3201"
	// MixedOutput is an output section with input sections that cannot be in one.
	MixedOutput Code = "E3202"
	// GroupRefused is a section group in a link that must have none.
	GroupRefused Code = "E3203"
	// LivePatch is a finished live patch, which cannot be linked.
	LivePatch Code = "E3204"
	// UnsupportedFrames is a stack trace section in a format that is not supported.
	UnsupportedFrames Code = "E3205"
	// FrameGap is a gap that a script leaves between stack traces.
	FrameGap Code = "E3206"
	// CutReference is a reference by a symbol and an addend across something that was removed from the section.
	CutReference Code = "E3207"
)

// Warnings of a link about what it leaves out.
const (
	// IntermediateCode is a compiler's intermediate code that is left out.
	IntermediateCode Code = "E3301"
	// ExcludedSection is a section that the script puts into the output, though it is not for linked programs.
	ExcludedSection Code = "E3302"
	// BuildIDDiscarded is a build ID that the script discards.
	BuildIDDiscarded Code = "E3303"
	// Unmergeable is a section that tools expect once, and that cannot be merged with those of other inputs.
	Unmergeable Code = "E3304"
	// FatalWarnings is a link that gave warnings and must give none.
	FatalWarnings Code = "E3305"
	// WeakLost is a weak symbol whose only definition is in a copy of a group that is left out.
	WeakLost Code = "E3306"
	// ExecutableStack is an object without .note.GNU-stack, beside objects with one.
	ExecutableStack Code = "E3307"
)

// Errors of hyp relocations.
const (
	// NoHypRelocations is an object for a processor that has no hyp relocations.
	NoHypRelocations Code = "E3401"
	// HypRelocationsTwice is an object that has hyp relocations already.
	HypRelocationsTwice Code = "E3402"
	// HypSectionSymbol is a hypervisor section with addresses, but no symbol at its start.
	HypSectionSymbol Code = "E3403"
	// HypRelocationKind is a relocation that would be wrong at hypervisor addresses.
	HypRelocationKind Code = "E3404"
	// HypSectionPrefix is a section with addresses whose name does not start as those of hypervisor sections do.
	HypSectionPrefix Code = "E3405"
)

// Errors of hyplink itself.
const (
	// Internal is a bug of hyplink that its own checks found.
	Internal Code = "E3901"
)
