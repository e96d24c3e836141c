// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// mergeModes are the words of the golden files.
var mergeModes = map[string]MergeMode{"": MergeNone, "in-order": MergeInOrder, "lld14": MergeLLD14, "lld15": MergeLLD15, "lld17": MergeLLD17}

// stringSections are the mergeable sections of random inputs. References to each
// are of one relocation type, so that what is at a reference can be read.
var stringSections = []struct {
	name, flags, reloc string
	entsize, align     uint64
}{
	{".rodata.str1.1", "AMS", "ABS64", 1, 1},
	{".rodata.str", "AMS", "ABS64", 1, 1},
	{".rodata.str1.8", "AMS", "ABS64", 1, 8},
	{".debug_str", "MS", "ABS64", 1, 1},
	{".rodata.str4.4", "AMS", "ABS32", 4, 4},
	{".rodata.cst8", "AM", "PREL64", 8, 8},
	{".rodata.cst16", "AM", "PREL32", 16, 16},
}

// randomStrings is an input with strings and constants that others have too, and
// references to them by section symbols, local and global symbols.
func randomStrings(r *rand.Rand, number int) string {
	var b, refs, syms strings.Builder
	at := 0
	for k, s := range stringSections {
		if r.IntN(4) == 0 {
			continue
		}
		var data []byte
		fmt.Fprintf(&syms, "symbol [%s] LOCAL SECTION %s+0\n", s.name, s.name)
		for n := range 1 + r.IntN(12) {
			data = append(data, make([]byte, (s.align-uint64(len(data))%s.align)%s.align)...)
			start := len(data)
			for range map[bool]int{true: r.IntN(4), false: 1}[strings.Contains(s.flags, "S")] {
				data = append(data, bytes.Repeat([]byte{byte('a' + r.IntN(3))}, int(s.entsize))...)
			}
			if strings.Contains(s.flags, "S") {
				data = append(data, make([]byte, s.entsize)...)
			}
			inside := r.IntN(len(data) - start)
			if strings.Contains(s.flags, "S") {
				inside -= inside % int(s.entsize)
			}
			switch r.IntN(4) {
			case 0:
				fmt.Fprintf(&syms, "symbol l%d.%d LOCAL OBJECT %s+%d size=%d\n", k, n, s.name, start, len(data)-start)
				fmt.Fprintf(&refs, " +%#x %s l%d.%d+%d\n", at, s.reloc, k, n, inside)
			case 1:
				fmt.Fprintf(&syms, "symbol g%d.%d.%d GLOBAL OBJECT %s+%d\n", number, k, n, s.name, start)
				fmt.Fprintf(&refs, " +%#x %s g%d.%d.%d+%d\n", at, s.reloc, number, k, n, inside)
			default:
				fmt.Fprintf(&refs, " +%#x %s [%s]+%d\n", at, s.reloc, s.name, start+inside)
			}
			at += 8
		}
		fmt.Fprintf(&b, "section %s PROGBITS %s align=%d entsize=%d\n  %s\n", s.name, s.flags, s.align, s.entsize, hex.EncodeToString(data))
	}
	// Not taken apart: a reference to the end, and a string without its end.
	fmt.Fprintf(&b, "section .rodata.whole PROGBITS AMS align=1 entsize=1\n 616200\nsection .rodata.open PROGBITS AMS align=1 entsize=1\n 6162\n")
	fmt.Fprintf(&b, "section .data PROGBITS WA align=8\n %s\n%s +%#x PREL16 [.rodata.whole]+3\n", strings.Repeat("00", at+8), &refs, at)
	fmt.Fprintf(&b, "%ssymbol [.rodata.whole] LOCAL SECTION .rodata.whole+0\n", &syms)
	return b.String()
}

// resolve lists what is at each reference of .data: a string or a constant.
func resolve(t *testing.T, o *elfobj.Object) (found []string, distinct map[string]int) {
	t.Helper()
	distinct = map[string]int{}
	data := o.Section(".data")
	for rel, err := range o.Relocations(data) {
		if err != nil {
			t.Fatal(err)
		}
		sym := &o.Symbols[rel.Symbol]
		sec := o.SectionOf(sym)
		at := sym.Value + uint64(rel.Addend)
		rest := sec.Contents()[at:]
		name := o.Machine.RelocName(rel.Type)
		for _, s := range stringSections {
			if strings.HasSuffix(name, "_"+s.reloc) {
				size := s.entsize
				if strings.Contains(s.flags, "S") {
					size = stringSize(rest, s.entsize)
				} else {
					size -= at % s.entsize
				}
				found = append(found, fmt.Sprintf("%s %q", name, rest[:size]))
				break
			}
		}
	}
	for _, s := range o.Sections {
		if s != nil && s.Name != ".data" {
			distinct[s.Name] = int(s.Size)
		}
	}
	return found, distinct
}

// TestMergedReferences resolves each reference of random objects with and without
// merged strings: it must find the same string.
func TestMergedReferences(t *testing.T) {
	script, err := ldscript.Parse("s.lds", []byte("SECTIONS { .hyp.rodata : { BYTE(1) *(.rodata.str*) . = ALIGN(16); *(.rodata.*) end = .; } }"))
	if err != nil {
		t.Fatal(err)
	}
	smaller, references := 0, 0
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 1 + r.IntN(5)
		texts := make([]string, n)
		for i := range texts {
			texts[i] = randomStrings(r, i)
		}
		link := func(mode MergeMode) *elfobj.Object {
			opts := Options{Name: "out.o", Merge: mode}
			if seed%2 == 0 {
				opts.Script = script
			}
			var objects []*elfobj.Object
			for i, text := range texts {
				o, err := elftext.Parse(fmt.Sprintf("%d.o", i), text)
				if err != nil {
					t.Fatalf("%v in\n%s", err, text)
				}
				if o, err = throughBytes(o); err != nil {
					t.Fatal(err)
				}
				objects = append(objects, o)
			}
			out, err := Link(objects, opts)
			if err == nil {
				out, err = throughBytes(out)
			}
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			return out
		}
		want, before := resolve(t, link(MergeNone))
		references += len(want)
		sizes := map[string]int(nil)
		for _, mode := range []MergeMode{MergeInOrder, MergeLLD14, MergeLLD15, MergeLLD17} {
			got, after := resolve(t, link(mode))
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Fatalf("seed %d, mode %d: got\n%s\nwant\n%s", seed, mode, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			for name, size := range after {
				// Zeros that align strings are empty strings, which lld merges and aligns too.
				if size > before[name] && name != ".rodata.str1.8" && name != ".hyp.rodata" {
					t.Errorf("seed %d, mode %d: %s grew from %d to %d bytes", seed, mode, name, before[name], size)
				}
				if size < before[name] {
					smaller++
				}
				if n, ok := sizes[name]; ok && !strings.Contains(name, "8") && name != ".hyp.rodata" && n != size {
					t.Errorf("seed %d, mode %d: %s has %d bytes, in another order %d", seed, mode, name, size, n)
				}
			}
			sizes = after
		}
	}
	if smaller < 500 || references < 5000 {
		t.Errorf("%d sections of all got smaller, and %d references were looked at; the test is too small", smaller, references)
	}
}

// TestMergeLimit keeps sections whole once there are too many strings.
func TestMergeLimit(t *testing.T) {
	if got := cut(make([]byte, 5), 1, true, 4); got != nil {
		t.Errorf("got %v for five strings with room for four", got)
	}
	if got := cut(make([]byte, 4), 1, true, 4); len(got) != 4 {
		t.Errorf("got %v for four strings with room for four", got)
	}
}
