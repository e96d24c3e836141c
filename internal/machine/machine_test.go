// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"bytes"
	"debug/elf"
	"testing"
)

// TestNames checks that each name, number and emulation is found.
func TestNames(t *testing.T) {
	for _, m := range All() {
		if m.Name == "" || Named(m.Name) != m || For(m.ELF) != m {
			t.Errorf("%s is not found by its name or its number %v", m.Name, m.ELF)
		}
		big := false
		for _, e := range m.Emulations {
			if found, order := ForEmulation(e.Name); found != m || order != e.BigEndian {
				t.Errorf("%s is not found by emulation %s", m.Name, e.Name)
			}
			big = big || e.BigEndian
		}
		if len(m.Emulations) == 0 || big != m.BigEndian {
			t.Errorf("%s: emulations %v, big-endian %v", m.Name, m.Emulations, m.BigEndian)
		}
	}
	if Named("") != nil || For(elf.EM_NONE) != nil {
		t.Error("found a machine without a name or a number")
	}
	if m, _ := ForEmulation("elf_i386"); m != nil {
		t.Errorf("elf_i386 is %s", m.Name)
	}
	if got := Supported(); got != "AArch64, x86-64 and RISC-V" {
		t.Errorf("supported are %s", got)
	}
	if got := len(Emulations()); got != 6 {
		t.Errorf("%d emulations", got)
	}
}

func TestMergeFlags(t *testing.T) {
	for _, tt := range []struct {
		machine    *Machine
		a, b, want uint32
		err        string
	}{
		{aarch64, 0, 0, 0, ""},
		{x86_64, 1, 0, 1, "processor flags are 0x0, want 0x1"},
		{riscv64, 0x4, 0x4, 0x4, ""},
		{riscv64, 0x4, 0x15, 0x15, ""},
		{riscv64, 0x5, 0x4, 0x5, ""},
		{riscv64, 0x4, 0x2, 0x4, "floating-point ABI is 0x2, want 0x4"},
		{riscv64, 0x8, 0, 0x8, "number of registers (RVE) differs"},
		{riscv64, 0, 0x100, 0, "unknown processor flags 0x100"},
	} {
		got, err := tt.machine.MergeFlags(tt.a, tt.b)
		msg := ""
		if err != nil {
			msg = err.Error()
		}
		if got != tt.want || msg != tt.err {
			t.Errorf("%s: %#x and %#x: got %#x, %q, want %#x, %q", tt.machine.Name, tt.a, tt.b, got, msg, tt.want, tt.err)
		}
	}
}

func TestCodeFill(t *testing.T) {
	for _, tt := range []struct {
		machine *Machine
		flags   uint32
		want    []byte
	}{
		{aarch64, 0, []byte{0x1f, 0x20, 0x03, 0xd5}},
		{x86_64, 0, []byte{0x90}},
		{riscv64, 0x4, []byte{0x13, 0, 0, 0}},
		{riscv64, 0x5, []byte{0x01, 0}},
	} {
		got := tt.machine.CodeFill(tt.flags)
		if !bytes.Equal(got, tt.want) || &got[0] != &tt.machine.CodeFill(tt.flags)[0] {
			t.Errorf("%s with flags %#x: % x, want % x", tt.machine.Name, tt.flags, got, tt.want)
		}
	}
}
