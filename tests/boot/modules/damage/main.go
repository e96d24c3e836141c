// SPDX-License-Identifier: Apache-2.0

// Command damage changes a module as a faulty linker might: the first relocation of .text gets a type that no kernel knows.
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
	relocations := file.Section(".rela.text")
	if relocations == nil || relocations.Size == 0 {
		return fmt.Errorf("%s: no .rela.text", in)
	}
	const typeOffset = 8 // the low half of r_info
	binary.LittleEndian.PutUint32(data[relocations.Offset+typeOffset:], 0xffff)
	return os.WriteFile(out, data, 0o644)
}
