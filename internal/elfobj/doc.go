// SPDX-License-Identifier: Apache-2.0

// Package elfobj reads and writes ELF64 relocatable objects (ET_REL).
//
// It is the only package of hyplink that deals with the ELF file format. An
// [Object] is the interface between the stages: the partial link combines many
// objects into one, the hyp relocation stage adds a section, the renaming stage
// changes names, and [Object.WriteFile] writes a file. The stages need no
// intermediate files.
//
// An Object does not copy contents: the bytes and the relocations of a [Section]
// stay in the mapped input file. A section that a link made is a list of [Chunk]
// values, which are sections of the inputs; a [SymbolMap] for each input says how
// its symbol indices and addends change. Bytes are copied once, when the output
// is written.
//
// All data from a file is checked before it is used. No input may cause a panic,
// a hang, or memory use out of proportion to its size. The package uses debug/elf
// only for its typed constants, as that is not hardened against hostile files.
//
// References: System V ABI, chapters 4 and 5 ("gABI"); ELF for the Arm 64-bit
// Architecture ("AAELF64"); RISC-V ELF psABI; x86-64 psABI.
package elfobj
