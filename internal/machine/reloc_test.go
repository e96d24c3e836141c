// SPDX-License-Identifier: Apache-2.0

package machine

import "testing"

// TestFieldSizes checks the field sizes in the tables. The ones that differ from
// most relocations of the machine are listed here, from the processors' ABIs.
func TestFieldSizes(t *testing.T) {
	for _, tt := range []struct {
		m      *Machine
		others uint64
		sizes  map[string]uint64
	}{
		// AAELF64 5.7.5 to 5.7.12.
		{aarch64, 4, map[string]uint64{
			"NONE": 0, "ABS64": 8, "ABS16": 2, "PREL64": 8, "PREL16": 2, "GOTREL64": 8,
			"FUNCINIT64": 8, "AUTH_ABS64": 8, "AUTH_TLSDESC_CALL": 0,
			"TLSDESC_LDR": 0, "TLSDESC_ADD": 0, "TLSDESC_CALL": 0, "COPY": 0, "GLOB_DAT": 8, "JUMP_SLOT": 8, "RELATIVE": 8,
			"TLS_DTPMOD64": 8, "TLS_DTPREL64": 8, "TLS_TPREL64": 8, "TLSDESC": 16, "IRELATIVE": 8,
		}},
		// x86-64 psABI 4.4.1, table 4.9.
		{x86_64, 4, map[string]uint64{
			"NONE": 0, "64": 8, "COPY": 0, "GLOB_DAT": 8, "JMP_SLOT": 8, "RELATIVE": 8, "16": 2, "PC16": 2,
			"8": 1, "PC8": 1, "DTPMOD64": 8, "DTPOFF64": 8, "TPOFF64": 8, "PC64": 8, "GOTOFF64": 8, "GOT64": 8, "GOTPCREL64": 8,
			"GOTPC64": 8, "GOTPLT64": 8, "PLTOFF64": 8, "SIZE64": 8, "TLSDESC_CALL": 0, "TLSDESC": 16, "IRELATIVE": 8, "RELATIVE64": 8,
		}},
		// RISC-V psABI 8.4, "Relocations" and "Calculation Symbols".
		{riscv64, 4, map[string]uint64{
			"NONE": 0, "64": 8, "RELATIVE": 8, "COPY": 0, "JUMP_SLOT": 8, "TLS_DTPMOD64": 8, "TLS_DTPREL64": 8,
			"TLS_TPREL64": 8, "CALL": 8, "CALL_PLT": 8, "TPREL_ADD": 0, "ADD8": 1, "ADD16": 2, "ADD64": 8, "SUB8": 1, "SUB16": 2, "SUB64": 8,
			"GNU_VTINHERIT": 0, "GNU_VTENTRY": 0, "ALIGN": 0, "RVC_BRANCH": 2, "RVC_JUMP": 2, "RVC_LUI": 2, "RELAX": 0, "SUB6": 1, "SET6": 1,
			"SET8": 1, "SET16": 2, "IRELATIVE": 8, "SET_ULEB128": 1, "SUB_ULEB128": 1, "TLSDESC_CALL": 0,
		}},
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
			if got := tt.m.RelocField(uint32(r.number)); got != want {
				t.Errorf("%s: field of %d bytes, want %d", r.name, got, want)
			}
		}
		if n := tt.m.RelocField(1 << 20); n != 0 {
			t.Errorf("an unknown type has a field of %d bytes", n)
		}
	}
}

