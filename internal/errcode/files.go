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
)

// Errors of files.
const (
	// StdoutLost is standard output that cannot be written.
	StdoutLost Code = "E5101"
)

// Errors of what the check and other reports read.
const (
	// UnusedException is an exception of a policy that meets no finding.
	UnusedException Code = "E5201"
)
