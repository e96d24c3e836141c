// SPDX-License-Identifier: Apache-2.0

package check

import "testing"

var brokenShadow = []brokenCase{
	{
		"shadow call stack",
		[]string{"fd7bbea9 fd030091", "fd7bbea9 5e8600f8", "fd7bc2a8 c0035fd6", "5e8e5ff8 c0035fd6"},
		nil,
		[]string{"HYP012 .hyp.text vcpu_run switch.c -"},
	},
	{
		"shadow call stack in an object with another prefix",
		[]string{
			"40000058 00001fd6 00000000 00000000", "5e8600f8 00001fd6 00000000 00000000",
			"symbol __kvm_nvhe_$x LOCAL NOTYPE .hyp.idmap.text", "symbol __pi_$x.1 LOCAL NOTYPE .hyp.idmap.text",
			"symbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.idmap.text", "symbol __pi_$d.2 LOCAL NOTYPE .hyp.idmap.text",
		},
		nil,
		[]string{"HYP004 .hyp.idmap.text __pi_$x.1 host.hyp.o -", "HYP004 .hyp.idmap.text __pi_$d.2 host.hyp.o -", "HYP012 .hyp.idmap.text entry host.hyp.o -"},
	},
	{
		"shadow call stack in code without mapping symbols",
		[]string{
			"40000058 00001fd6 00000000 00000000", "5e8600f8 00001fd6 00000000 00000000",
			"symbol __kvm_nvhe_$x LOCAL NOTYPE .hyp.idmap.text+0x0\nsymbol __kvm_nvhe_$d LOCAL NOTYPE .hyp.idmap.text+0x8\n", "",
		},
		nil,
		[]string{"HYP012 .hyp.idmap.text entry - -"}, // nothing tells its objects apart
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

func TestShadowCallStack(t *testing.T) { checkBroken(t, brokenShadow) }
