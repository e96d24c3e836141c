// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"debug/elf"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// TestBitcode renames symbols of an object that a compiler wrote with
// -ffat-lto-objects.
func TestBitcode(t *testing.T) {
	names, err := NewNames([]string{".gnu.*lto_*"}, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		section string
		opts    Options
		want    string
	}{
		{".gnu.lto_f.1", Options{SymbolPrefix: "p_"}, "fat.o: .gnu.lto_f.1: the compiler's intermediate code keeps the old names of symbols; remove it with --remove-section='.gnu.*lto_*'"},
		{".llvm.lto", Options{SymbolPrefix: "p_"}, "remove it with --remove-section='.llvm.lto'"},
		{".gnu.lto_f.1", Options{SymbolPrefix: "p_", RemoveSections: names}, ""},
		{".gnu.debuglto_.debug_info", Options{SymbolPrefix: "p_", RemoveSections: names}, ""},
		{".gnu.lto_f.1", Options{StripDebug: true}, ""},
		{".text", Options{SymbolPrefix: "p_"}, ""},
	} {
		o := &elfobj.Object{Name: "fat.o", Machine: machine.For(elf.EM_AARCH64)}
		o.AddSection(&elfobj.Section{Name: tt.section, Type: elf.SHT_PROGBITS})
		if err := Apply(o, tt.opts); err != nil {
			t.Fatal(err)
		}
		got := ""
		if w := Warning(o, tt.opts); w != nil {
			got = w.Error()
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.section, got, tt.want)
		}
	}
}
