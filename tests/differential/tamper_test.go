// SPDX-License-Identifier: Apache-2.0

package differential_test

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
)

// addToSymbol adds 4 to the size of the last symbol of an object.
func addToSymbol(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return err
	}
	for _, s := range f.Sections {
		if s.Type == elf.SHT_SYMTAB && s.Size > elf.Sym64Size {
			data[s.Offset+s.Size-8] ^= 4
			return os.WriteFile(path, data, 0o666)
		}
	}
	return errors.New(path + ": no symbol to change")
}
