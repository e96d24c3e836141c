// Package elfobj reads, holds and writes ELF64 relocatable objects (ET_REL).
//
// It is the only package of hyplink that knows how ELF is laid out in bytes.
// An [Object] is the contract between the stages: the partial link makes one
// out of many, the hyp relocation stage adds a section to it, the renaming
// stage changes its names, and [Object.WriteFile] turns it into a file. None of
// them needs a file in between.
//
// An Object does not copy the contents of what it was read from: the bytes and
// the relocations of a [Section] stay in the mapped file. A section that a link
// made is a list of [Chunk] values, which are sections of the inputs; what becomes
// of symbol indices and addends is in a [SymbolMap] for each input. Bytes are
// touched once, when the output is written.
//
// Everything that comes from a file is checked before it is used; no input may
// cause a panic, a hang, or memory out of proportion to the input's size. That
// is why debug/elf, which does not claim to be hardened, serves only for its
// typed constants.
//
// References: System V ABI, chapters 4 and 5 ("gABI"); ELF for the Arm 64-bit
// Architecture ("AAELF64"); RISC-V ELF psABI; x86-64 psABI.
package elfobj
