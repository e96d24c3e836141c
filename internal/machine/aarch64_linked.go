// SPDX-License-Identifier: Apache-2.0

package machine

import "encoding/binary"

const allBits = ^uint64(0)

// extend sign-extends the low bits of a number.
func extend(v uint64, bits uint) uint64 { return uint64(int64(v<<(64-bits)) >> (64 - bits)) }

// aarch64Data is a field of data with a distance of a number of bits.
func aarch64Data(bits uint) linkedField {
	return linkedField{allBits >> (64 - bits), func(field, place uint64) Linked {
		return Linked{place + extend(field, bits), allBits}
	}}
}

// aarch64Word is a distance in words, of so many bits from bit shift on.
func aarch64Word(shift, bits uint) linkedField {
	field := uint64(1)<<bits - 1
	return linkedField{field << shift, func(w, place uint64) Linked {
		return Linked{place + extend(w>>shift&field, bits)*4, allBits}
	}}
}

// aarch64Low is the offset in a page in a load, store or addition, in units.
func aarch64Low(scale uint) linkedField {
	return linkedField{0xfff << 10, func(w, _ uint64) Linked {
		return Linked{w >> 10 & 0xfff << scale, 0xfff}
	}}
}

const (
	pageSize   = 4096
	adrBits    = 0x60ffffe0 // of ADR and ADRP
	adrOpcode  = 0x9f000000
	adr        = 0x10000000
	adrp       = 0x90000000
	branchBits = 0x03ffffff // of B and BL
	branch     = 0x14000000
	nop        = 0xd503201f
)

func adrDistance(w uint64) uint64 { return extend(w>>5&0x7ffff<<2|w>>29&3, 21) }

var (
	aarch64ADR  = linkedField{adrBits, func(w, place uint64) Linked { return Linked{place + adrDistance(w), allBits} }}
	aarch64ADRP = linkedField{adrBits, func(w, place uint64) Linked {
		return Linked{place&^(pageSize-1) + adrDistance(w)*pageSize, ^uint64(pageSize - 1)}
	}}
)

// aarch64LinkedFields are the fields that kernels have (AAELF64 5.7). An absolute
// address of 64 bits is one of its link address; those of a relocatable kernel are
// in its dynamic relocations instead.
var aarch64LinkedFields = map[uint32]linkedField{
	257: {allBits, func(field, _ uint64) Linked { return Linked{field, allBits} }},
	258: {0xffffffff, func(field, _ uint64) Linked { return Linked{field, 0xffffffff} }},
	260: aarch64Data(64),
	261: aarch64Data(32),
	262: aarch64Data(16),
	273: aarch64Word(5, 19),
	274: aarch64ADR,
	275: aarch64ADRP,
	276: aarch64ADRP,
	277: aarch64Low(0),
	278: aarch64Low(0),
	279: aarch64Word(5, 14),
	280: aarch64Word(5, 19),
	282: aarch64Word(0, 26),
	283: aarch64Word(0, 26),
	284: aarch64Low(1),
	285: aarch64Low(2),
	286: aarch64Low(3),
	299: aarch64Low(4),
	314: aarch64Data(32),
}

// rewrittenAArch64 knows what GNU ld and lld do besides relocating:
//
//   - B and BL whose target is out of reach go to a veneer, which loads the
//     target's address into x16 and branches to it (AAPCS64 6.1.1 lets them use
//     x16);
//   - GNU ld since 2.47 makes a NOP, or a MOV, of an ADD whose low twelve bits of the
//     address are 0;
//   - lld makes a NOP and an ADR of an ADRP and the ADD after it if the address is near;
//   - to work around erratum 843419 of the Cortex-A53, in the last two words of a
//     page ADRP becomes ADR, or the load or store that completes the sequence moves
//     to a stub that branches back.
func rewrittenAArch64(t uint32, want, have uint32, place, target uint64, code func(uint64, int) []byte) (Rewrite, bool) {
	switch t {
	case 282, 283:
		if (want^have)&^branchBits != 0 {
			return Rewrite{}, false
		}
		at := aarch64Word(0, 26).decode(uint64(have), place).Value
		if size := veneerTo(at, target, code); size > 0 {
			return Rewrite{What: "veneer", Start: at, Size: size}, true
		}
	case 277:
		return relaxedADD(want, have, place, target, code)
	case 275, 276:
		if near := code(place+4, 4); have == nop && near != nil {
			next := binary.LittleEndian.Uint32(near)
			if next&adrOpcode == adr && next&0x1f == want&0x1f && (place+4+adrDistance(uint64(next)))&^(pageSize-1) == target&^(pageSize-1) {
				return Rewrite{What: "relaxed: NOP and ADR"}, true
			}
		}
		sameRegister := want&0x1f == have&0x1f
		if atErratum(place) && sameRegister && have&adrOpcode == adr && place+adrDistance(uint64(have)) == target&^(pageSize-1) {
			return Rewrite{What: "erratum 843419: ADR for ADRP"}, true
		}
	case 278, 284, 285, 286, 299:
		return erratumStub(t, want, have, place, target, code)
	}
	return Rewrite{}, false
}

