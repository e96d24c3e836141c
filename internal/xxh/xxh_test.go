// SPDX-License-Identifier: Apache-2.0

package xxh

import "testing"

// vectors are what xxhsum 0.8.1 says of bytes that input makes: lengths on both
// sides of each change of method.
var vectors = []struct {
	n           int
	sum64, sum3 uint64
}{
	{0, 0xef46db3751d8e999, 0x2d06800538d394c2},
	{1, 0x8a4127811b21e730, 0xe12ef9d2eb86ceeb},
	{2, 0x53699536fb99d0dc, 0xa33e1c7fc1a42992},
	{3, 0x0107a193c179cd6e, 0x30886377d0e093c9},
	{4, 0x03e7a0493b587663, 0xa30b8c0119dc7552},
	{5, 0x4a3f58924b3ce598, 0x2681659503a9cf42},
	{8, 0xbcb59677c14e241c, 0x6f3b9c7aca6c2d8d},
	{9, 0x32214a18bc8712b7, 0x160134564bc9fd13},
	{16, 0xe98474b412d63a1f, 0x612d340debccb948},
	{17, 0x36ea30732ac00aae, 0xe83834e75326a22a},
	{31, 0x910bfc41df7aff2e, 0xad74caed902cf3a0},
	{32, 0xe7f78a2de2b24bfe, 0x118b37f84110fb5b},
	{33, 0x6f76cae933eb1ab8, 0xe76278e865ec8474},
	{64, 0x756d9d7130b38416, 0xc2b572f6088564af},
	{65, 0x643b0387734b981f, 0x66ac07b894eec6a4},
	{96, 0xf9e9c57f2bd32c4b, 0xad880c1d6062c47c},
	{97, 0xe1fa817de71d0280, 0x1048b5e9a1c62a01},
	{128, 0xbb3d3e123aeee109, 0xc3d60f21cb9bf53f},
	{129, 0x159081b1aaf7f110, 0x82938fb8cc92ac47},
	{160, 0x68bd35b572cee2f6, 0x073d05a3168190f8},
	{239, 0x62e4223b8a4982d2, 0xc08c5f25884fe314},
	{240, 0xe7504df6a70a6093, 0x0721892a5a288864},
	{241, 0xa0556c8c47632cc2, 0x89f52c0f0666f3d5},
	{256, 0x94e2f8ce7d5e7453, 0x35cc4f9c49d76abb},
	{257, 0x9d7cc93c4769da80, 0x32126eeac9bbb0be},
	{511, 0xafffa28bffbbe713, 0x1e54da3dc08b5590},
	{512, 0xb860ef632d1256de, 0xca5157ab04f679e2},
	{1023, 0x9268aacc23598fe0, 0xd4b0806e9d19defb},
	{1024, 0x1559c9bc47fc05f1, 0xe2f9176310f7b877},
	{1025, 0x160aca0a6233ea68, 0xac392737d6c4d939},
	{1088, 0x4662bf84c584ec9e, 0x55cd4887ff1288bb},
	{2048, 0xa4adb5881f33ae5d, 0xef6c6b838c546420},
	{2049, 0x929687793d0851fd, 0xbc0beb27cbbebd78},
	{5000, 0xb3719e9f4f092076, 0xc862328ebb5e21f8},
}

func input(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*i*7 + i*31 + n)
	}
	return b
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		if got := Sum64(input(v.n)); got != v.sum64 {
			t.Errorf("Sum64 of %d bytes is %#x, want %#x", v.n, got, v.sum64)
		}
		if got := Sum3(input(v.n)); got != v.sum3 {
			t.Errorf("Sum3 of %d bytes is %#x, want %#x", v.n, got, v.sum3)
		}
	}
}
