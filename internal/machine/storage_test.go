// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"strings"
	"testing"
)

// TestStorage checks which relocations are for thread-local storage by their
// names, in which the processors' ABIs say it. The exceptions are listed: x86-64
// psABI 4.4.1, "Z"; RISC-V psABI 8.4.8, "TLS Descriptors".
func TestStorage(t *testing.T) {
	exceptions := map[string]Storage{
		"R_X86_64_SIZE32": StorageAny, "R_X86_64_SIZE64": StorageAny,
		"R_RISCV_TLSDESC_LOAD_LO12": StorageAny, "R_RISCV_TLSDESC_ADD_LO12": StorageAny, "R_RISCV_TLSDESC_CALL": StorageAny,
	}
	for _, m := range machines {
		for _, r := range m.relocs {
			name := m.RelocName(uint32(r.number))
			want, listed := exceptions[name]
			switch {
			case listed:
				delete(exceptions, name)
			case r.kind == KindNone || r.kind == KindPair || r.kind == KindDynamic:
				want = StorageAny
			case strings.Contains(name, "TLS") || strings.Contains(name, "TPOFF") || strings.Contains(name, "DTP") || strings.Contains(name, "TPREL"):
				want = StorageThreads
			default:
				want = StorageStatic
			}
			if got := m.Storage(uint32(r.number)); got != want || m.Fields().Of(uint32(r.number)).ForThreads() != (want == StorageThreads) {
				t.Errorf("%s is for storage %d, want %d", name, got, want)
			}
		}
	}
	for name := range exceptions {
		t.Errorf("no relocation %s", name)
	}
}
