// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"debug/elf"
	"runtime"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// TestManySymbols prefixes enough symbols for several workers, some of them with
// names longer than a block of names.
func TestManySymbols(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	o, _ := manySymbols(3*symbolsPerWorker + 7)
	for i := 1; i < len(o.Symbols); i += 50000 {
		o.Symbols[i].Name = strings.Repeat("long", nameBlock/4+i%7)
		o.Symbols[i+1].Name = strings.Repeat("x", nameBlock-len("p_"))
		o.Symbols[i+2].Info = elfobj.SymInfo(elf.STB_LOCAL, elf.STT_SECTION)
		o.Symbols[i+3].Name = ""
	}
	old := o.Symbols
	for _, n := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(n)
		o.Symbols = append([]elfobj.Symbol(nil), old...)
		(&Options{SymbolPrefix: "p_", SymbolSuffix: "_s"}).renameSymbols(o.Symbols)
		for i := range old {
			want := old[i].Name
			if want != "" && old[i].Type() != elf.STT_SECTION {
				want = "p_" + want + "_s"
			}
			if got := o.Symbols[i].Name; got != want {
				t.Fatalf("%d processors: symbol %d is %.40q, want %.40q", n, i, got, want)
			}
		}
	}
}

// A suffix is for the symbols that a prefix would be for, and clashes as one.
func TestSuffix(t *testing.T) {
	object := func() *elfobj.Object {
		o, _ := manySymbols(3)
		for i, name := range []string{"", "memcpy", "memcpy_pkvm", "$x"} {
			if i < len(o.Symbols) {
				o.Symbols[i].Name = name
			}
		}
		return o
	}
	o := object()
	if err := Apply(o, Options{SymbolSuffix: "_pkvm"}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "memcpy_pkvm", "memcpy_pkvm_pkvm"} {
		if got := o.Symbols[i].Name; got != want {
			t.Errorf("symbol %d: got %q, want %q", i, got, want)
		}
	}
	o = object()
	o.Symbols[2].Info = elfobj.SymInfo(elf.STB_WEAK, elf.STT_FUNC)
	err := Apply(o, Options{SymbolSuffix: "_pkvm", PrefixClasses: ClassOf(&o.Symbols[1])})
	if err == nil || !strings.Contains(err.Error(), "memcpy_pkvm") {
		t.Errorf("two symbols of one name: got %v", err)
	}
}
