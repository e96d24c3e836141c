// SPDX-License-Identifier: Apache-2.0

//go:build linux && arm64

package main

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// What the guest sees: one page of memory, and one page without memory, at which each load and store ends in this program.
const (
	memoryAddress = 0x8000_0000
	deviceAddress = 0x0a00_0000
)

// Registers of the device, as offsets from its address.
const (
	deviceMarker = 0x00 // store: the guest's x19, which nobody sets
	deviceInput  = 0x08 // load: a number of this program's
	deviceSum    = 0x10 // store: that number, through memory, plus one
	deviceLevel  = 0x18 // store: CurrentEL
	deviceFloat  = 0x20 // store: the number, through a floating-point register
	deviceID     = 0x28 // store: ID_AA64PFR0_EL1, reads of which trap
)

// guestInput is a number that no register has by accident.
const guestInput = 0x0123_4567_89ab_cdef

// guest is the guest's program, in the instructions of the Arm Architecture Reference Manual, C6.2. It runs at memoryAddress, at EL1, with x0 the
// device's address and x3 the address of a word of memory.
var guest = []uint32{
	0xf9000013, // str x19, [x0]
	0xf9400401, // ldr x1, [x0, #8]
	0xf9000061, // str x1, [x3]
	0xf9400062, // ldr x2, [x3]
	0x91000442, // add x2, x2, #1
	0xf9000802, // str x2, [x0, #16]
	0xd5384242, // mrs x2, CurrentEL
	0xf9000c02, // str x2, [x0, #24]
	0xd2a00602, // mov x2, #0x300000: FPEN, no traps to EL1
	0xd5181042, // msr CPACR_EL1, x2
	0xd5033fdf, // isb
	0x9e670020, // fmov d0, x1
	0x9e660002, // fmov x2, d0
	0xf9001002, // str x2, [x0, #32]
	0xd5380402, // mrs x2, ID_AA64PFR0_EL1
	0xf9001402, // str x2, [x0, #40]
	0xd2800100, // mov x0, #8
	0xf2b08000, // movk x0, #0x8400, lsl #16: PSCI's SYSTEM_OFF
	0xd4000002, // hvc #0
	0x14000000, // b .
}

// result is what the guest stored, by register of the device.
type result map[uint64]uint64

// print prints the result, and returns an error if it is not that of a working hypervisor.
func (r result) print() error {
	fmt.Printf("hypboot: marker %#x\n", r[deviceMarker])
	for _, check := range []struct {
		what     string
		register uint64
		ok       func(uint64) bool
		want     string
	}{
		{"sum", deviceSum, is(guestInput + 1), fmt.Sprintf("%#x", uint64(guestInput+1))},
		{"exception level", deviceLevel, is(1 << 2), "0x4, which is EL1"},
		{"float", deviceFloat, is(guestInput), fmt.Sprintf("%#x", uint64(guestInput))},
		// The fields EL0 and EL1: 64-bit code, and perhaps 32-bit code as well.
		{"ID_AA64PFR0_EL1", deviceID, func(v uint64) bool { return v&0xff == 0x11 || v&0xff == 0x22 }, "0x11 or 0x22 in the lowest byte"},
	} {
		got, ok := r[check.register]
		if !ok {
			return errcode.GuestFailed.Errorf("the guest did not store its %s", check.what)
		}
		if !check.ok(got) {
			return errcode.GuestFailed.Errorf("the guest's %s: got %#x, want %s", check.what, got, check.want)
		}
		fmt.Printf("hypboot: %s %#x\n", check.what, got)
	}
	return nil
}

func is(want uint64) func(uint64) bool { return func(got uint64) bool { return got == want } }
