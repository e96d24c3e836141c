// SPDX-License-Identifier: Apache-2.0

// Command damage changes an object as a faulty linker might: it adds 8 to the addends of all relocations of .hyp.reloc, so that the kernel converts the
// words after those that hold addresses.
//
//	damage IN OUT
package main

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: damage IN OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "damage: %v\n", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	data, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	file, err := elf.Open(in)
	if err != nil {
		return err
	}
	defer file.Close()
	relocations := file.Section(".rela.hyp.reloc")
	if relocations == nil || relocations.Size == 0 {
		return fmt.Errorf("%s: no .rela.hyp.reloc", in)
	}
	const entry, addend = 24, 16
	for at := relocations.Offset; at < relocations.Offset+relocations.Size; at += entry {
		word := data[at+addend:]
		binary.LittleEndian.PutUint64(word, binary.LittleEndian.Uint64(word)+8)
	}
	return os.WriteFile(out, data, 0o644)
}
