// SPDX-License-Identifier: Apache-2.0

package errcode

// Errors of the text of a linker script.
const (
	// Unterminated is a comment, string or output section that does not end.
	Unterminated Code = "E2001"
	// NotPreprocessed is a script with directives of the C preprocessor.
	NotPreprocessed Code = "E2002"
	// BadCharacter is a character that has no meaning in a script.
	BadCharacter Code = "E2003"
	// BadNumber is a number that is malformed or too large.
	BadNumber Code = "E2004"
	// Unexpected is a word or operator that does not fit the grammar.
	Unexpected Code = "E2005"
	// Unsupported is a command or function that hyplink does not support.
	Unsupported Code = "E2006"
	// OneWord is text that GNU ld reads as one name, or as a number, where it looks like more.
	OneWord Code = "E2007"
	// BadPattern is a malformed pattern of names.
	BadPattern Code = "E2008"
	// BadSorting is a nesting of sorting words or KEEP that has no meaning.
	BadSorting Code = "E2009"
	// SecondDescription is an output section that is described twice.
	SecondDescription Code = "E2010"
	// BadDiscard is a description of /DISCARD/ with something other than input sections.
	BadDiscard Code = "E2011"
	// LocationCounter is a location counter where a symbol is needed.
	LocationCounter Code = "E2012"
	// AssemblerDirective is a script with a directive of the assembler.
	AssemblerDirective Code = "E2013"
	// TooComplex is a script that exceeds a limit of hyplink.
	TooComplex Code = "E2014"
	// BadCall is a call of an unknown function, or with a wrong number of arguments.
	BadCall Code = "E2015"
	// NoProgramHeader is an output section in a program header that does not exist.
	NoProgramHeader Code = "E2016"
	// NoInputFile is a file name in a script that no input has.
	NoInputFile Code = "E2017"
	// BadFill is a fill pattern that is not constant.
	BadFill Code = "E2018"
)

// Errors of evaluating a script.
const (
	// UndefinedInScript is a symbol without a definition in an expression.
	UndefinedInScript Code = "E2201"
	// NotLaidOut is an output section that an expression needs before it is laid out.
	NotLaidOut Code = "E2202"
	// Backwards is a location counter that moves backwards.
	Backwards Code = "E2203"
	// AssertionFailed is an ASSERT whose condition is false.
	AssertionFailed Code = "E2204"
	// NoLocation is a location counter in an expression where it has no value.
	NoLocation Code = "E2205"
	// AddressAsData is data of the script that is an address.
	AddressAsData Code = "E2206"
	// Arithmetic is an expression without a result: a division by zero, a bad shift or alignment.
	Arithmetic Code = "E2207"
)

// Errors of what a script does to a link.
const (
	// NoOutputSections is a script that describes no output section.
	NoOutputSections Code = "E2301"
	// NoMatch is a script of which no pattern matches an input section.
	NoMatch Code = "E2302"
	// Addresses is a script that gives a relocatable object an address.
	Addresses Code = "E2303"
	// TooFar is an alignment, or a step of the location counter, that is too large.
	TooFar Code = "E2304"
	// NoOutputSection is a symbol of the script in an output section that does not exist.
	NoOutputSection Code = "E2305"
	// Circular is a script whose symbols change with each layout.
	Circular Code = "E2306"
)
