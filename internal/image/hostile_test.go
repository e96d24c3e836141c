// SPDX-License-Identifier: Apache-2.0

package image

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// rela writes an entry of .rela.dyn after those of the test's kernel.
func rela(img []byte, n int, address, info uint64) {
	at := testRela + (3+n)*relaSize
	binary.LittleEndian.PutUint64(img[at:], address)
	binary.LittleEndian.PutUint64(img[at+8:], info)
	binary.LittleEndian.PutUint64(img[at+16:], testBase+testHost)
}

// copyTable copies .altinstructions to another place, where its distances lead to
// the same places.
func copyTable(img []byte, to int) {
	for off := 0; off < 24; off += 4 {
		w := binary.LittleEndian.Uint32(img[testAlt+off:])
		if off%12 != 8 {
			w += uint32(testAlt - to)
		}
		binary.LittleEndian.PutUint32(img[to+off:], w)
	}
}

// Kernels that are made to look as if they had the object's hypervisor.
func TestHostile(t *testing.T) {
	tables := append(slices.Clone(testSymbols),
		vmlinuz.Symbol{Name: "__alt_instructions", Address: testBase + testAlt - 16}, vmlinuz.Symbol{Name: "__alt_instructions_end", Address: testBase + testAlt + 32})
	for _, c := range []struct {
		name    string
		symbols []vmlinuz.Symbol
		attack  func(img []byte)
		want    string
	}{
		{"nothing", tables, func([]byte) {}, ""},
		{"two tables of alternatives", testSymbols, func(img []byte) {
			copyTable(img, 0x4800)
			img[testAlt+8] ^= 1
		}, "found twice"},
		{"a table of alternatives outside of the kernel's", tables, func(img []byte) {
			copyTable(img, 0x4800)
			clear(img[testAlt : testAlt+24])
		}, "wrong range: has 0xffff800008004800"},
		{"a dynamic relocation that starts before a section", testSymbols, func(img []byte) { rela(img, 0, testBase+testHyp-4, 0x403) }, "extra dynamic relocation"},
		{"one that starts before the end of a section", testSymbols, func(img []byte) { rela(img, 0, testBase+testHyp+0x3e, 0x403) }, "extra dynamic relocation"},
		{"one in padding", testSymbols, func(img []byte) { rela(img, 0, testBase+testHyp+0x400, 0x403) }, "one that writes here when the kernel boots"},
		{"one after entries of other types", testSymbols, func(img []byte) {
			rela(img, 0, testBase+0x100, 0x700000401)
			rela(img, 1, testBase+0x108, 0)
			rela(img, 2, testBase+testHyp+8, 0x403)
		}, "extra dynamic relocation"},
		{"one after entries of zeros", testSymbols, func(img []byte) { rela(img, 4, testBase+testHyp+8, 0x403) }, "extra dynamic relocation"},
		{
			"a bound of a range twice", append(slices.Clone(testSymbols), vmlinuz.Symbol{Name: "__hyp_text_start", Address: testBase + testHyp}), func([]byte) {},
			"__hyp_text_start is at 0xffff800008002100 as well",
		},
	} {
		o := parseObject(t, hypObject)
		k := link(t, o)
		c.attack(k.Image)
		r := auditedWith(t, o, k, c.symbols)
		if r.Proven != (c.want == "") || !strings.Contains(texts(r), c.want) {
			t.Errorf("%s: proven %v, want %q in\n%s", c.name, r.Proven, c.want, texts(r))
		}
	}
}
