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

// brokenCase changes the object or the options, and lists the findings.
type brokenCase struct {
	name    string
	edits   []string
	options func(testing.TB, *Options)
	want    []string // ID, section, symbol, input, used by
}

// unprefixed renames the undefined symbol host_call to a name without the prefix.
func unprefixed(name string) []string {
	return []string{
		"CALL26 __kvm_nvhe_host_call", "CALL26 " + name, "JUMP26 __kvm_nvhe_host_call", "JUMP26 " + name,
		"symbol __kvm_nvhe_host_call", "symbol " + name,
	}
}

// Each case breaks one thing in an object that passes.
var broken = []brokenCase{
	{
		"GOT",
		[]string{"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x2c R_AARCH64_ADR_GOT_PAGE __kvm_nvhe_counter+0"},
		nil,
		[]string{"HYP001 .hyp.text vcpu_run switch.c -"},
	},
	{
		"TLS",
		[]string{"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x2c R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21 __kvm_nvhe_counter+0"},
		nil,
		[]string{"HYP001 .hyp.text vcpu_run switch.c -"},
	},
	{
		"absolute in code",
		[]string{"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x2c R_AARCH64_MOVW_UABS_G3 __kvm_nvhe_counter+0"},
		nil,
		[]string{"HYP001 .hyp.text vcpu_run switch.c -"},
	},
	{
		"ABS32 of an address",
		[]string{"+0x40 R_AARCH64_ADR_PREL_PG_HI21 [.hyp.rodata]+0", "+0x40 R_AARCH64_ABS32 __kvm_nvhe_handlers+0"},
		nil,
		[]string{"HYP001 .hyp.text vcpu_run switch.c -"},
	},
	{
		"ABS32 of a number",
		[]string{
			"+0x40 R_AARCH64_ADR_PREL_PG_HI21 [.hyp.rodata]+0", "+0x40 R_AARCH64_ABS32 __kvm_nvhe_type_id+0",
			"symbol __kvm_nvhe_vectors", "symbol __kvm_nvhe_type_id WEAK NOTYPE ABS+0x1234\nsymbol __kvm_nvhe_vectors",
		},
		nil, nil,
	},
	{
		"ABS32 of a common symbol",
		[]string{
			"+0x40 R_AARCH64_ADR_PREL_PG_HI21 [.hyp.rodata]+0", "+0x40 R_AARCH64_ABS32 __kvm_nvhe_pool+0",
			"symbol __kvm_nvhe_vectors", "symbol __kvm_nvhe_pool GLOBAL OBJECT COMMON+0x8 size=8\nsymbol __kvm_nvhe_vectors",
		},
		nil,
		[]string{"HYP001 .hyp.text vcpu_run switch.c -", "HYP003 - pool - -"},
	},
	{
		"PLT32 is gen-hyprel's",
		[]string{"+0x40 R_AARCH64_ADR_PREL_PG_HI21 [.hyp.rodata]+0", "+0x40 R_AARCH64_PLT32 __kvm_nvhe_handlers+0"},
		nil, nil,
	},
	{
		"GOT in a host table",
		[]string{"+0x4 R_AARCH64_PREL32 [.hyp.text]+104", "+0x4 R_AARCH64_GOTREL32 [.hyp.text]+104"},
		nil,
		[]string{"HYP001 .altinstructions - - -"},
	},
	{
		"address in a host table",
		[]string{"+0x0 R_AARCH64_PREL32 __kvm_nvhe_vcpu_run+16", "+0x0 R_AARCH64_ABS64 __kvm_nvhe_vcpu_run+16"},
		nil, nil,
	},
	{
		"addresses where none may be", nil, func(_ testing.TB, o *Options) { o.NoAbsolute = true },
		[]string{"HYP014 .hyp.idmap.text entry host.hyp.o -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.data..percpu host_data host.hyp.o -"},
	},
	{
		"part of an address, where none may be",
		[]string{"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x2c R_AARCH64_MOVW_UABS_G3 __kvm_nvhe_counter+0"},
		func(_ testing.TB, o *Options) { o.NoAbsolute = true },
		[]string{"HYP014 .hyp.idmap.text entry host.hyp.o -", "HYP014 .hyp.text vcpu_run switch.c -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.data..percpu host_data host.hyp.o -"},
	},
	{
		"number where no address may be",
		[]string{
			"+0x40 R_AARCH64_ADR_PREL_PG_HI21 [.hyp.rodata]+0", "+0x40 R_AARCH64_ABS32 __kvm_nvhe_type_id+0",
			"symbol __kvm_nvhe_vectors", "symbol __kvm_nvhe_type_id WEAK NOTYPE ABS+0x1234\nsymbol __kvm_nvhe_vectors",
		},
		func(_ testing.TB, o *Options) { o.NoAbsolute = true },
		[]string{"HYP014 .hyp.idmap.text entry host.hyp.o -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.rodata handlers switch.c -", "HYP014 .hyp.data..percpu host_data host.hyp.o -"},
	},
	{
		"dynamic",
		[]string{"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x2c R_AARCH64_GLOB_DAT __kvm_nvhe_counter+0"},
		nil,
		[]string{"HYP001 .hyp.text vcpu_run switch.c -"},
	},
	{
		"undefined", nil, func(_ testing.TB, o *Options) { o.Undefined = names("host_panic", "__kvm_nvhe_vectors") },
		[]string{"HYP002 - host_call switch.c vcpu_run"},
	},
	{
		"weak undefined",
		[]string{"symbol __kvm_nvhe_host_panic GLOBAL", "symbol __kvm_nvhe_host_panic WEAK"},
		func(_ testing.TB, o *Options) { o.Undefined = names("host_call", "vectors") },
		[]string{"HYP002 - host_panic host.hyp.o panic"},
	},
	{
		"undefined without a list", nil, func(_ testing.TB, o *Options) { o.Undefined = nil },
		[]string{"HYP002 - host_call switch.c vcpu_run", "HYP002 - host_panic host.hyp.o panic", "HYP002 - vectors host.hyp.o table_base"},
	},
	{
		"undefined symbol without the prefix", unprefixed("host_call"), nil,
		[]string{"HYP004 - host_call - -"},
	},
	{
		"undefined symbols need no prefix", unprefixed("host_call"),
		func(_ testing.TB, o *Options) { o.PrefixClasses = rename.Defined | rename.File }, nil,
	},
	{
		"defined symbol without the prefix",
		[]string{"symbol __kvm_nvhe_entry GLOBAL", "symbol entry GLOBAL"},
		func(_ testing.TB, o *Options) { o.PrefixClasses = rename.Defined },
		[]string{"HYP004 .hyp.idmap.text entry host.hyp.o -"},
	},
	{
		"local symbols need no prefix",
		[]string{"symbol __kvm_nvhe_counter LOCAL", "symbol counter LOCAL"},
		func(_ testing.TB, o *Options) { o.PrefixClasses = rename.Global | rename.Weak | rename.Undefined }, nil,
	},
	{
		"unlisted undefined symbol that needs no prefix", unprefixed("elsewhere"),
		func(_ testing.TB, o *Options) { o.PrefixClasses = rename.Defined },
		[]string{"HYP002 - elsewhere switch.c vcpu_run"},
	},
	{
		"variables in an orphan section",
		[]string{
			"section .data PROGBITS WA align=1\n", "section .data PROGBITS WA align=4\n  05000000 06000000 07000000\n",
			"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.data]+8",
			"symbol __kvm_nvhe_handlers", "symbol __kvm_nvhe_$d LOCAL NOTYPE .data+0x0\nsymbol __kvm_nvhe_sticky LOCAL OBJECT .data+0x0 size=4\nsymbol __kvm_nvhe_level LOCAL OBJECT .data+0x8 size=4\nsymbol __kvm_nvhe_handlers",
		},
		nil,
		[]string{"HYP003 .data sticky switch.c -", "HYP003 .data level switch.c vcpu_run"},
	},
	{
		"orphan section without symbols",
		[]string{
			"section .data PROGBITS WA align=1\n", "section .eh_frame PROGBITS A align=8\n  05000000\n",
			"symbol [.data] LOCAL SECTION .data+0x0\n", "",
		},
		nil,
		[]string{"HYP003 .eh_frame - - -"},
	},
	{"section that the script does not have", nil, func(t testing.TB, o *Options) {
		o.Script = script(t)
		o.Script.OutputSections()[4].Name = ".hyp.other"
	}, []string{"HYP003 .hyp.bss counter switch.c vcpu_run"}},
	{
		"allowed section",
		[]string{"section .data PROGBITS WA align=1\n", "section .data PROGBITS WA align=4\n  05000000\n"},
		func(_ testing.TB, o *Options) { o.AllowedSections = []string{".da*"} }, nil,
	},
	{
		"no default sections", nil, func(_ testing.TB, o *Options) { o.NoDefaultSections = true },
		[]string{"HYP003 .altinstructions - - -", "HYP003 __bug_table - switch.c -"},
	},
	{
		"common",
		[]string{"symbol __kvm_nvhe_host_data GLOBAL OBJECT .hyp.data..percpu+0x0", "symbol __kvm_nvhe_host_data GLOBAL OBJECT COMMON+0x8"},
		func(_ testing.TB, o *Options) { o.HypRelocations = Auto },
		[]string{"HYP003 - host_data - -"},
	},
	{
		"no prefix",
		[]string{"symbol __kvm_nvhe_entry GLOBAL", "symbol entry GLOBAL"},
		nil,
		[]string{"HYP004 .hyp.idmap.text entry host.hyp.o -"},
	},
	{
		"local without prefix",
		[]string{"symbol __kvm_nvhe_panic LOCAL", "symbol panic LOCAL"},
		nil,
		[]string{"HYP004 .hyp.text panic host.hyp.o -"},
	},
	{
		"file and mapping symbols without prefix",
		[]string{"symbol __kvm_nvhe_switch.c LOCAL", "symbol switch.c LOCAL", "symbol __kvm_nvhe_$x LOCAL", "symbol $x LOCAL"},
		nil, nil,
	},
	{
		"clash",
		[]string{"symbol __kvm_nvhe_table_base GLOBAL", "symbol __kvm_nvhe_entry GLOBAL"},
		nil,
		[]string{"HYP005 .hyp.idmap.text entry host.hyp.o -"},
	},
	{
		"section prefix",
		[]string{
			"section .hyp.bss NOBITS", "section .init.bss NOBITS", "[.hyp.bss]", "[.init.bss]", "[.hyp.bss]", "[.init.bss]", "symbol [.hyp.bss] LOCAL SECTION .hyp.bss", "symbol [.init.bss] LOCAL SECTION .init.bss",
			"OBJECT .hyp.bss", "OBJECT .init.bss", "NOTYPE .hyp.bss", "NOTYPE .init.bss", "NOTYPE .hyp.bss", "NOTYPE .init.bss",
		},
		func(t testing.TB, o *Options) {
			o.Script = script(t)
			o.Script.OutputSections()[4].Name = ".init.bss"
		},
		[]string{"HYP006 .init.bss - - -"},
	},
	{
		"entry missing",
		[]string{"  +0x10 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.data..percpu+0\n", "", "00000000 00000000 00000000 00000000 00000000\n  +0x0 R_AARCH64_PREL32", "00000000 00000000 00000000 00000000\n  +0x0 R_AARCH64_PREL32"},
		nil,
		[]string{"HYP007 .hyp.data..percpu host_data host.hyp.o -"},
	},
	{
		"extra entry",
		[]string{"__hyp_section_.hyp.idmap.text+8", "__hyp_section_.hyp.idmap.text+0"},
		nil,
		[]string{"HYP007 .hyp.idmap.text entry host.hyp.o -", "HYP007 .hyp.reloc entry - -"},
	},
	{
		"wrong addend",
		[]string{"__hyp_section_.hyp.rodata+16", "__hyp_section_.hyp.rodata+12"},
		nil,
		[]string{"HYP007 .hyp.rodata handlers switch.c -", "HYP007 .hyp.reloc handlers - -"},
	},
	{
		"entries swapped",
		[]string{
			"+0x4 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.rodata+0", "+0x4 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.rodata+8",
			"+0x8 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.rodata+8", "+0x8 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.rodata+0",
		},
		nil,
		[]string{"HYP007 .hyp.reloc handlers - -"},
	},
	{
		"entry twice",
		[]string{"__hyp_section_.hyp.rodata+8", "__hyp_section_.hyp.rodata+0"},
		nil,
		[]string{"HYP007 .hyp.rodata handlers switch.c -", "HYP007 .hyp.reloc handlers - -"},
	},
	{
		"entry of another type",
		[]string{"+0x0 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.idmap.text", "+0x0 R_AARCH64_PREL64 __kvm_nvhe___hyp_section_.hyp.idmap.text"},
		nil,
		[]string{"HYP007 .hyp.reloc - - -"},
	},
	{
		"entry misplaced",
		[]string{"+0x10 R_AARCH64_PREL32", "+0xf R_AARCH64_PREL32"},
		nil,
		[]string{"HYP007 .hyp.reloc - - -"},
	},
	{
		"bytes after the table",
		[]string{"00000000 00000000 00000000 00000000 00000000\n  +0x0 R_AARCH64_PREL32", "00000000 00000000 00000000 00000000 00000000 00000000\n  +0x0 R_AARCH64_PREL32"},
		nil,
		[]string{"HYP007 .hyp.reloc - - -"},
	},
	{
		"new pointer",
		[]string{"+0x2c R_AARCH64_ADR_PREL_PG_HI21 [.hyp.bss]+0", "+0x28 R_AARCH64_ABS64 [.hyp.bss]+0"},
		nil,
		[]string{"HYP007 .hyp.text vcpu_run switch.c -"},
	},
	{
		"no table",
		[]string{"section .hyp.reloc", "section .hyp.other", "symbol [.hyp.reloc] LOCAL SECTION .hyp.reloc", "symbol [.hyp.other] LOCAL SECTION .hyp.other"},
		nil,
		[]string{"HYP007 .hyp.idmap.text entry host.hyp.o -"},
	},
	{
		"table must be absent", nil, func(_ testing.TB, o *Options) { o.HypRelocations = Absent },
		[]string{"HYP007 .hyp.reloc - - -"},
	},
	{
		"test and branch out of range",
		[]string{"+0x78 R_AARCH64_JUMP26 __kvm_nvhe_host_call+0", "+0x74 R_AARCH64_TSTBR14 __kvm_nvhe_panic+32768"},
		nil,
		[]string{"HYP008 .hyp.text exit_guest host.hyp.o -"},
	},
	{
		"branch just in range",
		[]string{"+0x78 R_AARCH64_JUMP26 __kvm_nvhe_host_call+0", "+0x74 R_AARCH64_TSTBR14 __kvm_nvhe_panic+32756"},
		nil, nil,
	},
	{
		"conditional branch out of range",
		[]string{"+0x78 R_AARCH64_JUMP26 __kvm_nvhe_host_call+0", "+0x74 R_AARCH64_CONDBR19 __kvm_nvhe_panic-1048600"},
		nil,
		[]string{"HYP008 .hyp.text exit_guest host.hyp.o -"},
	},
	{
		"call out of range",
		[]string{"+0x78 R_AARCH64_JUMP26 __kvm_nvhe_host_call+0", "+0x78 R_AARCH64_CALL26 [.hyp.text]+134217848"},
		nil,
		[]string{"HYP008 .hyp.text exit_guest host.hyp.o -"},
	},
	{
		"branch into an instruction",
		[]string{"+0x78 R_AARCH64_JUMP26 __kvm_nvhe_host_call+0", "+0x78 R_AARCH64_JUMP26 __kvm_nvhe_panic+2"},
		nil,
		[]string{"HYP008 .hyp.text exit_guest host.hyp.o -"},
	},
	{
		"writable code",
		[]string{"section .hyp.text PROGBITS AX", "section .hyp.text PROGBITS WAX"},
		nil,
		[]string{"HYP009 .hyp.text get_fault_info - -"},
	},
	{
		"executable stack",
		[]string{"section .hyp.bss NOBITS", "section .note.GNU-stack PROGBITS X align=1\nsection .hyp.bss NOBITS"},
		nil,
		[]string{"HYP009 .note.GNU-stack - - -"},
	},
	{
		"no BTI, no PAC", nil, func(_ testing.TB, o *Options) { o.RequireBTI, o.RequirePAC = true, true },
		[]string{"HYP010 - - - -", "HYP010 - - - -"},
	},
	{
		"PAC only",
		[]string{"section .hyp.bss NOBITS", "section .note.gnu.property NOTE A align=8\n  04000000 10000000 05000000 474e5500 000000c0 04000000 02000000 00000000\nsection .hyp.bss NOBITS"},
		func(_ testing.TB, o *Options) { o.RequireBTI, o.RequirePAC = true, true },
		[]string{"HYP010 .note.gnu.property - - -"},
	},
	{
		"address of a host symbol",
		[]string{"+0x8 R_AARCH64_ABS64 __kvm_nvhe_exit_guest", "+0x8 R_AARCH64_ABS64 __kvm_nvhe_vectors"},
		nil,
		[]string{"HYP011 .hyp.idmap.text entry host.hyp.o -"},
	},
	{
		"number as an address",
		[]string{
			"+0x8 R_AARCH64_ABS64 __kvm_nvhe_vcpu_run", "+0x8 R_AARCH64_ABS64 __kvm_nvhe_limit",
			"symbol __kvm_nvhe_vectors", "symbol __kvm_nvhe_limit GLOBAL NOTYPE ABS+0x1234\nsymbol __kvm_nvhe_vectors",
		},
		nil,
		[]string{"HYP011 .hyp.rodata handlers switch.c -"},
	},
	{
		"address of a host symbol in a host table",
		[]string{"+0x0 R_AARCH64_PREL32 __kvm_nvhe_vcpu_run+16", "+0x0 R_AARCH64_ABS64 __kvm_nvhe_vectors+0"},
		nil, nil,
	},
	{
		"address of a host symbol that nothing converts",
		[]string{
			"+0x8 R_AARCH64_ABS64 __kvm_nvhe_exit_guest", "+0x8 R_AARCH64_ABS64 __kvm_nvhe_vectors",
			"section .hyp.reloc", "section .hyp.other", "symbol [.hyp.reloc] LOCAL SECTION .hyp.reloc", "symbol [.hyp.other] LOCAL SECTION .hyp.other",
		},
		func(_ testing.TB, o *Options) { o.HypRelocations = Absent }, nil,
	},
	{
		"weak address of a host symbol",
		[]string{
			"+0x0 R_AARCH64_ABS64 __kvm_nvhe_host_data", "+0x0 R_AARCH64_ABS64 __kvm_nvhe_host_panic",
			"symbol __kvm_nvhe_host_panic GLOBAL", "symbol __kvm_nvhe_host_panic WEAK",
		},
		nil,
		[]string{"HYP011 .hyp.data..percpu host_data host.hyp.o -"},
	},
	{
		"shadow call stack",
		[]string{"fd7bbea9 fd030091", "fd7bbea9 5e8600f8", "fd7bc2a8 c0035fd6", "5e8e5ff8 c0035fd6"},
		nil,
		[]string{"HYP012 .hyp.text vcpu_run switch.c -"},
	},
	{
		"pop from a shadow call stack",
		[]string{"df3f03d5 00000000 e0031faa", "df3f03d5 00000000 5e8e5ff8"},
		nil,
		[]string{"HYP012 .hyp.text exit_guest host.hyp.o -"},
	},
	{"data like a push", []string{"88776655 44332211", "5e8600f8 44332211"}, nil, nil},
	{
		"code of the host",
		[]string{
			"section .data PROGBITS WA align=1\n", "section .data PROGBITS AX align=4\n  5e8600f8\n",
			"symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.rodata+0x0", "symbol __kvm_nvhe_$x LOCAL NOTYPE .data+0x0\nsymbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.rodata+0x0",
		},
		func(_ testing.TB, o *Options) { o.AllowedSections = []string{".data"} }, nil,
	},
	{
		"shadow call stack of the hypervisor",
		[]string{"fd7bbea9 fd030091", "fd7bbea9 5e8600f8", "fd7bc2a8 c0035fd6", "5e8e5ff8 c0035fd6"},
		func(_ testing.TB, o *Options) { o.ShadowCallStack = true }, nil,
	},
	{
		"x18 changed",
		[]string{"fd7bbea9 fd030091", "fd7bbea9 f20300aa"},
		func(_ testing.TB, o *Options) { o.ShadowCallStack = true },
		[]string{"HYP012 .hyp.text vcpu_run switch.c -"},
	},
	{"x18 changed without a shadow call stack", []string{"fd7bbea9 fd030091", "fd7bbea9 f20300aa"}, nil, nil},
	{
		"x18 restored",
		[]string{"fd7bbea9 fd030091", "324840f9 33d049a9", "fd7bc2a8 c0035fd6", "324c49a9 c0035fd6"},
		func(_ testing.TB, o *Options) { o.ShadowCallStack = true }, nil,
	},
	{
		"x18 and another set restored",
		[]string{"fd7bbea9 fd030091", "324840f9 33504aa9"},
		func(_ testing.TB, o *Options) { o.ShadowCallStack = true },
		[]string{"HYP012 .hyp.text vcpu_run switch.c -"},
	},
}

func TestBroken(t *testing.T) { checkBroken(t, broken) }

func checkBroken(t *testing.T, cases []brokenCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := options()
			if c.options != nil {
				c.options(t, &o)
			}
			r, err := Run(object(t, c.edits...), o)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range r.Findings {
				got = append(got, summary(&r.Findings[i]))
				if f := &r.Findings[i]; f.Message == "" || f.Fix == "" || f.Rule == "" {
					t.Errorf("%+v lacks a message, a fix or a rule", f)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q\n%s", got, c.want, textOf(r))
			}
			if r.Passed != (len(c.want) == 0) {
				t.Errorf("passed is %v", r.Passed)
			}
		})
	}
}

// Some case breaks each rule.
func TestEachRuleHasACase(t *testing.T) {
	for _, r := range Rules {
		if !slices.ContainsFunc(slices.Concat(broken, brokenEvents), func(c brokenCase) bool {
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
