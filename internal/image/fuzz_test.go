// SPDX-License-Identifier: Apache-2.0

package image

import (
	"encoding/binary"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// FuzzRun changes the kernel, whose symbols lie as well: nothing may panic, and
// whatever is changed in the object's bytes is seen.
func FuzzRun(f *testing.F) {
	o := parseObject(f, hypObject)
	good := link(f, o).Image
	f.Add(uint32(testHyp), uint64(0), uint64(0))
	f.Add(uint32(testRela), uint64(1)<<40, uint64(testBase))
	f.Add(uint32(testAlt), ^uint64(0), uint64(0x1000))
	f.Fuzz(func(t *testing.T, at uint32, value, symbol uint64) {
		img := append([]byte(nil), good...)
		at %= testSize - 8
		binary.LittleEndian.PutUint64(img[at:], value)
		symbols := append([]vmlinuz.Symbol(nil), testSymbols...)
		s := &symbols[1+value%uint64(len(symbols)-1)]
		s.Address += symbol
		r, err := Run(o, &vmlinuz.Kernel{Image: img}, Options{SystemMap: symbols, SymbolsName: "System.map"})
		if err != nil {
			t.Fatal(err)
		}
		if !r.Proven {
			return
		}
		for name, place := range testPlaces {
			sec := o.Section(name)
			for i := range sec.Size {
				if img[place+i] != good[place+i] && symbol == 0 {
					t.Errorf("%s+%#x is %#x instead of %#x, and all is proven", name, i, img[place+i], good[place+i])
				}
			}
		}
	})
}
