// SPDX-License-Identifier: Apache-2.0

package pictures

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/machine"
	"github.com/rules-hyp/rules_hyp/internal/picture"
	"github.com/rules-hyp/rules_hyp/internal/sizes"
)

// builder makes an object for AArch64 with functions and tables in many sources.
type builder struct {
	o              *elfobj.Object
	text, data     *elfobj.Section
	ti, di         elfobj.SectionIndex
	relocs, tables []elfobj.Reloc
	last           uint32
}

const nop, ret, call = 0xd503201f, 0xd65f03c0, 0x94000000

func newBuilder(name string) *builder {
	b := &builder{o: &elfobj.Object{Name: name, Machine: machine.For(elf.EM_AARCH64)}}
	b.text = &elfobj.Section{Name: ".hyp.text", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_EXECINSTR, Addralign: 8}
	b.data = &elfobj.Section{Name: ".hyp.data", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC | elf.SHF_WRITE, Addralign: 8}
	b.ti, b.di = b.o.AddSection(b.text), b.o.AddSection(b.data)
	return b
}

// source begins a source file: the symbols that follow are of it.
func (b *builder) source(name string) {
	b.o.AddSymbol(elfobj.Symbol{Name: name, Section: elfobj.Absolute, Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_FILE)})
}

// function adds a local function of some instructions, which calls the one before.
func (b *builder) function(name string, words int) {
	start := uint64(len(b.text.Data))
	for i := range words {
		word := uint32(nop)
		switch {
		case i == words-1:
			word = ret
		case i == 0 && b.last != 0:
			word = call
			b.relocs = append(b.relocs, elfobj.Reloc{Offset: start, Type: uint32(elf.R_AARCH64_CALL26), Symbol: b.last})
		}
		b.text.Data = binary.LittleEndian.AppendUint32(b.text.Data, word)
	}
	b.text.Size = uint64(len(b.text.Data))
	b.last = b.o.AddSymbol(elfobj.Symbol{Name: name, Value: start, Size: uint64(words) * 4, Section: b.ti, Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_FUNC)})
}

// table adds a variable with the address of the last function.
func (b *builder) table(name string, size int) {
	start := uint64(len(b.data.Data))
	b.data.Data = append(b.data.Data, make([]byte, size)...)
	b.data.Size = uint64(len(b.data.Data))
	b.tables = append(b.tables, elfobj.Reloc{Offset: start, Type: uint32(elf.R_AARCH64_ABS64), Symbol: b.last})
	b.o.AddSymbol(elfobj.Symbol{Name: name, Value: start, Size: uint64(size), Section: b.di, Info: elfobj.SymInfo(elf.STB_LOCAL, elf.STT_OBJECT)})
}

// object ends the object, with a table of hyp relocations.
func (b *builder) object() *elfobj.Object {
	b.text.Relocs = elfobj.EncodeRelocs(b.relocs, false)
	b.data.Relocs = elfobj.EncodeRelocs(b.tables, false)
	start := b.o.AddSymbol(elfobj.Symbol{Name: "__hyp_section_.hyp.data", Section: b.di, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)})
	table := &elfobj.Section{Name: ".hyp.reloc", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC, Addralign: 1, Size: 4 * uint64(len(b.tables)), Data: make([]byte, 4*len(b.tables))}
	var entries []elfobj.Reloc
	for i, r := range b.tables {
		entries = append(entries, elfobj.Reloc{Offset: 4 * uint64(i), Type: uint32(elf.R_AARCH64_PREL32), Symbol: start, Addend: int64(r.Offset)})
	}
	table.Relocs = elfobj.EncodeRelocs(entries, false)
	b.o.AddSection(table)
	debug := &elfobj.Section{Name: ".debug_info", Type: elf.SHT_PROGBITS, Addralign: 1, Size: 4096, Data: make([]byte, 4096)}
	b.o.AddSection(debug)
	b.o.AddSymbol(elfobj.Symbol{Name: "host_function", Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)})
	return b.o
}

// small is an object of three sources with a dozen symbols.
func small() *elfobj.Object {
	b := newBuilder("hyp.o")
	for i, source := range []string{"switch.c", "mm.c", "trap.c"} {
		b.source(source)
		for j := range 4 {
			b.function(fmt.Sprintf("%s_step_%d", source[:len(source)-2], j), 8<<j+4*i)
		}
		b.table(source[:len(source)-2]+"_table", 64<<i)
	}
	return b.object()
}

// large is an object with the given number of functions and as many tables.
func large(n int) *elfobj.Object {
	b := newBuilder("large.o")
	for i := range n {
		if i%100 == 0 {
			b.source(fmt.Sprintf("source_%d.c", i/100))
		}
		b.function(fmt.Sprintf("function_%05d", i), 2+i%61)
		b.table(fmt.Sprintf("table_%05d", i), 8+8*(i%5))
	}
	return b.object()
}

// hostileNames are names that would do harm as HTML, as script, or on a screen.
var hostileNames = []string{
	"</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!--<script>", "\x1b[31mred\x07", "abc\u202egnp.exe", "\xff\xfe\x80",
	"line\nbreak", "\u2028separator", `"quotes' & <b>bold</b>`, "${alert(1)}", "javascript:alert(1)", "__proto__", "constructor", "\x00",
	"a\u0300\u0301\u0302", "https://example.org/name",
}

func hostile() *elfobj.Object {
	b := newBuilder("</title><script>alert(1)</script>.o")
	for i, name := range hostileNames {
		b.source(name)
		b.function(name, 4+i)
		b.table(name+"t", 8)
	}
	b.data.Name = "</script><script>alert(2)</script>"
	return b.object()
}

// layoutPage writes the page of an object.
func layoutPage(t testing.TB, o *elfobj.Object) []byte {
	t.Helper()
	var page bytes.Buffer
	if err := picture.WriteLayout(&page, o, layout.Options{}); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

// pair returns two objects: in the second a function grew, one shrank, one was
// replaced by another, a call has another target, and a table has another number.
func pair() (a, b *elfobj.Object) {
	make := func(name string, second bool) *elfobj.Object {
		pick := func(x, y int) int {
			if second {
				return y
			}
			return x
		}
		b := newBuilder(name)
		b.source("switch.c")
		b.function("vcpu_run", 60)
		b.function("vcpu_exit", 40)
		if second {
			b.text.Data = append(b.text.Data[:4*70], append(binary.LittleEndian.AppendUint32(nil, 0xd503203f), b.text.Data[4*71:]...)...)
		}
		b.function("trap_handler", pick(30, 36))
		b.function("sync_handler", pick(20, 18))
		b.source("mm.c")
		b.function(map[bool]string{false: "map_old", true: "map_new"}[second], pick(16, 24))
		if second {
			b.last -= 2
		}
		b.function("unmap", 12)
		b.table("page_pool", pick(64, 128))
		b.table(map[bool]string{false: "exits.12", true: "exits.34"}[second], 16)
		return b.object()
	}
	return make("a/hyp.o", false), make("b/hyp.o", true)
}

// comparePage writes the page of two objects.
func comparePage(t testing.TB, a, b *elfobj.Object) []byte {
	t.Helper()
	var reports []*sizes.Report
	for _, o := range []*elfobj.Object{a, b} {
		m, err := sizes.Of(o, layout.Options{})
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, sizes.NewReport(m))
	}
	reports[1].Against(reports[0])
	r, err := compare.Run(a, b, compare.Options{Sides: true})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := picture.WriteCompare(&page, r, reports[1]); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}
