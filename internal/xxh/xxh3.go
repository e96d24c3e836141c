// SPDX-License-Identifier: Apache-2.0

package xxh

import (
	"math/bits"
)

// secret is the default secret of XXH3.
var secret = [192]byte{
	0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c, 0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb,
	0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
	0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c, 0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb,
	0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3, 0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
	0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d, 0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31,
	0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64, 0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
	0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e, 0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc,
	0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce, 0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
}

// The sizes of XXH3, in bytes.
const (
	stripeSize  = 64
	secretStep  = 8                                            // by which each stripe of a block uses the secret further on
	blockSize   = (192 - stripeSize) / secretStep * stripeSize // that one pass over the secret takes
	mediumLimit = 240
)

// Sum3 returns the 64-bit XXH3 of b.
func Sum3(b []byte) uint64 {
	switch n := len(b); {
	case n == 0:
		return avalanche64(u64(secret[56:]) ^ u64(secret[64:]))
	case n <= 3:
		return sumTo3(b)
	case n <= 8:
		return sumTo8(b)
	case n <= 16:
		return sumTo16(b)
	case n <= 128:
		return sumTo128(b)
	case n <= mediumLimit:
		return sumTo240(b)
	}
	return sumLong(b)
}

func sumTo3(b []byte) uint64 {
	n := len(b)
	combined := uint64(b[n-1]) | uint64(n)<<8 | uint64(b[0])<<16 | uint64(b[n>>1])<<24
	return avalanche64((u32(secret[:]) ^ u32(secret[4:])) ^ combined)
}

func sumTo8(b []byte) uint64 {
	n := uint64(len(b))
	h := u64(secret[8:]) ^ u64(secret[16:])
	h ^= u32(b[n-4:]) + u32(b)<<32
	h ^= bits.RotateLeft64(h, 49) ^ bits.RotateLeft64(h, 24)
	h *= 0x9fb21c651e98df25
	h ^= h>>35 + n
	h *= 0x9fb21c651e98df25
	return h ^ h>>28
}

func sumTo16(b []byte) uint64 {
	n := len(b)
	low := u64(b) ^ u64(secret[24:]) ^ u64(secret[32:])
	high := u64(b[n-8:]) ^ u64(secret[40:]) ^ u64(secret[48:])
	return avalanche3(uint64(n) + bits.ReverseBytes64(low) + high + fold(low, high))
}

func sumTo128(b []byte) uint64 {
	n := len(b)
	acc := uint64(n) * prime64n1
	for i := (n - 1) / 32; i >= 0; i-- {
		acc += mix(b[16*i:], 32*i) + mix(b[n-16*(i+1):], 32*i+16)
	}
	return avalanche3(acc)
}

func sumTo240(b []byte) uint64 {
	n := len(b)
	acc := uint64(n) * prime64n1
	for i := range 8 {
		acc += mix(b[16*i:], 16*i)
	}
	acc = avalanche3(acc)
	for i := 8; i < n/16; i++ {
		acc += mix(b[16*i:], 16*(i-8)+3)
	}
	return avalanche3(acc + mix(b[n-16:], 136-17))
}

// sumLong goes through the input in stripes. The accumulators are scrambled after
// each block of stripes.
func sumLong(b []byte) uint64 {
	n := len(b)
	acc := [8]uint64{prime32n3, prime64n1, prime64n2, prime64n3, prime64n4, prime32n2, prime64n5, prime32n1}
	last := b[n-stripeSize:]
	for at := 0; at+stripeSize < n; at += stripeSize {
		in := at % blockSize
		accumulate(&acc, b[at:], in/stripeSize*secretStep)
		if in == blockSize-stripeSize {
			scramble(&acc)
		}
	}
	accumulate(&acc, last, len(secret)-stripeSize-7)
	h := uint64(n) * prime64n1
	for i := range 4 {
		h += fold(acc[2*i]^u64(secret[11+16*i:]), acc[2*i+1]^u64(secret[19+16*i:]))
	}
	return avalanche3(h)
}

func accumulate(acc *[8]uint64, stripe []byte, at int) {
	for i := range acc {
		v := u64(stripe[8*i:])
		keyed := v ^ u64(secret[at+8*i:])
		acc[i^1] += v
		acc[i] += keyed & 0xffffffff * (keyed >> 32)
	}
}

func scramble(acc *[8]uint64) {
	for i, a := range acc {
		acc[i] = (a ^ a>>47 ^ u64(secret[len(secret)-stripeSize+8*i:])) * prime32n1
	}
}

// mix hashes 16 bytes with the secret from a byte on.
func mix(b []byte, at int) uint64 {
	return fold(u64(b)^u64(secret[at:]), u64(b[8:])^u64(secret[at+8:]))
}

// fold multiplies to 128 bits and folds them.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

func avalanche3(h uint64) uint64 {
	h = (h ^ h>>37) * 0x165667919e3779f9
	return h ^ h>>32
}
