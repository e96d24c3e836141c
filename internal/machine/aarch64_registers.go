// SPDX-License-Identifier: Apache-2.0

package machine

import "encoding/binary"

// Registers of AArch64 code, by the tables of the Arm Architecture Reference
// Manual, C4.1 "A64 instruction set encoding".

// changesAArch64 reports whether an instruction changes a general-purpose
// register, 0 to 30. It does not know the instructions of SVE and SME that change
// one, besides those that compute a length.
func changesAArch64(w uint32, register int) bool {
	r := uint32(register)
	rd, rn := w&31, w>>5&31
	switch w >> 25 & 15 {
	case 8, 9: // data processing, immediate
		return rd == r
	case 10, 11:
		return changedByBranch(w, r)
	case 5, 13: // data processing, register
		class := w >> 21 & 0xff
		setsFlags := class == 0xd2 || class == 0xd0 && w>>10&0x3f != 0 // CCMP, CCMN; RMIF, SETF8, SETF16
		return rd == r && !setsFlags
	case 4, 6, 12, 14:
		return changedByMemory(w, r, rd, rn)
	case 7, 15:
		return rd == r && movesFromVector(w)
	case 2: // RDVL, RDSVL; ADDVL, ADDSVL; ADDPL, ADDSPL; CNTB to CNTD; INCB to DECD
		return rd == r && (w&0xfffff000 == 0x04bf5000 || w&0xffe0f000 == 0x04205000 || w&0xffe0f000 == 0x04605000 ||
			w&0xff30f800 == 0x0420e000 || w&0xff30f800 == 0x0430e000)
	}
	return false
}

// changedByBranch is for branches, exceptions and system instructions.
func changedByBranch(w, r uint32) bool {
	rd := w & 31
	switch {
	case w&0xfff00000 == 0xd5300000, w&0xfff80000 == 0xd5280000, w&0xfffff000 == 0xd5233000: // MRS, SYSL; TSTART, TTEST
		return rd == r
	case w&0xfff00000 == 0xd5700000: // MRRS
		return rd == r || rd+1 == r
	case w>>26 == 0x25, w&0xfefff000 == 0xd63f0000: // BL, BLR and its variants with authentication
		return r == 30
	}
	return false
}

// changedByMemory is for loads and stores. rd is the field of Rt.
func changedByMemory(w, r, rd, rn uint32) bool {
	vector, load := w>>26&1 != 0, w>>22&3 != 0 && w>>30&3|w>>22&3<<2 != 3|2<<2 // not PRFM
	rs, rt2 := w>>16&31, w>>10&31
	switch w >> 28 & 3 {
	case 0:
		if vector { // structures, with post-index
			return w>>23&1 != 0 && rn == r
		}
		return changedByExclusive(w, r, rd, rs, rt2)
	case 1:
		switch {
		case w>>24&1 == 0: // literal
			return !vector && w>>30 != 3 && rd == r
		case w>>21&1 == 0 && w>>10&3 == 1: // CPY and SET of memory; bit 26 tells CPYF from CPY, and SET from SETG
			return rd == r || rn == r || rs == r && w>>22&3 != 3
		case vector:
			return w>>10&3 == 2 && rn == r
		case w>>21&1 == 0: // LDAPUR, STLUR; with 2, post-index of STLR and LDAPR
			return load && rd == r || w>>10&3 == 2 && rn == r
		case w>>30 != 3: // LDCLRP, LDSETP, SWPP
			return rd == r || rs == r
		}
		// Tags: LDG, LDGM; post-index and pre-index of STG and others.
		return w>>10&3 == 0 && w>>22&1 != 0 && rd == r || w>>10&1 != 0 && rn == r
	case 2: // pairs
		return w>>23&1 != 0 && rn == r || !vector && w>>22&1 != 0 && (rd == r || rt2 == r)
	}
	switch {
	case w>>24&1 != 0: // unsigned offset
		return !vector && load && rd == r
	case w>>21&1 == 0: // unscaled, post-index, unprivileged, pre-index
		return w>>10&1 != 0 && rn == r || !vector && load && rd == r
	case w>>10&3 == 2: // register offset
		return !vector && load && rd == r
	case w>>10&1 != 0: // LDRAA, LDRAB
		return rd == r || w>>11&1 != 0 && rn == r
	case w>>30 == 3 && w>>15&1 != 0: // ST64BV, ST64BV0, ST64B, LD64B; LDAPR
		switch w >> 12 & 7 {
		case 1: // ST64B
			return false
		case 2, 3:
			return rs == r
		case 5:
			return rd <= r && r < rd+8
		}
	}
	return !vector && rd == r // atomic
}

// changedByExclusive is for exclusive, ordered and compare-and-swap accesses.
func changedByExclusive(w, r, rd, rs, rt2 uint32) bool {
	load, pair := w>>22&1 != 0, w>>21&1 != 0
	switch {
	case w>>23&1 != 0 && pair: // CAS
		return rs == r
	case w>>23&1 != 0: // LDAR, STLR
		return load && rd == r
	case pair && w>>31 == 0: // CASP
		return rs == r || rs+1 == r
	case load: // LDXR, LDXP
		return rd == r || pair && rt2 == r
	}
	return rs == r // the status of STXR
}

// movesFromVector reports whether an instruction of vectors or floating point has
// a general-purpose register as its destination.
func movesFromVector(w uint32) bool {
	opcode := w >> 16 & 7
	switch {
	case w&0x7f20fc00 == 0x1e200000: // FCVT*S, FCVT*U, FMOV, FJCVTZS
		return opcode != 2 && opcode != 3 && opcode != 7
	case w&0x7f200000 == 0x1e000000: // FCVTZS, FCVTZU to a fixed point
		return opcode < 2
	}
	return w&0xbfe0fc00 == 0x0e002c00 || w&0xbfe0fc00 == 0x0e003c00 // SMOV, UMOV
}

// restoresAArch64 reports whether LDR Xr, [Xb, #n] at an offset is beside
// LDP Xr+1, Xs, [Xb, #n+8], or is a part of LDP Xr, Xr+1, [Xb, #n].
func restoresAArch64(code []byte, at, register int) bool {
	word := func(off int) uint32 {
		if off < 0 || off > len(code)-4 {
			return 0
		}
		return binary.LittleEndian.Uint32(code[off:])
	}
	w, r := word(at), uint32(register)
	base := w >> 5 & 31
	if w&0xffc00000 == 0xa9400000 { // LDP, 64 bits, offset
		return w&31 == r && w>>10&31 == r+1 && base != r
	}
	if w&0xffc00000 != 0xf9400000 || w&31 != r || base == r { // LDR, 64 bits, unsigned offset
		return false
	}
	next := w>>10&0xfff + 1 // in units of 8 bytes
	for _, off := range []int{at - 4, at + 4} {
		if p := word(off); p&0xffc00000 == 0xa9400000 && p&31 == r+1 && p>>5&31 == base && p>>15&0x7f == next&0x7f && next < 64 {
			return true
		}
	}
	return false
}

// literalAArch64 decodes LDR (literal) of a 64-bit register.
func literalAArch64(w uint32) (register int, distance int64, ok bool) {
	return int(w & 31), int64(int32(w<<8)>>13) * 4, w>>24 == 0x58
}

// addsToAArch64 reports whether an instruction is ADD Xd, Xd, Xm.
func addsToAArch64(w uint32, register int) bool {
	return w&0xffe0fc00 == 0x8b000000 && w&31 == uint32(register) && w>>5&31 == uint32(register)
}
