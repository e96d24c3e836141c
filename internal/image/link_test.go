// SPDX-License-Identifier: Apache-2.0

package image

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// hypObject is a small hypervisor: two functions of one size, a third with a
// pointer in a table, an alternative and the tables of the kernel.
const hypObject = `
section .hyp.text PROGBITS AX align=4
  00000094 00000090 00004039 c0035fd6
  000080d2 00000094 1f2003d5 c0035fd6
  20008052 400080d2 1f2003d5 c0035fd6
  600080d2 c0035fd6 9f3f03d5 1f2003d5
  1f2003d5
  +0x0 CALL26 __kvm_nvhe_third+0
  +0x4 ADR_PREL_PG_HI21 [.hyp.rodata]+0
  +0x8 LDST8_ABS_LO12_NC [.hyp.rodata]+1
  +0x14 CALL26 __kvm_nvhe_host+0
section .hyp.rodata PROGBITS A align=8
  0102030405060708 0000000000000000 0000000000000000 0000000000000000
  +0x8 ABS64 [.hyp.text]+0x20
  +0x10 ABS64 [.hyp.text]+0x10
  +0x18 ABS64 __kvm_nvhe_first+0
section .altinstructions PROGBITS A align=1
  00000000 00000000 0700 04 04
  00000000 00000000 0900 04 04
  +0x0 PREL32 [.hyp.text]+0x18
  +0x4 PREL32 [.hyp.text]+0x38
  +0xc PREL32 [.hyp.text]+0x28
  +0x10 PREL32 [.hyp.text]+0x3c
section __bug_table PROGBITS WA align=4
  00000000 00000000 2a000000
  00000000 00000000 2b000000
  +0x0 PREL32 [.hyp.text]+0x10
  +0x4 PREL32 [.hyp.rodata]+0
  +0xc PREL32 [.hyp.text]+0x24
  +0x10 PREL32 [.hyp.rodata]+4
section .hyp.reloc PROGBITS A align=1
  00000000 00000000 00000000
  +0x0 PREL32 [.hyp.rodata]+8
  +0x4 PREL32 [.hyp.rodata]+16
  +0x8 PREL32 [.hyp.rodata]+24
section __kvm_ex_table PROGBITS A align=8
  00000000 00000000
  +0x0 PREL32 [.hyp.text]+0x8
  +0x4 PREL32 [.hyp.text]+0xc
symbol __kvm_nvhe_$x LOCAL NOTYPE .hyp.text+0x0
symbol __kvm_nvhe_first GLOBAL FUNC .hyp.text+0x0 size=16
symbol __kvm_nvhe_second GLOBAL FUNC .hyp.text+0x10 size=16
symbol __kvm_nvhe_third GLOBAL FUNC .hyp.text+0x20 size=16
symbol __kvm_nvhe_host GLOBAL NOTYPE UND
symbol [.hyp.text] LOCAL SECTION .hyp.text
symbol [.hyp.rodata] LOCAL SECTION .hyp.rodata
`

// The test's kernel: where the sections of hypObject are, and what else there is.
const (
	testBase   = 0xffff800008000000
	testText   = 0x2000 // __hyp_text_start
	testStub   = 0x2000 // another object's code in the hypervisor's text
	testHyp    = 0x2100 // .hyp.text
	testTable  = 0x2150 // __kvm_ex_table, with an entry of another object before and after
	testEnd    = 0x3000 // __hyp_text_end
	testRodata = 0x4000
	testAlt    = 0x5010
	testBug    = 0x5040
	testReloc  = 0x5080
	testRela   = 0x5100
	testHost   = 0x1000
	testSize   = 0x6000
)

var testPlaces = map[string]uint64{
	".hyp.text":        testHyp,
	".hyp.rodata":      testRodata,
	".altinstructions": testAlt,
	"__bug_table":      testBug,
	".hyp.reloc":       testReloc,
	"__kvm_ex_table":   testTable,
}

// testSymbols are those of code, as in a kernel without CONFIG_KALLSYMS_ALL.
var testSymbols = []vmlinuz.Symbol{
	{Name: "_text", Address: testBase},
	{Name: "host", Address: testBase + testHost},
	{Name: "__hyp_text_start", Address: testBase + testText},
	{Name: "__hyp_stub_vectors", Address: testBase + testStub},
	{Name: "__kvm_nvhe_first", Address: testBase + testHyp},
	{Name: "__kvm_nvhe_second", Address: testBase + testHyp + 16},
	{Name: "__kvm_nvhe_third", Address: testBase + testHyp + 32},
	{Name: "__hyp_text_end", Address: testBase + testEnd},
}

// parseObject parses an object in the text format of package elftext.
func parseObject(t testing.TB, text string) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse("hyp.o", text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// link links the object into a kernel. It knows the few relocations that the
// object has by itself, so that the tests do not check a table against itself.
func link(t testing.TB, o *elfobj.Object) *vmlinuz.Kernel {
	t.Helper()
	img := make([]byte, testSize)
	copy(img[testStub:], strings.Repeat("\x9f\x3f\x03\xd5", 8))
	for _, at := range []int{testTable - 8, testTable + 8} {
		binary.LittleEndian.PutUint32(img[at:], uint32(testHost-at))
		binary.LittleEndian.PutUint32(img[at+4:], uint32(testHost+8-at-4))
	}
	rela := img[testRela:testRela]
	for _, s := range o.Sections[1:] {
		place := testPlaces[s.Name]
		out := img[place : place+s.Size]
		copy(out, s.Contents())
		for rel, err := range o.Relocations(s) {
			if err != nil {
				t.Fatal(err)
			}
			sym := o.Symbols[rel.Symbol]
			target := uint64(testHost)
			if sec := o.SectionOf(&sym); sec != nil {
				target = testPlaces[sec.Name] + sym.Value
			}
			target += uint64(rel.Addend)
			at := place + rel.Offset
			field := out[rel.Offset:]
			w := binary.LittleEndian.Uint32(field)
			switch name := o.Machine.RelocName(rel.Type); name {
			case "R_AARCH64_CALL26":
				w |= uint32((target-at)/4) & 0x3ffffff
			case "R_AARCH64_ADR_PREL_PG_HI21":
				pages := uint32(target>>12 - at>>12)
				w |= pages&3<<29 | pages>>2&0x7ffff<<5
			case "R_AARCH64_LDST8_ABS_LO12_NC":
				w |= uint32(target) & 0xfff << 10
			case "R_AARCH64_PREL32":
				w = uint32(target - at)
			case "R_AARCH64_ABS64":
				rela = binary.LittleEndian.AppendUint64(rela, testBase+at)
				rela = binary.LittleEndian.AppendUint64(rela, 0x403)
				rela = binary.LittleEndian.AppendUint64(rela, testBase+target)
			default:
				t.Fatalf("relocation %s", name)
			}
			binary.LittleEndian.PutUint32(field, w)
		}
	}
	return &vmlinuz.Kernel{Image: img, From: []string{"test"}}
}

func audited(t testing.TB, o *elfobj.Object, k *vmlinuz.Kernel) *Report {
	t.Helper()
	return auditedWith(t, o, k, testSymbols)
}

func auditedWith(t testing.TB, o *elfobj.Object, k *vmlinuz.Kernel, symbols []vmlinuz.Symbol) *Report {
	t.Helper()
	r, err := Run(o, k, Options{SystemMap: symbols, SymbolsName: "System.map"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// texts formats the differences.
func texts(r *Report) string {
	var b strings.Builder
	for i := range r.Differences {
		fmt.Fprintln(&b, r.Differences[i].String())
	}
	return b.String()
}
