// SPDX-License-Identifier: Apache-2.0

package errcode

// Errors of the command line.
const (
	// UnknownCommand is a first argument that is no command of the program.
	UnknownCommand Code = "E5001"
	// UnknownOption is an option that the command does not take.
	UnknownOption Code = "E5002"
	// OptionSyntax is an option without its value, or with one where it has none.
	OptionSyntax Code = "E5003"
	// OptionValue is a value that the option does not take.
	OptionValue Code = "E5004"
	// Operands is a wrong number of files or objects.
	Operands Code = "E5005"
	// NoOutput is a command line without an output file.
	NoOutput Code = "E5006"
	// OptionsDisagree is a set of options that exclude or need each other.
	OptionsDisagree Code = "E5007"
	// OutputIsInput is an output that would replace an input or another output.
	OutputIsInput Code = "E5008"
	// ResponseFiles is a response file that names itself, or too many others.
	ResponseFiles Code = "E5009"
	// UnknownError is an identifier that no error has.
	UnknownError Code = "E5010"
)

// Errors of files.
const (
	// StdoutLost is standard output that cannot be written.
	StdoutLost Code = "E5101"
	// FileNotOpened is a file that does not exist or may not be read.
	FileNotOpened Code = "E5102"
	// FileNotRead is an open file that the system cannot read or map.
	FileNotRead Code = "E5103"
	// FileKind is a directory, device or FIFO where another kind of file is needed.
	FileKind Code = "E5104"
	// FileNotWritten is an output that the system does not let us write.
	FileNotWritten Code = "E5105"
	// FileChanged is an input that was written to while it was read.
	FileChanged Code = "E5106"
	// NotText is a binary file where text is needed.
	NotText Code = "E5107"
)

// Errors of what the check and other reports read, and limits of reports.
const (
	// UnusedException is an exception of a policy that meets no finding.
	UnusedException Code = "E5201"
	// TooLarge is an object that grew by more than --max-growth allows.
	TooLarge Code = "E5202"
	// PolicyFile is a file that a policy names and the check cannot use.
	PolicyFile Code = "E5203"
	// BadPolicy is a malformed policy.
	BadPolicy Code = "E5204"
	// NameList is a malformed list of symbol names.
	NameList Code = "E5205"
	// HostEvents is a file without the host's tracing events.
	HostEvents Code = "E5206"
)
