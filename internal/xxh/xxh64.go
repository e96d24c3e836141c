// SPDX-License-Identifier: Apache-2.0

// Package xxh computes the hashes XXH64 and XXH3 (64 bits), without a seed, as the
// xxHash specification describes them (doc/xxhash_spec.md of xxHash 0.8.2).
//
// They are no protection against anyone. lld orders merged strings by them.
package xxh

import (
	"encoding/binary"
	"math/bits"
)

// The primes of the specification.
const (
	prime32n1 = 0x9e3779b1
	prime32n2 = 0x85ebca77
	prime32n3 = 0xc2b2ae3d

	prime64n1 = 0x9e3779b185ebca87
	prime64n2 = 0xc2b2ae3d27d4eb4f
	prime64n3 = 0x165667b19e3779f9
	prime64n4 = 0x85ebca77c2b2ae63
	prime64n5 = 0x27d4eb2f165667c5
)

func u32(b []byte) uint64 { return uint64(binary.LittleEndian.Uint32(b)) }

func u64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// Sum64 returns the XXH64 of b.
func Sum64(b []byte) uint64 {
	n := uint64(len(b))
	h := uint64(prime64n5)
	if len(b) >= 32 {
		var p1, p2 uint64 = prime64n1, prime64n2
		acc := [4]uint64{p1 + p2, p2, 0, -p1}
		for ; len(b) >= 32; b = b[32:] {
			for i := range acc {
				acc[i] = round64(acc[i], u64(b[8*i:]))
			}
		}
		h = bits.RotateLeft64(acc[0], 1) + bits.RotateLeft64(acc[1], 7) + bits.RotateLeft64(acc[2], 12) + bits.RotateLeft64(acc[3], 18)
		for _, a := range acc {
			h = (h^round64(0, a))*prime64n1 + prime64n4
		}
	}
	h += n
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^round64(0, u64(b)), 27)*prime64n1 + prime64n4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^u32(b)*prime64n1, 23)*prime64n2 + prime64n3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime64n5, 11) * prime64n1
	}
	return avalanche64(h)
}

func round64(acc, lane uint64) uint64 {
	return bits.RotateLeft64(acc+lane*prime64n2, 31) * prime64n1
}

func avalanche64(h uint64) uint64 {
	h = (h ^ h>>33) * prime64n2
	h = (h ^ h>>29) * prime64n3
	return h ^ h>>32
}
