// SPDX-License-Identifier: Apache-2.0

// Package ldscript reads the linker scripts of partial links: it parses them,
// matches input sections against their patterns and evaluates their expressions.
// It knows nothing of object files; the link engine gives it names, sizes and
// symbol values through InputSection and Env.
//
// # The language
//
// The language is a subset of GNU ld's ("Using ld, Linker Scripts"). It covers
// what relocatable links use:
//
//   - PHDRS, and the program headers after output sections, which mean nothing
//   - INCLUDE of commands, of what is in SECTIONS, and of what is in an output
//     section; several scripts, which count as one
//   - SECTIONS, once or more often; output sections with an address, ALIGN,
//     SUBALIGN, a fill pattern; /DISCARD/
//   - input section descriptions with file patterns, archive:member patterns,
//     KEEP, SORT, SORT_BY_NAME, SORT_BY_ALIGNMENT, SORT_BY_INIT_PRIORITY,
//     SORT_NONE, EXCLUDE_FILE
//   - assignments, PROVIDE, HIDDEN, PROVIDE_HIDDEN, ASSERT, at every level
//   - BYTE, SHORT, LONG, QUAD, FILL
//   - expressions with all operators of C but assignment, comma and casts, and
//     ABSOLUTE, ADDR, ALIGN, ALIGNOF, DEFINED, MAX, MIN, SIZEOF
//   - comments, and the line markers of the C preprocessor
//
// Anything else is refused with its place, also where GNU ld would ignore it.
//
// Accepted beyond GNU ld 2.40: comments with //, the operator ^, a missing
// semicolon after an ASSERT inside an output section, SORT of files around
// section patterns that do not sort (GNU ld aborts).
//
// Refused although GNU ld takes it: text that GNU ld cuts into names in a way
// that few people expect (`a/b` is one symbol, `x=1` a name with an equals sign,
// `.text:{` a name with a colon, `add` and `08` are the number 0);
// numbers that do not fit; shifts by 64 and more; alignments that are no power of
// two; addresses as data; backslashes in patterns; two descriptions of one output
// section, which GNU ld makes two sections of one name; file names that are no
// input, which GNU ld would open; directives of the C preprocessor, which it takes for
// comments; names in quotes that contain line breaks.
//
// # What GNU ld -r does
//
// The following was observed with GNU ld 2.40 on AArch64; the evaluator and the
// matcher follow it. What concerns layout is for the link engine.
//
// Matching. An input section goes to the first input section description of the
// script that matches, /DISCARD/ counted like any other. Within one description
// the order is that of the input, across its patterns: `*(.a .b)` mixes, `*(.a)
// *(.b)` does not. SORT_BY_ALIGNMENT puts the largest alignment first; equal ones
// keep the order of the input, as in every sort but SORT_BY_INIT_PRIORITY, where names decide. A file pattern matches the whole
// path, or the bare name of an archive's member; it does not match the archive's
// path except in EXCLUDE_FILE.
//
// The location counter runs through all output sections of the script as an
// address, although the object is relocatable. Differences and comparisons of addresses in two output sections use it. `. = ALIGN(n)` between two of them
// therefore moves the next one's address, and neither its alignment nor its
// contents. Inside an output section ALIGN(n) aligns the address too, so that the
// offset depends on what precedes the section. Orphans are at address 0.
//
// Symbols. Inside an output section a symbol belongs to it: `x = .` and also
// `x = 5`, which is the offset 5. Outside, a number is absolute; `x = .` belongs
// to the allocated output section before it, or to the next one if the location
// counter was assigned in between (if none follows, to the last one of the
// object). `x = y` belongs where y does, but `x = y + 4` is absolute outside of
// output sections, and in the section within. PROVIDE defines its symbol if an
// input refers to it, also weakly, and none defines it. HIDDEN and PROVIDE_HIDDEN
// make it STB_LOCAL at once. A plain assignment overrides an input's definition.
//
// Empty output sections. A description that takes no input and holds no
// statements makes no section. Any assignment (even `. = . + 0` or an unwanted
// PROVIDE), FILL or data in it makes one, which may have size 0.
//
// Data statements are evaluated as outside of output sections: `LONG(.)` is an
// address.
//
// Fill patterns start again in each gap. FILL replaces the pattern after the
// closing brace for what follows it.
//
// References to later parts of the script work for symbols, as these get their
// values when all sections have their place. The location counter does not wait:
// `. += SIZEOF(.later)` adds 0 in GNU ld, which Env should make an error.
package ldscript
