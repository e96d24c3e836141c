// SPDX-License-Identifier: Apache-2.0

package ldscript

// What GNU ld knows and this package refuses, with what to do instead. The first
// reason for most is that they speak of addresses, memory or program headers,
// which a relocatable object does not have.

const (
	doMemory   = "remove it: a relocatable object has no memory regions"
	doAddress  = "remove it: a relocatable object has no load addresses"
	doInputs   = "name the inputs on the command line, in the order of the link"
	doFlatten  = "write the sections one after another"
	doOption   = "remove it: the object's format comes from the inputs"
	doWritten  = "write the sections out"
	doSeparate = "write its text into the script"
)

// refusedCommands are the words that may begin a command or a statement.
var refusedCommands = wordTable[string]{
	{"AS_NEEDED", doInputs},
	{"CONSTRUCTORS", "name the sections that hold constructors, such as .init_array"},
	{"CREATE_OBJECT_SYMBOLS", "remove it: it is for a.out"},
	{"ENTRY", "remove it: a relocatable object has no entry point"},
	{"EXTERN", "refer to the symbol from an input, or use PROVIDE"},
	{"FLOAT", doOption},
	{"FORCE_COMMON_ALLOCATION", "compile the inputs with -fno-common"},
	{"FORCE_GROUP_ALLOCATION", "remove it: --group says what becomes of section groups"},
	{"GROUP", doInputs},
	{"HLL", doInputs},
	{"INCLUDE", doSeparate},
	{"INHIBIT_COMMON_ALLOCATION", "remove it: common symbols stay common"},
	{"INPUT", doInputs},
	{"INPUT_SECTION_FLAGS", "select the sections by name"},
	{"INSERT", "write the section where it belongs: there is no default script"},
	{"LD_FEATURE", "remove it"},
	{"MAP", "use --map"},
	{"MEMORY", doMemory},
	{"NOCROSSREFS", "remove it and check the relocations of the result"},
	{"NOCROSSREFS_TO", "remove it and check the relocations of the result"},
	{"NOFLOAT", doOption},
	{"OUTPUT", "use -o"},
	{"OUTPUT_ARCH", doOption},
	{"OUTPUT_FORMAT", doOption},
	{"OVERLAY", doFlatten},
	{"PHDRS", "move it out of SECTIONS"},
	{"REGION_ALIAS", doMemory},
	{"SEARCH_DIR", doInputs},
	{"SQUAD", "use QUAD, which writes the same 8 bytes"},
	{"STARTUP", doInputs},
	{"SYSLIB", doInputs},
	{"TARGET", doOption},
	{"VERSION", "remove it: a relocatable object has no symbol versions"},
}

// refusedFunctions are the words of expressions.
var refusedFunctions = wordTable[string]{
	{"ASSERT", "write ASSERT as a statement of its own"},
	{"BLOCK", "use ALIGN"},
	{"CONSTANT", "write the number: a relocatable object has no page size"},
	{"DATA_SEGMENT_ALIGN", doMemory},
	{"DATA_SEGMENT_END", doMemory},
	{"DATA_SEGMENT_RELRO_END", doMemory},
	{"LENGTH", doMemory},
	{"LOADADDR", "use ADDR: a relocatable object has no load addresses"},
	{"LOG2CEIL", "write the number"},
	{"NEXT", "use ALIGN"},
	{"ORIGIN", doMemory},
	{"SEGMENT_START", doMemory},
	{"SIZEOF_HEADERS", "remove it: the headers of a relocatable object are at its end"},
}

// refusedTypes are the words in parentheses before the colon of an output section.
var refusedTypes = wordTable[string]{
	{"COPY", "remove it, and leave the section out of the final link's script"},
	{"DSECT", "remove it, and leave the section out of the final link's script"},
	{"INFO", "remove it, and leave the section out of the final link's script"},
	{"NOLOAD", "remove it: the section's type and flags come from its inputs"},
	{"OVERLAY", doFlatten},
	{"READONLY", "remove it: the section's type and flags come from its inputs"},
	{"TYPE", "remove it: the section's type and flags come from its inputs"},
}

// refusedAttributes are the words between the colon and the brace.
var refusedAttributes = wordTable[string]{
	{"ALIGN_WITH_INPUT", doAddress},
	{"AT", doAddress},
	{"ONLY_IF_RO", "remove it: the section takes what its patterns match"},
	{"ONLY_IF_RW", "remove it: the section takes what its patterns match"},
	{"SPECIAL", "remove it"},
	{"BIND", doAddress},
	{"BLOCK", "use ALIGN"},
}

// refusedPatterns are the words of input section descriptions.
var refusedPatterns = wordTable[string]{
	{"CONSTRUCTORS", "name the sections that hold constructors, such as .init_array"},
	{"INPUT_SECTION_FLAGS", "select the sections by name"},
	{"REVERSE", "list the sections in the order wanted"},
}