// relaxedADD recognises what became of an ADD with the low bits of an address.
func relaxedADD(want, have uint32, place, target uint64, code func(uint64, int) []byte) (Rewrite, bool) {
	const (
		addClass, addX = 0xffc00000, 0x91000000 // add xd, xn, #imm
		mov            = 0xaa0003e0             // orr xd, xzr, xm
		sp             = 31                     // in ADD; the zero register in ORR
	)
	to, from := want&0x1f, want>>5&0x1f
	if want&addClass != addX || to == sp || from == sp {
		return Rewrite{}, false
	}
	before := code(place-4, 4)
	switch {
	case target%pageSize == 0 && to == from && have == nop:
		return Rewrite{What: "relaxed: NOP for ADD of 0"}, true
	case target%pageSize == 0 && to != from && have == mov|from<<16|to:
		return Rewrite{What: "relaxed: MOV for ADD of 0"}, true
	case to == from && have&adrOpcode == adr && have&0x1f == to && place+adrDistance(uint64(have)) == target &&
		before != nil && binary.LittleEndian.Uint32(before) == nop:
		return Rewrite{What: "relaxed: NOP and ADR"}, true
	}
	return Rewrite{}, false
}

// atErratum reports whether an ADRP at an address is subject to erratum 843419.
func atErratum(place uint64) bool {
	return place%pageSize == pageSize-8 || place%pageSize == pageSize-4
}

// erratumADRP reports whether an ADRP that is subject to erratum 843419 is at an
// address.
func erratumADRP(at uint64, code func(uint64, int) []byte) bool {
	b := code(at, 4)
	return atErratum(at) && b != nil && binary.LittleEndian.Uint32(b)&adrOpcode == adrp
}

// veneerTo returns the size of the veneer at an address that leads to target, or 0.
func veneerTo(at, target uint64, code func(uint64, int) []byte) uint64 {
	le := binary.LittleEndian
	const (
		addX16  = 0x91000210 // add x16, x16, #0
		brX16   = 0xd61f0200
		ldrX16  = 0x58000050 // ldr x16, .+8
		pageX16 = adrp | 16
	)
	// adrp x16, target; add x16, x16, :lo12:target; br x16
	if b := code(at, 12); b != nil && le.Uint32(b)&^adrBits == pageX16 && le.Uint32(b[4:])&^(0xfff<<10) == addX16 && le.Uint32(b[8:]) == brX16 {
		page := aarch64ADRP.decode(uint64(le.Uint32(b)), at).Value
		if page+uint64(le.Uint32(b[4:])>>10&0xfff) == target {
			return 12
		}
		return 0
	}
	// ldr x16, .+8; br x16; .quad target
	if b := code(at, 16); b != nil && le.Uint32(b) == ldrX16 && le.Uint32(b[4:]) == brX16 && le.Uint64(b[8:]) == target {
		return 16
	}
	return 0
}

// erratumStub recognises a load or store that was moved to a stub: the instruction,
// relocated, and a branch to the one after the place that it was at. The ADRP that
// it belongs to is two or three words before, at the end of a page.
func erratumStub(t uint32, want, have uint32, place, target uint64, code func(uint64, int) []byte) (Rewrite, bool) {
	if have&^branchBits != branch || !erratumADRP(place-8, code) && !erratumADRP(place-12, code) {
		return Rewrite{}, false
	}
	jump := aarch64Word(0, 26)
	at := jump.decode(uint64(have), place).Value
	b := code(at, 8)
	if b == nil {
		return Rewrite{}, false
	}
	moved, back := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	field := aarch64LinkedFields[t]
	if (want^moved)&^uint32(field.bits) != 0 || !field.decode(uint64(moved), at).Agrees(target) {
		return Rewrite{}, false
	}
	if back&^branchBits != branch || jump.decode(uint64(back), at+4).Value != place+4 {
		return Rewrite{}, false
	}
	return Rewrite{What: "erratum 843419: moved to a stub", Start: at, Size: 8}, true
}
