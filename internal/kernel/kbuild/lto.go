// SPDX-License-Identifier: Apache-2.0

package kbuild

import "strings"

// With link-time optimization, kbuild's compiler writes intermediate code, and its linker generates the code of the directory in the partial link. hyplink
// generates no code, so that the sources are compiled to machine code: the options for it are left out. The object does the same, and is not kbuild's.
// Linux itself does so where objcopy follows the compiler: CC_FLAGS_LTO in drivers/firmware/efi/libstub/Makefile.

// compilesForLTO tells whether an option of the compiler is for link-time optimization only. -fvisibility=hidden, which kbuild has beside them, is an
// option of its own.
func compilesForLTO(word string) bool {
	switch word {
	case "-fno-lto", "-fsplit-lto-unit", "-fno-split-lto-unit", "-ffat-lto-objects", "-fno-fat-lto-objects", "-fuse-linker-plugin", "-fno-use-linker-plugin":
		return true
	}
	return strings.HasPrefix(word, "-flto")
}

// linksForLTO tells whether an option of the linker is for link-time optimization only: for code generation, which is a partial link's with that alone.
func linksForLTO(word string) bool {
	for _, prefix := range []string{"-mllvm", "--mllvm", "-plugin", "--plugin", "--lto", "--thinlto", "-flto"} {
		if strings.HasPrefix(word, prefix) {
			return true
		}
	}
	return false
}

// LTO tells whether the compiler writes intermediate code for link-time optimization, in any of the commands.
func (t *Transcript) LTO() bool {
	for _, command := range t.Commands {
		if program := Program(command.Words[0]); program != "gcc" && program != "clang" {
			continue
		}
		on := false
		for _, word := range command.Words[1:] {
			if word == "-fno-lto" || strings.HasPrefix(word, "-flto") {
				on = word != "-fno-lto"
			}
		}
		if on {
			return true
		}
	}
	return false
}
