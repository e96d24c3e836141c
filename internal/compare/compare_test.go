// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

func parse(t testing.TB, name, text string) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func linkMap(t testing.TB) *layout.Layout {
	t.Helper()
	m, err := layout.Read("hyp.json", golden.Read(t, "hyp.json"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// compareEdited compares testdata/hyp.txt with an edited copy.
func compareEdited(t testing.TB, opts Options, edits ...string) *Report {
	t.Helper()
	text := string(golden.Read(t, "hyp.txt"))
	r, err := Run(parse(t, "a.o", text), parse(t, "b.o", golden.Edit(t, text, edits...)), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lines returns the text report without its first two lines and the prefix.
func lines(t testing.TB, r *Report) []string {
	t.Helper()
	var b bytes.Buffer
	r.WriteText(textline.NewWriter(&b), -1)
	text := strings.ReplaceAll(b.String(), "__kvm_nvhe_", "")
	out := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(out) >= 2 && strings.HasPrefix(out[0], "---") {
		out = out[2:]
	}
	return out
}

// Edits that add a NOP to vcpu_run and padding after it, so that all code of
// host.s moves.
var shifted = []string{
	"1f2003d5\n  fd7bc2a8 c0035fd6 df3f03d5 00000000 e0031faa", "1f2003d5\n  1f2003d5 fd7bc2a8 c0035fd6 df3f03d5 00000000 00000000 00000000 00000000 e0031faa",
	"[.hyp.text]+104", "[.hyp.text]+108",
	"vcpu_run GLOBAL FUNC .hyp.text+0x20 size=72", "vcpu_run GLOBAL FUNC .hyp.text+0x20 size=76",
	"+0x78 R_", "+0x88 R_", "+0x7c R_", "+0x8c R_", "+0x80 R_", "+0x90 R_", "+0x84 R_", "+0x94 R_",
	"$x LOCAL NOTYPE .hyp.text+0x70", "$x LOCAL NOTYPE .hyp.text+0x80", "panic LOCAL NOTYPE .hyp.text+0x7c", "panic LOCAL NOTYPE .hyp.text+0x8c",
	"$d LOCAL NOTYPE .hyp.text+0x90", "$d LOCAL NOTYPE .hyp.text+0xa0", "exit_guest GLOBAL FUNC .hyp.text+0x70", "exit_guest GLOBAL FUNC .hyp.text+0x80",
	"table_base GLOBAL NOTYPE .hyp.text+0x90", "table_base GLOBAL NOTYPE .hyp.text+0xa0",
}

// Each case changes one thing and has the complete report.
var cases = []struct {
	name  string
	edits []string
	want  []string
}{
	{
		"flipped bit",
		[]string{"010040f9 21040091", "010040f9 21080091"},
		[]string{"function vcpu_run of switch.c: 1 instruction differs", "  -  +0x18  add x1, x1, #0x1", "  +  +0x18  add x1, x1, #0x2"},
	},
	{
		"flipped bit in a local call",
		[]string{"fd030091 f6ffff97", "fd030091 f7ffff97"},
		[]string{"function vcpu_run of switch.c: 1 instruction differs", "  -   +0x8  bl <get_fault_info>", "  +   +0x8  bl <get_fault_info+0x4>"},
	},
	{
		"call of another function",
		[]string{"R_AARCH64_CALL26 __kvm_nvhe_host_call+0", "R_AARCH64_CALL26 __kvm_nvhe_host_panic+0"},
		[]string{"function vcpu_run of switch.c: 1 instruction differs", "  -  +0x38  bl .+0x0  R_AARCH64_CALL26 host_call", "  +  +0x38  bl .+0x0  R_AARCH64_CALL26 host_panic"},
	},
	{
		"wrong addend",
		[]string{"+0x0 R_AARCH64_PREL32 __kvm_nvhe_vcpu_run+16", "+0x0 R_AARCH64_PREL32 __kvm_nvhe_vcpu_run+20"},
		[]string{"data __bug_table of switch.c: 1 data item differs", "  -   +0x0  00 00 00 00  R_AARCH64_PREL32 vcpu_run+0x10", "  +   +0x0  00 00 00 00  R_AARCH64_PREL32 vcpu_run+0x14"},
	},
	{
		"another relocation type",
		[]string{"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x2c R_AARCH64_ADR_PREL_PG_HI21_NC [.hyp.bss]+0"},
		[]string{"function vcpu_run of switch.c: 1 instruction differs", "  -   +0xc  adrp x0, .+0x0  R_AARCH64_ADR_PREL_PG_HI21 counter", "  +   +0xc  adrp x0, .+0x0  R_AARCH64_ADR_PREL_PG_HI21_NC counter"},
	},
	{
		"another string",
		[]string{"67756573 74206578\n  69740068", "47756573 74206578\n  69740068"},
		[]string{"data .hyp.rodata of switch.c: 1 data item differs", `  -   +0x0  "guest exit"`, `  +   +0x0  "Guest exit"`},
	},
	{
		"longer string",
		[]string{
			"67756573 74206578\n  69740068", "67756573 73742065 78\n  69740068", "+0x7c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.rodata]+35", "+0x7c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.rodata]+36",
			"[.hyp.rodata]+35", "[.hyp.rodata]+36",
		},
		[]string{"section .hyp.rodata: size 0x2d -> 0x2e", "data .hyp.rodata of switch.c: 1 data item differs, size 0x15 -> 0x16", `  -   +0x0  "guest exit"`, `  +   +0x0  "guesst exit"`},
	},
	{
		"padding before a function",
		[]string{
			"01523cd5 810000b4 010000f9 20008052 c0035fd6 00008052 c0035fd6 1f2003d5", "00000000 01523cd5 810000b4 010000f9 20008052 c0035fd6 00008052 c0035fd6",
			"get_fault_info LOCAL FUNC .hyp.text+0x0", "get_fault_info LOCAL FUNC .hyp.text+0x4", "R_AARCH64_ABS64 [.hyp.text]+0", "R_AARCH64_ABS64 [.hyp.text]+4", "f6ffff97", "f7ffff97",
		},
		[]string{
			"padding: .hyp.text: padding differs in 1 place, the first: 4 bytes of nops at +0x1c -> 4 bytes of zeros at +0x0",
			"mapping-symbols: 1 removed, 1 added; the first is $x at get_fault_info",
		},
	},
	{
		"moved to another section",
		[]string{
			"symbol __kvm_nvhe_host_data GLOBAL OBJECT .hyp.data..percpu+0x0", "symbol __kvm_nvhe_host_data GLOBAL OBJECT .data+0x0",
			"section .hyp.data..percpu PROGBITS WA align=8\n  00000000 00000000\n  +0x0 R_AARCH64_ABS64 __kvm_nvhe_host_data+0\nsection .data PROGBITS WA align=1\n",
			"section .hyp.data..percpu PROGBITS WA align=8\nsection .data PROGBITS WA align=1\n  00000000 00000000\n  +0x0 R_AARCH64_ABS64 __kvm_nvhe_host_data+0\n",
			"  +0x10 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.data..percpu+0\n", "  +0x10 R_AARCH64_PREL32 __kvm_nvhe_host_data+0\n",
			"symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.data..percpu+0x0\n", "symbol __kvm_nvhe_$d LOCAL NOTYPE .data+0x0\n",
		},
		[]string{
			"section .hyp.data..percpu: size 0x8 -> 0x0", "section .data: size 0x0 -> 0x8", "variable host_data of host.hyp.o: moved from .hyp.data..percpu+0x0 to .data+0x0",
			"relocation-form: .hyp.reloc: 1 relocation with another symbol for the same place, or in a different order",
		},
	},
	{
		"another table entry",
		[]string{"+0x8 R_AARCH64_ABS64 __kvm_nvhe_vcpu_run+0", "+0x8 R_AARCH64_ABS64 __kvm_nvhe_exit_guest+0"},
		[]string{"constant handlers of switch.c: 1 data item differs", "  -   +0x8  00 00 00 00 00 00 00 00  R_AARCH64_ABS64 vcpu_run", "  +   +0x8  00 00 00 00 00 00 00 00  R_AARCH64_ABS64 exit_guest"},
	},
	{
		"shifted", shifted,
		[]string{"section .hyp.text: size 0x98 -> 0xa8", "function vcpu_run of switch.c: 1 instruction differs, size 0x48 -> 0x4c", "  +  +0x40  nop"},
	},
	{
		"entry of .hyp.reloc",
		[]string{"__hyp_section_.hyp.rodata+16", "__hyp_section_.hyp.rodata+12"},
		[]string{"data .hyp.reloc: 1 data item differs", "  -   +0xc  00 00 00 00  R_AARCH64_PREL32 handlers+0x10", "  +   +0xc  00 00 00 00  R_AARCH64_PREL32 handlers+0xc"},
	},
	{
		"binding",
		[]string{"symbol __kvm_nvhe_entry GLOBAL", "symbol __kvm_nvhe_entry WEAK"},
		[]string{"symbol entry of host.hyp.o: binding STB_GLOBAL -> STB_WEAK"},
	},
	{
		"visibility",
		[]string{"FUNC .hyp.idmap.text+0x0 size=16", "FUNC .hyp.idmap.text+0x0 size=16 HIDDEN"},
		[]string{"symbol entry of host.hyp.o: visibility STV_DEFAULT -> STV_HIDDEN"},
	},
	{
		"undefined symbol",
		[]string{"symbol __kvm_nvhe_vectors", "symbol __kvm_nvhe_more GLOBAL NOTYPE UND\nsymbol __kvm_nvhe_vectors"},
		[]string{"symbol more: added, undefined"},
	},
	{
		"alias",
		[]string{"symbol __kvm_nvhe_vectors", "symbol __kvm_nvhe_z_alias GLOBAL FUNC .hyp.text+0x70 size=12\nsymbol __kvm_nvhe_vectors"},
		[]string{"symbol z_alias of host.hyp.o: added, STB_GLOBAL, STT_FUNC, at exit_guest"},
	},
	{
		"renamed static",
		[]string{"symbol __kvm_nvhe_counter LOCAL", "symbol __kvm_nvhe_counter.12 LOCAL"},
		[]string{
			"variable counter of switch.c: removed (.hyp.bss+0x0, 0x8 bytes)", "variable counter.12 of switch.c: added (.hyp.bss+0x0, 0x8 bytes)",
			"function vcpu_run of switch.c: 2 instructions differ",
		},
	},
	{
		"section flags",
		[]string{"section .hyp.rodata PROGBITS A ", "section .hyp.rodata PROGBITS WA "},
		[]string{"section .hyp.rodata: flags A -> WA"},
	},
	{
		"section alignment",
		[]string{".hyp.text PROGBITS AX align=16", ".hyp.text PROGBITS AX align=32"},
		[]string{"section .hyp.text: alignment 0x10 -> 0x20"},
	},
	{
		"section added",
		[]string{"section .hyp.bss", "section .hyp.more PROGBITS A align=1\n  01\nsection .hyp.bss"},
		[]string{"section .hyp.more: added, 0x1 bytes", "data .hyp.more: added (.hyp.more+0x0, 0x1 bytes)"},
	},
	{
		"padding",
		[]string{"00000014 1f2003d5 1f2003d5 88776655", "00000014 00000000 00000000 88776655"},
		[]string{"padding: .hyp.text: padding differs in 1 place, the first: 8 bytes of nops at +0x88 -> 8 bytes of zeros at +0x88"},
	},
	{
		"mapping symbol",
		[]string{"symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.bss+0x0\n", ""},
		[]string{"mapping-symbols: 1 removed, 0 added; the first is $d at counter"},
	},
	{
		"source name",
		[]string{"symbol __kvm_nvhe_switch.c LOCAL FILE", "symbol __kvm_nvhe_switch.S LOCAL FILE"},
		[]string{"file-symbols: removed switch.c, added switch.S"},
	},
	{
		"section symbol replaced by function symbol",
		[]string{"+0x0 R_AARCH64_ABS64 [.hyp.text]+0", "+0x0 R_AARCH64_ABS64 __kvm_nvhe_get_fault_info+0"},
		[]string{"relocation-form: .hyp.rodata: 1 relocation with another symbol for the same place, or in a different order"},
	},
	{
		"order of symbols",
		[]string{"symbol __kvm_nvhe_vectors GLOBAL NOTYPE UND\n", "", "symbol __kvm_nvhe_host_call", "symbol __kvm_nvhe_vectors GLOBAL NOTYPE UND\nsymbol __kvm_nvhe_host_call"},
		[]string{"symbol-order: 1 symbol moved in the table"},
	},
	{
		"processor flags",
		[]string{"machine AArch64", "machine AArch64 flags=0x1"},
		[]string{"processor flags 0x0 -> 0x1"},
	},
	{
		"byte order",
		[]string{"machine AArch64", "machine AArch64 big"},
		[]string{"byte order little-endian -> big-endian"},
	},
	{"nothing", nil, []string{"encoding: only string tables or file offsets differ"}},
}

func TestCases(t *testing.T) {
	for _, c := range cases {
		if c.want == nil {
			continue
		}
		r := compareEdited(t, Options{Strict: true}, c.edits...)
		got := lines(t, r)
		if c.name == "renamed static" {
			// References to it differ as well; other cases cover these.
			got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "  ") || strings.HasPrefix(s, "symbol ") })
			slices.Sort(got)
			slices.Sort(c.want)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
		if r.Equal {
			t.Errorf("%s: equal", c.name)
		}
	}
}

// Each category can be ignored; then the objects are equal.
func TestIgnore(t *testing.T) {
	for category, edits := range map[string][]string{
		"debug":           {"section .hyp.bss", "section .debug_info PROGBITS - align=1\n  01\nsection .hyp.bss"},
		"comment":         {"section .hyp.bss", "section .comment PROGBITS MS align=1 entsize=1\n  \"GCC\" 00\nsection .hyp.bss"},
		"notes":           {"section .hyp.bss", "section .note.x NOTE - align=1\n  01\nsection .hyp.bss"},
		"file-symbols":    {"symbol __kvm_nvhe_switch.c LOCAL FILE", "symbol __kvm_nvhe_switch.S LOCAL FILE"},
		"mapping-symbols": {"symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.bss+0x0\n", ""},
		"local-labels":    {"symbol __kvm_nvhe_counter", "symbol __kvm_nvhe_.L1 LOCAL NOTYPE .hyp.rodata+0x18\nsymbol __kvm_nvhe_counter"},
		"symbol-order":    {"symbol __kvm_nvhe_vectors GLOBAL NOTYPE UND\n", "", "symbol __kvm_nvhe_host_call", "symbol __kvm_nvhe_vectors GLOBAL NOTYPE UND\nsymbol __kvm_nvhe_host_call"},
		"section-order":   {"section .hyp.bss NOBITS WA align=8 size=8\n", "", "section __bug_table", "section .hyp.bss NOBITS WA align=8 size=8\nsection __bug_table"},
		"relocation-form": {"+0x0 R_AARCH64_ABS64 [.hyp.text]+0", "+0x0 R_AARCH64_ABS64 __kvm_nvhe_get_fault_info+0"},
		"padding":         {"00000014 1f2003d5 1f2003d5 88776655", "00000014 00000000 00000000 88776655"},
		"encoding":        {},
	} {
		if r := compareEdited(t, Options{Strict: true}, edits...); r.Equal {
			t.Errorf("%s: equal without being ignored", category)
		}
		r := compareEdited(t, Options{Strict: true, Ignore: []string{category}}, edits...)
		if !r.Equal || r.Ignored[category] == 0 {
			t.Errorf("%s: not ignored (%v):\n%s", category, r.Ignored, strings.Join(lines(t, r), "\n"))
		}
		for _, other := range Categories {
			if other.Name != category && compareEdited(t, Options{Strict: true, Ignore: []string{other.Name}}, edits...).Equal {
				t.Errorf("%s: ignored by --ignore=%s", category, other.Name)
			}
		}
	}
	if len(Categories) != 11 {
		t.Errorf("%d categories; add the new one above", len(Categories))
	}
}

// A change of any byte is reported, with the symbol that covers it.
func TestEveryByteCounts(t *testing.T) {
	text := string(golden.Read(t, "hyp.txt"))
	a := parse(t, "a.o", text)
	src, _, err := findSources(a, a, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := newView(a, src, layout.Prefix(a))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range a.Sections {
		if s == nil || !s.HasContents() {
			continue
		}
		for off := range s.Size {
			b := parse(t, "b.o", text)
			data := bytes.Clone(s.Contents())
			data[off] ^= 0x40
			b.Sections[i].Data = data
			r, err := Run(a, b, Options{Ignore: []string{"encoding"}})
			if err != nil {
				t.Fatal(err)
			}
			where := fmt.Sprintf("%s+%#x", s.Name, off)
			if r.Equal {
				t.Errorf("%s: not reported", where)
				continue
			}
			n := v.unitAt(elfobj.SectionIndex(i), off)
			if u := &v.units[n]; n >= 0 && off < u.end && !slices.ContainsFunc(r.Units, func(c UnitChange) bool { return c.Name == v.heading(u) && c.Count <= 2 }) {
				t.Errorf("%s: %s is not named: %s", where, v.heading(u), strings.Join(lines(t, r), "\n"))
			}
		}
	}
}

// A change of any field of a relocation or a symbol is reported.
func TestEveryFieldCounts(t *testing.T) {
	text := string(golden.Read(t, "hyp.txt"))
	a := parse(t, "a.o", text)
	check := func(what string, b *elfobj.Object) {
		t.Helper()
		r, err := Run(a, b, Options{Ignore: []string{"encoding"}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Equal {
			t.Errorf("%s: not reported", what)
		}
	}
	for i, s := range a.Sections {
		for n := 0; s != nil && n < s.RelocCount(); n++ {
			for field, change := range map[string]func(*elfobj.Reloc){
				"addend": func(r *elfobj.Reloc) { r.Addend += 4 },
				"type":   func(r *elfobj.Reloc) { r.Type = a.Machine.None },
				"offset": func(r *elfobj.Reloc) {
					if r.Offset+a.Machine.RelocField(r.Type) < s.Size {
						r.Offset++
					} else {
						r.Offset--
					}
				},
				"symbol": func(r *elfobj.Reloc) { r.Symbol = (r.Symbol + 3) % uint32(len(a.Symbols)) },
			} {
				b := parse(t, "b.o", text)
				var relocs []elfobj.Reloc
				for rel := range b.Relocations(b.Sections[i]) {
					relocs = append(relocs, rel)
				}
				if field == "offset" && s.Size == a.Machine.RelocField(relocs[n].Type) {
					continue // no other offset is valid
				}
				change(&relocs[n])
				b.Sections[i].Relocs = elfobj.EncodeRelocs(relocs, false)
				check(fmt.Sprintf("%s of relocation %d of %s", field, n, s.Name), b)
			}
		}
	}
	for i := 1; i < len(a.Symbols); i++ {
		if a.Symbols[i].Name == "" {
			continue // a section symbol
		}
		for field, change := range map[string]func(*elfobj.Symbol){
			"name":       func(s *elfobj.Symbol) { s.Name += "x" },
			"value":      func(s *elfobj.Symbol) { s.Value += 4 },
			"size":       func(s *elfobj.Symbol) { s.Size += 4 },
			"section":    func(s *elfobj.Symbol) { s.Section = s.Section%3 + 1 },
			"type":       func(s *elfobj.Symbol) { s.Info ^= 1 },
			"visibility": func(s *elfobj.Symbol) { s.Other ^= 2 },
		} {
			s := a.Symbols[i]
			unused := s.Section <= 0 && field != "name" && field != "type" && field != "section"
			if unused || strings.Contains(s.Name, "$") && field != "name" && field != "value" && field != "section" || strings.HasSuffix(s.Name, ".c") || strings.HasSuffix(s.Name, ".o") {
				continue // the field has no meaning
			}
			b := parse(t, "b.o", text)
			change(&b.Symbols[i])
			check(fmt.Sprintf("%s of symbol %d %s", field, i, s.Name), b)
		}
	}
}

// The report of several differences at once, with input names from a map.
func TestReportGolden(t *testing.T) {
	edits := append(slices.Clone(shifted),
		"R_AARCH64_CALL26 __kvm_nvhe_host_call+0", "R_AARCH64_CALL26 __kvm_nvhe_host_panic+0",
		"symbol __kvm_nvhe_entry GLOBAL", "symbol __kvm_nvhe_entry WEAK",
		"67756573 74206578\n  69740068", "47756573 74206578\n  69740068",
		"section __bug_table PROGBITS WA", "section __bug_table PROGBITS A")
	r := compareEdited(t, Options{MapA: linkMap(t), Ignore: []string{"debug"}}, edits...)
	var b bytes.Buffer
	r.WriteText(textline.NewWriter(&b), 3)
	golden.Same(t, "report.txt", b.Bytes())
	b.Reset()
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden.Same(t, "report.json", b.Bytes())
}
