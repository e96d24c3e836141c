// SPDX-License-Identifier: Apache-2.0

package tree_test

import (
	"debug/elf"
	"os"
	"testing"
)

// Sources compile with headers of the archive, and with the one that the compiler would find first if they all were inputs.
func TestOptionalHeaders(t *testing.T) {
	f, err := elf.Open(os.Getenv("OBJECT"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{"__t_late": 33, "__t_kind": 11, "__t_entry": 34, "__t_made": 55, "__t_late_of_script": 33}
	for _, symbol := range symbols {
		value, ok := want[symbol.Name]
		if !ok {
			continue
		}
		delete(want, symbol.Name)
		got := symbol.Value
		if symbol.Section != elf.SHN_ABS {
			data, err := f.Sections[symbol.Section].Data()
			if err != nil {
				t.Fatal(err)
			}
			got = uint64(f.ByteOrder.Uint32(data[symbol.Value:]))
		}
		if got != value {
			t.Errorf("%s: got %d, want %d", symbol.Name, got, value)
		}
	}
	if len(want) > 0 {
		t.Errorf("no symbols %v", want)
	}
}
