// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"debug/elf"
	"fmt"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// manySymbols makes an object of many global symbols.
func manySymbols(n int) (*elfobj.Object, int64) {
	o := &elfobj.Object{Name: "many.o", Machine: machine.For(elf.EM_AARCH64)}
	size := 0
	for i := range n {
		s := elfobj.Symbol{Name: fmt.Sprintf("function_%d_of_many", i), Section: elfobj.Absolute, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_FUNC)}
		size += len(s.Name)
		o.AddSymbol(s)
	}
	return o, int64(size)
}

func BenchmarkApply(b *testing.B) {
	redefine := &Redefinitions{}
	if err := redefine.Add("function_7_of_many", "seven", false); err != nil {
		b.Fatal(err)
	}
	local, err := NewNames([]string{"*_1*_of_many"}, true)
	if err != nil {
		b.Fatal(err)
	}
	for name, opts := range map[string]Options{
		"prefix":   {SymbolPrefix: "__kvm_nvhe_"},
		"class":    {SymbolPrefix: "__kvm_nvhe_", PrefixClasses: Defined},
		"redefine": {SymbolPrefix: "__kvm_nvhe_", Redefine: redefine},
		"localize": {Localize: local},
	} {
		b.Run(name, func(b *testing.B) {
			o, size := manySymbols(200_000)
			fresh := slices.Clone(o.Symbols)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				copy(o.Symbols, fresh)
				if err := Apply(o, opts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
