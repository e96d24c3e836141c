// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/rename"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// object parses testdata/hyp.txt with some of its text replaced.
func object(t testing.TB, edits ...string) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse("hyp.o", golden.Edit(t, string(golden.Read(t, "hyp.txt")), edits...))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func names(list ...string) *Names {
	n := &Names{}
	for _, s := range list {
		n.Add(s)
	}
	return n
}

// options returns options under which the object of testdata/hyp.txt passes.
func options() Options {
	return Options{SymbolPrefix: "__kvm_nvhe_", SectionPrefix: ".hyp", Undefined: names("host_call", "__kvm_nvhe_host_panic", "vec*")}
}

func script(t testing.TB) *ldscript.Script {
	t.Helper()
	s, err := ldscript.Parse("hyp.lds", golden.Read(t, "hyp.lds"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func linkMap(t testing.TB) *layout.Layout {
	t.Helper()
	m, err := layout.Read("hyp.json", golden.Read(t, "hyp.json"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// summary formats the fields of a finding that the tables below list.
func summary(f *Finding) string {
	s := f.ID
	for _, v := range []string{f.Section, f.Symbol, f.Input, f.UsedBy} {
		if v = strings.TrimPrefix(v, "__kvm_nvhe_"); v == "" {
			v = "-"
		}
		s += " " + v
	}
	return s
}

func TestGoodObjectPasses(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"plain":            func(*Options) {},
		"script":           func(o *Options) { o.Script = script(t) },
		"map":              func(o *Options) { o.Map = linkMap(t) },
		"required":         func(o *Options) { o.HypRelocations = Required },
		"no symbol prefix": func(o *Options) { o.SymbolPrefix, o.Undefined = "", names("*") },
	} {
		o := options()
		change(&o)
		r, err := Run(object(t), o)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Passed || len(r.Findings) != 0 {
			t.Errorf("%s: %s", name, textOf(r))
		}
	}
}

// Some case breaks each rule.
func TestEachRuleHasACase(t *testing.T) {
	for _, r := range Rules {
		if !slices.ContainsFunc(slices.Concat(broken, brokenEvents, brokenShadow), func(c brokenCase) bool {
			return slices.ContainsFunc(c.want, func(w string) bool { return strings.HasPrefix(w, r.ID+" ") })
		}) {
			t.Errorf("no case violates %s %s", r.ID, r.Name)
		}
	}
	for i, r := range Rules {
		if RuleByID(r.ID) != r || RuleByID(r.Name) != r || i > 0 && Rules[i-1].ID >= r.ID {
			t.Errorf("%s: identifiers are not unique or not in order", r.ID)
		}
	}
}

// Given a map, findings name input objects.
func TestMapNamesInputs(t *testing.T) {
	o := options()
	o.Map, o.Undefined = linkMap(t), names("vectors", "host_panic")
	r, err := Run(object(t, "__hyp_section_.hyp.rodata+16", "__hyp_section_.hyp.rodata+12"), o)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for i := range r.Findings {
		got = append(got, summary(&r.Findings[i]))
	}
	want := []string{"HYP002 - host_call switch.hyp.o vcpu_run", "HYP007 .hyp.rodata handlers switch.hyp.o -", "HYP007 .hyp.reloc handlers - -"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	o.Map.Sections[1].Size++
	if _, err := Run(object(t), o); err == nil || !strings.Contains(err.Error(), "in the map") {
		t.Errorf("a map of another link: %v", err)
	}
}

func TestSuppressions(t *testing.T) {
	o := options()
	o.Undefined = names("vectors")
	o.Off = []Suppression{
		{ID: "undefined-symbol", Symbol: "*host_call", Input: "switch.*", Reason: "kept for the test"},
		{ID: "HYP003", Section: ".data", Reason: "matches nothing"},
	}
	r, err := Run(object(t), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || r.Findings[0].Symbol != "__kvm_nvhe_host_panic" || r.Passed {
		t.Errorf("findings: %+v", r.Findings)
	}
	if len(r.Suppressed) != 1 || r.Suppressed[0].Symbol != "__kvm_nvhe_host_call" || r.Suppressed[0].Reason != "kept for the test" {
		t.Errorf("suppressed: %+v", r.Suppressed)
	}
	if len(r.Unused) != 1 || r.Unused[0].ID != "HYP003" {
		t.Errorf("unused: %+v", r.Unused)
	}
}

// textOf returns the text report.
func textOf(r *Report) string {
	var b strings.Builder
	r.WriteText(textline.NewWriter(&b))
	return b.String()
}

// The text and JSON reports, with a finding for each rule that an object can
// break at the same time as the others.
func TestReportGolden(t *testing.T) {
	o := options()
	o.Undefined, o.RequireBTI = names("host_panic", "vectors"), true
	o.Off = []Suppression{{ID: "HYP009", Section: ".hyp.text", Reason: "self-modifying, see the test"}}
	r, err := Run(object(t,
		"section .hyp.text PROGBITS AX", "section .hyp.text PROGBITS WAX",
		"section .data PROGBITS WA align=1\n", "section .data PROGBITS WA align=4\n  05000000 06000000 07000000\n",
		"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x2c R_AARCH64_ADR_GOT_PAGE __kvm_nvhe_level+0",
		"symbol __kvm_nvhe_handlers", "symbol __kvm_nvhe_$d LOCAL NOTYPE .data+0x0\nsymbol __kvm_nvhe_level LOCAL OBJECT .data+0x8 size=4\nsymbol __kvm_nvhe_handlers",
		"symbol __kvm_nvhe_entry GLOBAL", "symbol entry GLOBAL",
		"__hyp_section_.hyp.rodata+16", "__hyp_section_.hyp.rodata+12",
		"+0x78 R_AARCH64_JUMP26 __kvm_nvhe_host_call+0", "+0x74 R_AARCH64_TSTBR14 __kvm_nvhe_panic+32768",
	), o)
	if err != nil {
		t.Fatal(err)
	}
	golden.Same(t, "report.txt", []byte(textOf(r)))
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden.Same(t, "report.json", b.Bytes())
}

// The text shows the first findings of a rule and counts the rest.
func TestTextIsShort(t *testing.T) {
	r := &Report{Object: "o"}
	for range 3*textLimit + 1 {
		r.Findings = append(r.Findings, Finding{ID: "HYP004", Rule: "symbol-prefix", Message: "m", Fix: "f"})
	}
	lines := strings.Split(strings.TrimSuffix(textOf(r), "\n"), "\n")
	if len(lines) != textLimit+1 || !strings.Contains(lines[textLimit], "41 more") {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

// An object may have a suffix besides the prefix, or in place of it.
func TestSuffix(t *testing.T) {
	suffixed := func() (*elfobj.Object, Options) {
		o, opts := object(t), options()
		if err := rename.Apply(o, rename.Options{SymbolSuffix: "_base"}); err != nil {
			t.Fatal(err)
		}
		opts.SymbolSuffix, opts.Undefined, opts.HypRelocations, opts.Map = "_base", names("host_call", "host_panic", "vec*"), Required, linkMap(t)
		return o, opts
	}
	o, opts := suffixed()
	r, err := Run(o, opts)
	if err != nil || !r.Passed || len(r.Findings) != 0 {
		t.Errorf("got %v, %s; want no findings", err, textOf(r))
	}
	for i := range o.Symbols {
		if o.Symbols[i].Name == "__kvm_nvhe_entry_base" {
			o.Symbols[i].Name = "__kvm_nvhe_entry"
		}
	}
	r, err = Run(o, opts)
	if err != nil || len(r.Findings) != 1 || r.Findings[0].ID != "HYP004" || !strings.Contains(r.Findings[0].Message, `"__kvm_nvhe_entry" does not end with _base`) ||
		!strings.Contains(r.Findings[0].Fix, "--symbol-prefix=__kvm_nvhe_ --symbol-suffix=_base") {
		t.Errorf("got %v, %s; want HYP004 of entry", err, textOf(r))
	}
}

// TestRelocOrder makes the table in the order of relocation sections, which in lld's objects is not that of the sections.
func TestRelocOrder(t *testing.T) {
	o := object(t)
	remove := make([]bool, len(o.Sections))
	var order []elfobj.SectionIndex
	for i, s := range o.Sections {
		if s != nil {
			remove[i] = s.Name == hyprel.TableSection
			order = append(order, elfobj.SectionIndex(i))
		}
	}
	if err := o.RemoveSections(remove); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(order)
	o.SetRelocOrder(order)
	const prefix = "__kvm_nvhe_"
	for i := range o.Symbols {
		o.Symbols[i].Name = strings.TrimPrefix(o.Symbols[i].Name, prefix)
	}
	if err := hyprel.Add(o, ".hyp"); err != nil {
		t.Fatal(err)
	}
	if err := rename.Apply(o, rename.Options{SymbolPrefix: prefix}); err != nil {
		t.Fatal(err)
	}
	b, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if o, err = elfobj.Parse("hyp.o", b); err != nil {
		t.Fatal(err)
	}
	opts := options()
	opts.HypRelocations = Required
	r, err := Run(o, opts)
	if err != nil || !r.Passed {
		t.Errorf("%v, %s", err, textOf(r))
	}
	// The same table is in the wrong order for an object whose relocations are in the order of the sections.
	o.SetRelocOrder(nil)
	r, err = Run(o, opts)
	if err != nil || len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Message, "out of order") {
		t.Errorf("%v, got %q, want one finding about the order", err, textOf(r))
	}
}
