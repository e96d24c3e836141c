// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/rename"
)

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

// panicHandler are edits by which .hyp.idmap.text starts with an instruction, has
// the address of a host symbol at 8, and after it code that loads the address and
// adds hyp_physvirt_offset to it, by the given instructions.
func panicHandler(first, load, add string) []string {
	return []string{
		"  40000058 00001fd6 00000000 00000000\n  +0x8 R_AARCH64_ABS64 __kvm_nvhe_exit_guest+0",
		"  " + first + " 00001fd6 00000000 00000000 " + load + " 06000090 c60040f9 " + add + "\n" +
			"  +0x8 R_AARCH64_ABS64 __kvm_nvhe_vectors+0\n" +
			"  +0x14 R_AARCH64_ADR_PREL_PG_HI21 __kvm_nvhe_hyp_physvirt_offset+0\n" +
			"  +0x18 R_AARCH64_LDST64_ABS_LO12_NC __kvm_nvhe_hyp_physvirt_offset+0",
		"symbol __kvm_nvhe_vectors GLOBAL", "symbol __kvm_nvhe_hyp_physvirt_offset GLOBAL OBJECT .hyp.bss+0x0 size=8\nsymbol __kvm_nvhe_vectors GLOBAL",
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
	// ldr x30, the literal; add x30, x30, x6
	{"address of a host symbol, converted back", panicHandler("1f2003d5", "deffff58", "de03068b"), nil, nil},
	{
		"address of a host symbol, converted back in one place of two", panicHandler("40000058", "deffff58", "de03068b"), nil,
		[]string{"HYP011 .hyp.idmap.text entry host.hyp.o -"},
	},
	{
		"address of a host symbol, converted in another register", panicHandler("1f2003d5", "deffff58", "bd03068b"), nil,
		[]string{"HYP011 .hyp.idmap.text entry host.hyp.o -"},
	},
	{
		"address of a host symbol that no code loads", panicHandler("1f2003d5", "1f2003d5", "de03068b"), nil,
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
