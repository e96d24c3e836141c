package machine

import "testing"

// TestFieldSizes holds the tables to the field sizes of the processors' ABIs,
// where they differ from what most of the machine's relocations have.
func TestFieldSizes(t *testing.T) {
	for _, tt := range []struct {
		m      *Machine
		others uint64
		sizes  map[string]uint64
	}{
		// AAELF64 5.7.5 to 5.7.12.
		{aarch64, 4, map[string]uint64{"NONE": 0, "ABS64": 8, "ABS16": 2, "PREL64": 8, "PREL16": 2, "GOTREL64": 8,
			"TLSDESC_LDR": 0, "TLSDESC_ADD": 0, "TLSDESC_CALL": 0, "COPY": 0, "GLOB_DAT": 8, "JUMP_SLOT": 8, "RELATIVE": 8,
			"TLS_DTPMOD64": 8, "TLS_DTPREL64": 8, "TLS_TPREL64": 8, "TLSDESC": 16, "IRELATIVE": 8}},
		// x86-64 psABI 4.4.1, table 4.9.
		{x86_64, 4, map[string]uint64{"NONE": 0, "64": 8, "COPY": 0, "GLOB_DAT": 8, "JMP_SLOT": 8, "RELATIVE": 8, "16": 2, "PC16": 2,
			"8": 1, "PC8": 1, "DTPMOD64": 8, "DTPOFF64": 8, "TPOFF64": 8, "PC64": 8, "GOTOFF64": 8, "GOT64": 8, "GOTPCREL64": 8,
			"GOTPC64": 8, "GOTPLT64": 8, "PLTOFF64": 8, "SIZE64": 8, "TLSDESC_CALL": 0, "TLSDESC": 16, "IRELATIVE": 8, "RELATIVE64": 8}},
		// RISC-V psABI 8.4, "Relocations" and "Calculation Symbols".
		{riscv64, 4, map[string]uint64{"NONE": 0, "64": 8, "RELATIVE": 8, "COPY": 0, "JUMP_SLOT": 8, "TLS_DTPMOD64": 8, "TLS_DTPREL64": 8,
			"TLS_TPREL64": 8, "CALL": 8, "CALL_PLT": 8, "TPREL_ADD": 0, "ADD8": 1, "ADD16": 2, "ADD64": 8, "SUB8": 1, "SUB16": 2, "SUB64": 8,
			"GNU_VTINHERIT": 0, "GNU_VTENTRY": 0, "ALIGN": 0, "RVC_BRANCH": 2, "RVC_JUMP": 2, "RVC_LUI": 2, "RELAX": 0, "SUB6": 1, "SET6": 1,
			"SET8": 1, "SET16": 2, "IRELATIVE": 8, "SET_ULEB128": 1, "SUB_ULEB128": 1, "TLSDESC_CALL": 0}},
	} {
		for name := range tt.sizes {
			if _, ok := tt.m.RelocNumber(name); !ok {
				t.Errorf("%s has no %s", tt.m.Name, name)
			}
		}
		for _, r := range tt.m.relocs {
			want, listed := tt.sizes[r.name]
			if !listed {
				want = tt.others
			}
			if uint64(r.field) != want {
				t.Errorf("%s: field of %d bytes, want %d", tt.m.RelocName(uint32(r.number)), r.field, want)
			}
		}
		if n := tt.m.RelocField(1 << 20); n != 0 {
			t.Errorf("an unknown type has a field of %d bytes", n)
		}
	}
}