// reaches are the ranges of relocations. AAELF64 5.7.9 and 5.7.10; x86-64 psABI
// 4.4; RISC-V ISA manual, chapters 2 and 28.
var reaches = []struct {
	machine, relocation string
	want                Reach
}{
	{"AArch64", "TSTBR14", Reach{32 << 10, 32<<10 - 4, 4}},
	{"AArch64", "CONDBR19", Reach{1 << 20, 1<<20 - 4, 4}},
	{"AArch64", "LD_PREL_LO19", Reach{1 << 20, 1<<20 - 4, 4}},
	{"AArch64", "ADR_PREL_LO21", Reach{1 << 20, 1<<20 - 1, 1}},
	{"AArch64", "JUMP26", Reach{128 << 20, 128<<20 - 4, 4}},
	{"AArch64", "CALL26", Reach{128 << 20, 128<<20 - 4, 4}},
	{"x86-64", "PC8", Reach{128, 127, 1}},
	{"x86-64", "PC16", Reach{32 << 10, 32<<10 - 1, 1}},
	{"x86-64", "PC32", Reach{2 << 30, 2<<30 - 1, 1}},
	{"x86-64", "PLT32", Reach{2 << 30, 2<<30 - 1, 1}},
	{"RISC-V", "BRANCH", Reach{4 << 10, 4<<10 - 2, 2}},
	{"RISC-V", "JAL", Reach{1 << 20, 1<<20 - 2, 2}},
	{"RISC-V", "CALL", Reach{2<<30 + 2<<10, 2<<30 - 2<<10 - 1, 1}},
	{"RISC-V", "CALL_PLT", Reach{2<<30 + 2<<10, 2<<30 - 2<<10 - 1, 1}},
	{"RISC-V", "RVC_BRANCH", Reach{256, 254, 2}},
	{"RISC-V", "RVC_JUMP", Reach{2 << 10, 2<<10 - 2, 2}},
}

func TestReaches(t *testing.T) {
	want := map[string]Reach{}
	for _, c := range reaches {
		want[c.machine+" "+c.relocation] = c.want
	}
	for _, m := range machines {
		for _, r := range m.relocs {
			got, ok := m.Reach(uint32(r.number))
			name := m.Name + " " + r.name
			if _, listed := want[name]; ok != listed || got != want[name] {
				t.Errorf("%s reaches %+v, want %+v", name, got, want[name])
			}
			delete(want, name)
		}
	}
	if len(want) > 0 {
		t.Errorf("no such relocations: %v", want)
	}
}

// TestHypRules checks the rules against those of gen-hyprel.c. Machines without
// hyp relocations have none.
func TestHypRules(t *testing.T) {
	for _, m := range machines {
		for _, r := range m.relocs {
			want := HypRefused
			if m == aarch64 {
				want = genHyprel(r.name)
			}
			if got := m.HypRule(uint32(r.number)); got != want {
				t.Errorf("%s %s: rule %d, want %d", m.Name, r.name, got, want)
			}
		}
		if m.HypRule(1<<20) != HypRefused {
			t.Errorf("%s: an unknown relocation is not refused", m.Name)
		}
	}
}

// genHyprel returns what arch/arm64/kvm/hyp/nvhe/gen-hyprel.c of Linux 6.12 does
// with a relocation, extended to types that are position-independent as well.
func genHyprel(name string) HypRule {
	switch name {
	case "ABS64":
		return HypListed
	case "ABS32":
		return HypConstant
	case "NONE", "PREL64", "PREL32", "PREL16", "PLT32",
		"LD_PREL_LO19", "ADR_PREL_LO21", "ADR_PREL_PG_HI21", "ADR_PREL_PG_HI21_NC", "ADD_ABS_LO12_NC",
		"LDST8_ABS_LO12_NC", "LDST16_ABS_LO12_NC", "LDST32_ABS_LO12_NC", "LDST64_ABS_LO12_NC", "LDST128_ABS_LO12_NC",
		"TSTBR14", "CONDBR19", "JUMP26", "CALL26",
		"MOVW_PREL_G0", "MOVW_PREL_G0_NC", "MOVW_PREL_G1", "MOVW_PREL_G1_NC", "MOVW_PREL_G2", "MOVW_PREL_G2_NC", "MOVW_PREL_G3":
		return HypIgnored
	}
	return HypRefused
}

func TestBias(t *testing.T) {
	for _, m := range machines {
		for _, r := range m.relocs {
			want := int64(0)
			if m == x86_64 && (r.name == "PC32" || r.name == "PLT32") {
				want = 4
			}
			if got := m.Bias(uint32(r.number)); got != want {
				t.Errorf("%s %s: bias %d, want %d", m.Name, r.name, got, want)
			}
		}
	}
}
