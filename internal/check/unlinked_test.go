// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// unlinked returns two objects: stop.hyp.o calls host_call in two functions, and entry.hyp.o calls run of the first and patch.
func unlinked(t *testing.T) []*elfobj.Object {
	t.Helper()
	var objects []*elfobj.Object
	for name, text := range map[string]string{
		"stop.hyp.o": string(golden.Read(t, "debug.txt")),
		"entry.hyp.o": `
section .text PROGBITS AX align=4
  00000094 00000094
  +0x0 R_AARCH64_CALL26 run+0
  +0x4 R_AARCH64_CALL26 patch+0
symbol entry GLOBAL FUNC .text+0x0 size=8
symbol run GLOBAL NOTYPE UND
symbol patch WEAK NOTYPE UND
`,
	} {
		o, err := elftext.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	return objects
}

// provider returns an object that defines host_call, and has an undefined symbol of its own.
func provider(t *testing.T) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse("call.hyp.o", `
section .text PROGBITS AX align=4
  00000094
  +0x0 R_AARCH64_CALL26 nobody+0
symbol host_call GLOBAL FUNC .text+0x0 size=4
symbol nobody GLOBAL NOTYPE UND
`)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// perCPU is a script that defines a symbol.
func perCPU(t *testing.T) *ldscript.Script {
	t.Helper()
	s, err := ldscript.Parse("hyp.lds", []byte("SECTIONS { .hyp.data..percpu : { host_call = .; *(.data..percpu) } }"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each object that uses a symbol which none of them defines is named, with the lines.
func TestUnlinked(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options Options
		others  []*elfobj.Object
		want    []string
	}{
		{"no list", Options{}, nil, []string{
			`entry.hyp.o: HYP002 undefined-symbol: symbol "patch" is undefined: no object defines it, and there is no list of allowed_undefined; as a weak symbol it silently becomes 0 (used by "entry", at .text+0x4);`,
			`stop.hyp.o: HYP002 undefined-symbol: symbol "host_call" is undefined: no object defines it, and there is no list of allowed_undefined (from stop.c, used by "run", at .text+0x8, line stop.c:5, also by "stop" at .text+0x20 (stop.c:12));`,
		}},
		{"a list", Options{Undefined: names("host_call", "patch")}, nil, nil},
		{"a list of names with the prefix", Options{SymbolPrefix: "__kvm_nvhe_", Undefined: names("__kvm_nvhe_host_call", "__kvm_nvhe_patch")}, nil, nil},
		{"a list without one", Options{SymbolPrefix: "__kvm_nvhe_", Undefined: names("__kvm_nvhe_patch")}, nil, []string{`symbol "host_call" is undefined: no object defines it, and it is on no list`}},
		{"defined by the script", Options{Script: perCPU(t), Undefined: names("patch")}, nil, nil},
		{"defined by another object", Options{Undefined: names("patch")}, []*elfobj.Object{provider(t)}, nil},
		{"an object that is not checked", Options{Undefined: names("host_call", "patch")}, []*elfobj.Object{provider(t)}, nil},
		{"used by another object only", Options{Undefined: names("patch")}, unlinked(t)[:1], []string{`symbol "host_call" is undefined`}},
		{"suppressed", Options{Undefined: names("patch"), Off: []Suppression{{ID: "HYP002", Symbol: "host_*", Reason: "made by the linker script"}}}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reports, err := Unlinked(unlinked(t), tt.others, tt.options)
			if err != nil {
				t.Fatal(err)
			}
			text, findings := "", 0
			for _, r := range reports {
				text += textOf(r)
				findings += len(r.Findings)
			}
			if findings != len(tt.want) {
				t.Errorf("got %d findings, want %d", findings, len(tt.want))
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("got\n%swant\n%s", text, want)
				}
			}
		})
	}
}
