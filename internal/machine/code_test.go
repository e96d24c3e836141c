// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"debug/elf"
	"encoding/hex"
	"testing"
)

// PC-relative instructions, as written by the GNU and LLVM assemblers at the start
// of a section, and their targets.
func TestPCRelative(t *testing.T) {
	for _, c := range []struct {
		machine elf.Machine
		code    string
		pc      int64
		size    int
		target  int64 // -1: none
		mask    string
	}{
		{elf.EM_AARCH64, "02000014", 0, 4, 8, "000000fc"},         // b .+8
		{elf.EM_AARCH64, "ffffff97", 8, 4, 4, "000000fc"},         // bl .-4
		{elf.EM_AARCH64, "40000054", 0x100, 4, 0x108, "1f0000ff"}, // b.eq .+8
		{elf.EM_AARCH64, "e0ffff54", 0x100, 4, 0xfc, "1f0000ff"},  // b.eq .-4
		{elf.EM_AARCH64, "410000b4", 0, 4, 8, "1f0000ff"},         // cbz x1, .+8
		{elf.EM_AARCH64, "41001837", 0, 4, 8, "1f00f8ff"},         // tbnz w1, #3, .+8
		{elf.EM_AARCH64, "e1ff1f37", 0, 4, -4, "1f00f8ff"},        // tbnz w1, #3, .-4
		{elf.EM_AARCH64, "40000058", 0, 4, 8, "1f0000ff"},         // ldr x0, .+8
		{elf.EM_AARCH64, "20000030", 0, 4, 5, "1f00009f"},         // adr x0, .+5
		{elf.EM_AARCH64, "e0ffff70", 8, 4, 7, "1f00009f"},         // adr x0, .-1
		{elf.EM_AARCH64, "00000090", 0, 4, -1, ""},                // adrp x0, 0
		{elf.EM_AARCH64, "c0035fd6", 0, 4, -1, ""},                // ret
		{elf.EM_RISCV, "6f008000", 0, 4, 8, "ff0f0000"},           // j .+8
		{elf.EM_RISCV, "eff05fff", 16, 4, 4, "ff0f0000"},          // jal .-12
		{elf.EM_RISCV, "63048500", 0, 4, 8, "7ff0ff01"},           // beq a0, s0, .+8
		{elf.EM_RISCV, "e31ef5fe", 16, 4, 12, "7ff0ff01"},         // bne a0, a5, .-4
		{elf.EM_RISCV, "21a0", 0, 2, 8, "03e0"},                   // c.j .+8
		{elf.EM_RISCV, "f5bf", 16, 2, 12, "03e0"},                 // c.j .-4
		{elf.EM_RISCV, "01c5", 0, 2, 8, "83e3"},                   // c.beqz a0, .+8
		{elf.EM_RISCV, "75fd", 16, 2, 12, "83e3"},                 // c.bnez a0, .-4
		{elf.EM_RISCV, "0100", 0, 2, -1, ""},                      // c.nop
		{elf.EM_RISCV, "13000000", 0, 4, -1, ""},                  // nop
		{elf.EM_X86_64, "eb06", 0, 2, 8, "ff00"},                  // jmp .+8
		{elf.EM_X86_64, "e9f7ffffff", 8, 5, 4, "ff00000000"},      // jmp .-4
		{elf.EM_X86_64, "0f8402000000", 0, 6, 8, "ffff00000000"},  // je .+8
		{elf.EM_X86_64, "488b0501000000", 0, 7, 8, "ffffff00000000"},
		{elf.EM_X86_64, "90", 0, 1, -1, ""},
		{elf.EM_X86_64, "06", 0, 1, -1, ""}, // not an instruction
	} {
		code, err := hex.DecodeString(c.code)
		if err != nil {
			t.Fatal(err)
		}
		in := For(c.machine).Code.Decode(code, c.pc)
		if in.Size != c.size || hex.EncodeToString(in.Mask) != c.mask || in.Mask != nil && in.Target != c.target {
			t.Errorf("%s %s at %d: size %d, mask %x, target %d", c.machine, c.code, c.pc, in.Size, in.Mask, in.Target)
		}
		if text := For(c.machine).Code.Disassemble(code, c.pc); text == "" {
			t.Errorf("%s %s: no text", c.machine, c.code)
		}
	}
}

// Truncated and invalid code is decoded with a valid size.
func TestShortCode(t *testing.T) {
	for _, m := range machines {
		for _, code := range [][]byte{{0}, {0xff}, {0xff, 0xff}, {0x6f, 0, 0}, {0x0f, 0x0b, 0x66}} {
			if in := m.Code.Decode(code, 0); in.Size < 1 || in.Size > len(code) {
				t.Errorf("%s % x: size %d", m.Name, code, in.Size)
			}
			if m.Code.Disassemble(code, 0) == "" {
				t.Errorf("%s % x: no text", m.Name, code)
			}
		}
	}
}

func TestPadding(t *testing.T) {
	for _, c := range []struct {
		machine *Machine
		code    string
		want    bool
	}{
		{x86_64, "90", true},
		{x86_64, "662e0f1f840000000000cccc", true},
		{x86_64, "9031c0", false},
		{x86_64, "66", false},
		{riscv64, "0100", true},
		{riscv64, "130000000100", true},
		{riscv64, "0145", false},
		{riscv64, "01", false},
	} {
		code, err := hex.DecodeString(c.code)
		if err != nil {
			t.Fatal(err)
		}
		if c.machine.Code.IsPadding(code) != c.want {
			t.Errorf("%s: %v", c.code, !c.want)
		}
	}
}

// TestCodePadding checks that each of Nops is one no-op instruction of its length.
func TestCodePadding(t *testing.T) {
	for _, m := range machines {
		for i, nop := range m.Nops() {
			if len(nop) != i+1 || m.Code.decode(nop, 0).Size != len(nop) || !m.Code.isPadding(nop) {
				t.Errorf("%s: % x is not a no-op of %d bytes", m.Name, nop, i+1)
			}
		}
	}
	if len(x86_64.Nops()) == 0 {
		t.Error("x86-64 has no no-ops")
	}
}
