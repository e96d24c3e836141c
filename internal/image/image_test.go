// SPDX-License-Identifier: Apache-2.0

package image

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

func TestProven(t *testing.T) {
	o := parseObject(t, hypObject)
	for range 10 {
		r := audited(t, o, link(t, o))
		if !r.Proven || len(r.Differences) != 0 || r.Functions != 3 || r.FunctionsProven != 3 {
			t.Fatalf("proven %v, %d of %d functions:\n%s", r.Proven, r.FunctionsProven, r.Functions, texts(r))
		}
		for _, s := range r.Sections {
			if uint64(s.Address) != testBase+testPlaces[s.Name] || s.Proven+s.Solved != s.Size {
				t.Errorf("%s is at %#x with %d bytes proven and %d solved; want %#x and all %d", s.Name, s.Address, s.Proven, s.Solved,
					testBase+testPlaces[s.Name], s.Size)
			}
		}
		if len(r.Ranges) != 1 {
			t.Fatalf("%d ranges, want one", len(r.Ranges))
		}
		g := r.Ranges[0]
		if g.Object != 76 || g.Other != 48 || g.Unexplained != 0 || g.Object+g.Other+g.Padding != g.Size || len(g.Others) != 3 ||
			g.Others[0].Name != "__hyp_stub_vectors" || g.Others[1].Name != "exception table entry of host" {
			t.Errorf("the range is accounted for by %+v", g)
		}
	}
}

// Faults, each with the difference that it makes.
var faults = []struct {
	name  string
	fault func(img []byte)
	want  []string // each in a line of its own
}{
	{
		"a flipped bit in an instruction", func(img []byte) { img[testHyp+0x18] ^= 0x20 },
		[]string{".hyp.text+0x18: __kvm_nvhe_second+0x8 at 0xffff800008002118: changed instruction: has yield (d503203f), want nop (d503201f)"},
	},
	{
		"a flipped bit in data", func(img []byte) { img[testRodata+2] ^= 1 },
		[]string{".hyp.rodata+0x2: .hyp.rodata+0x2 at 0xffff800008004002: changed data: has 02, want 03"},
	},
	{
		"a retargeted call", func(img []byte) { put(img, testHyp, 0x94000004) },
		[]string{".hyp.text+0x0: __kvm_nvhe_first at 0xffff800008002100: refers to something else: has __kvm_nvhe_second, want __kvm_nvhe_third"},
	},
	{
		"a call of the kernel's, retargeted", func(img []byte) { put(img, testHyp+0x14, 0x94000000) },
		[]string{".hyp.text+0x14: __kvm_nvhe_second+0x4 at 0xffff800008002114: refers to something else: has __kvm_nvhe_second+0x4, want __kvm_nvhe_host"},
	},
	{
		"a call that became a jump", func(img []byte) { img[testHyp+3] = 0x14 },
		[]string{".hyp.text+0x0: __kvm_nvhe_first at 0xffff800008002100: changed instruction: has b .+0x20 (14000008), want bl .+0x0 (94000000) to __kvm_nvhe_third"},
	},
	{
		"a wrong addend", func(img []byte) { img[testRela+16] += 4 },
		[]string{".hyp.rodata+0x8: .hyp.rodata+0x8 at 0xffff800008004008: wrong addend in .rela.dyn: has __kvm_nvhe_third+0x4, want __kvm_nvhe_third"},
	},
	{"a missing dynamic relocation, and one in code", func(img []byte) {
		binary.LittleEndian.PutUint64(img[testRela:], testBase+testHyp+0x18)
	}, []string{
		"extra dynamic relocation: has a relative relocation to __kvm_nvhe_third, want none",
		".hyp.rodata+0x8: .hyp.rodata+0x8 at 0xffff800008004008: wrong dynamic relocation: has no dynamic relocation; the field has 0x0, want __kvm_nvhe_third",
	}},
	{"an address in place of a dynamic relocation", func(img []byte) {
		binary.LittleEndian.PutUint64(img[testRodata+8:], testBase+testHyp+0x20)
		binary.LittleEndian.PutUint64(img[testRela:], testBase+testHost)
	}, []string{"wrong dynamic relocation: has no dynamic relocation; the field has 0xffff800008002120, want __kvm_nvhe_third"}},
	{"two dynamic relocations of one field", func(img []byte) {
		binary.LittleEndian.PutUint64(img[testRela+24:], testBase+testRodata+8)
	}, []string{
		".hyp.rodata+0x8: .hyp.rodata+0x8 at 0xffff800008004008: wrong dynamic relocation: has 2 dynamic relocations for one field, want __kvm_nvhe_third",
		".hyp.rodata+0x10: .hyp.rodata+0x10 at 0xffff800008004010: wrong dynamic relocation: has no dynamic relocation; the field has 0x0, want __kvm_nvhe_second",
	}},
	{
		"something in a field with a dynamic relocation", func(img []byte) { img[testRodata+8] = 1 },
		[]string{".hyp.rodata+0x8: .hyp.rodata+0x8 at 0xffff800008004008: changed data: has 0x1, want 0, as a dynamic relocation is for the field"},
	},
	{"exchanged functions", func(img []byte) {
		for i := range 16 {
			img[testHyp+16+i], img[testHyp+32+i] = img[testHyp+32+i], img[testHyp+16+i]
		}
	}, []string{
		".hyp.text+0x10: __kvm_nvhe_second at 0xffff800008002110: exchanged: has the code of __kvm_nvhe_third, want __kvm_nvhe_second",
		".hyp.text+0x20: __kvm_nvhe_third at 0xffff800008002120: exchanged: has the code of __kvm_nvhe_second, want __kvm_nvhe_third",
	}},
	{
		"an altered replacement", func(img []byte) { img[testHyp+0x38] ^= 0xc0 },
		[]string{".hyp.text+0x38: the replacement of __kvm_nvhe_second+0x8 at 0xffff800008002138: altered alternative: has clrex"},
	},
	{
		"an alternative of another feature", func(img []byte) { img[testAlt+12+8] = 8 },
		[]string{".altinstructions+0x14: alternative 1, of __kvm_nvhe_third+0x8 at 0xffff800008005024: changed data: has 08, want 09"},
	},
	{
		"an alternative for another place", func(img []byte) { put(img, testAlt, testHyp-testAlt) },
		[]string{".altinstructions+0x0: alternative 0, of __kvm_nvhe_second+0x8 at 0xffff800008005010: refers to something else: has __kvm_nvhe_first"},
	},
	{
		"a bug entry of another line", func(img []byte) { img[testBug+8]++ },
		[]string{"__bug_table+0x8: bug entry 0, of __kvm_nvhe_second at 0xffff800008005048: changed data: has 2b, want 2a"},
	},
	{
		"a hyp relocation of another place", func(img []byte) { img[testReloc+4] += 8 },
		[]string{".hyp.reloc+0x4: hyp relocation 1, of .hyp.rodata+0x10 at 0xffff800008005084: refers to something else"},
	},
	{
		"a table that is not there", func(img []byte) { clear(img[testReloc : testReloc+12]) },
		[]string{".hyp.reloc+0x0: hyp relocation 0, of .hyp.rodata+0x8 at 0x0: not found: has no place in the kernel that fits, want 12 bytes"},
	},
	{
		"an exception table entry of nothing", func(img []byte) { clear(img[testTable-8 : testTable-4]) },
		[]string{"hyp_text+0x2144: __kvm_nvhe_third+0x24 at 0xffff800008002144: unexplained bytes: has 12 bytes of neither"},
	},
	{
		"an exception table entry of the hypervisor, by another object", func(img []byte) { put(img, testTable+8, testHyp-testTable-8) },
		[]string{"hyp_text+0x2158: __kvm_nvhe_third+0x38 at 0xffff800008002158: unexplained bytes: has 8 bytes of neither"},
	},
	{
		"code in the padding", func(img []byte) { put(img, testHyp+0x80, 0xd65f03c0) },
		[]string{"unexplained bytes: has 44 bytes of neither, want padding, or bytes of another object with a symbol"},
	},
}

func put(img []byte, at int, w int64) { binary.LittleEndian.PutUint32(img[at:], uint32(w)) }

func TestFaults(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			o := parseObject(t, hypObject)
			k := link(t, o)
			f.fault(k.Image)
			r := audited(t, o, k)
			lines := strings.Split(strings.TrimSuffix(texts(r), "\n"), "\n")
			if r.Proven || len(lines) != len(f.want) {
				t.Fatalf("proven %v:\n%s", r.Proven, texts(r))
			}
			for i := range lines {
				if !strings.Contains(lines[i], f.want[i]) {
					t.Errorf("got  %s\nwant %s", lines[i], f.want[i])
				}
			}
		})
	}
}

// TestMoved has two of the kernel's functions in another order, with symbols that
// say so: each is still compared with itself.
func TestMoved(t *testing.T) {
	second, third := "  000080d2 00000094 1f2003d5 c0035fd6\n", "  20008052 400080d2 1f2003d5 c0035fd6\n"
	other := strings.NewReplacer(
		second+third, third+second, "+0x14 CALL26", "+0x24 CALL26",
		"__kvm_nvhe_second GLOBAL FUNC .hyp.text+0x10", "__kvm_nvhe_second GLOBAL FUNC .hyp.text+0x20",
		"__kvm_nvhe_third GLOBAL FUNC .hyp.text+0x20", "__kvm_nvhe_third GLOBAL FUNC .hyp.text+0x10",
		"ABS64 [.hyp.text]+0x20", "ABS64 [.hyp.text]+0x10", "ABS64 [.hyp.text]+0x10", "ABS64 [.hyp.text]+0x20",
		"PREL32 [.hyp.text]+0x18", "PREL32 [.hyp.text]+0x28", "PREL32 [.hyp.text]+0x28", "PREL32 [.hyp.text]+0x18",
		"PREL32 [.hyp.text]+0x10", "PREL32 [.hyp.text]+0x20", "PREL32 [.hyp.text]+0x24", "PREL32 [.hyp.text]+0x14",
	).Replace(hypObject)
	symbols := slices.Clone(testSymbols)
	for i := range symbols {
		switch symbols[i].Name {
		case "__kvm_nvhe_second":
			symbols[i].Address += 16
		case "__kvm_nvhe_third":
			symbols[i].Address -= 16
		}
	}
	o := parseObject(t, hypObject)
	r := auditedWith(t, o, link(t, parseObject(t, other)), symbols)
	if r.Proven || strings.Count(texts(r), ": moved: ") != len(r.Differences) || len(r.Differences) == 0 {
		t.Errorf("proven %v, want only moved functions:\n%s", r.Proven, texts(r))
	}
}

// TestStranger has a function of the hypervisor that the object does not have, after
// another object's code; and an alias of a symbol of that.
func TestStranger(t *testing.T) {
	o := parseObject(t, hypObject)
	k := link(t, o)
	symbols := append(slices.Clone(testSymbols), vmlinuz.Symbol{Name: "__kvm_nvhe___hyp_stub_vectors", Address: testBase + testStub})
	if r := auditedWith(t, o, k, symbols); !r.Proven {
		t.Errorf("an alias is taken for a function:\n%s", texts(r))
	}
	r := auditedWith(t, o, k, append(symbols, vmlinuz.Symbol{Name: "__kvm_nvhe_more", Address: testBase + testStub + 8}))
	want := "hyp_text+0x2008: __kvm_nvhe_more at 0xffff800008002008: unexplained bytes: has 24 bytes of neither"
	if len(r.Differences) != 1 || !strings.Contains(texts(r), want) || r.Ranges[0].Other != 24 || r.Ranges[0].Unexplained != 24 {
		t.Errorf("want %s, of %+v\n%s", want, r.Ranges, texts(r))
	}
}

// TestCuts has symbols amid relocated fields: the fields are compared all the same.
func TestCuts(t *testing.T) {
	o := parseObject(t, hypObject+"symbol __kvm_nvhe_amid GLOBAL FUNC .hyp.rodata+0xc size=2\nsymbol __kvm_nvhe_byte GLOBAL OBJECT .hyp.text+0x2 size=1\n")
	k := link(t, o)
	if r := audited(t, o, k); !r.Proven {
		t.Fatalf("not proven:\n%s", texts(r))
	}
	k.Image[testRela+16] += 4
	put(k.Image, testHyp, 0x94000004)
	r := audited(t, o, k)
	if len(r.Differences) != 2 || r.Differences[0].Cause != CauseTarget || r.Differences[1].Cause != CauseAddend {
		t.Errorf("want two fields that differ:\n%s", texts(r))
	}
}

// TestZeros has a section without contents inside of the image.
func TestZeros(t *testing.T) {
	o := parseObject(t, hypObject+"section .hyp.bss NOBITS WA align=8 size=32\nsymbol __kvm_nvhe_zeros GLOBAL OBJECT .hyp.bss+0x8 size=8\n")
	k := link(t, parseObject(t, hypObject))
	symbols := append(slices.Clone(testSymbols), vmlinuz.Symbol{Name: "__kvm_nvhe_zeros", Address: testBase + 0x5808})
	if r := auditedWith(t, o, k, symbols); !r.Proven {
		t.Fatalf("not proven:\n%s", texts(r))
	}
	k.Image[0x580a] = 7
	if r := auditedWith(t, o, k, symbols); len(r.Differences) != 1 || !strings.Contains(texts(r), ".hyp.bss+0xa: __kvm_nvhe_zeros+0x2 at 0xffff80000800580a: changed data: has 07, want zeros") {
		t.Errorf("want one byte that is not zero:\n%s", texts(r))
	}
}

// TestGrown has a kernel whose second function has an instruction more.
func TestGrown(t *testing.T) {
	other := strings.NewReplacer(
		"  000080d2 00000094 1f2003d5 c0035fd6\n", "  000080d2 00000094 1f2003d5 1f2003d5 c0035fd6\n",
		"third GLOBAL FUNC .hyp.text+0x20", "third GLOBAL FUNC .hyp.text+0x24",
		"second GLOBAL FUNC .hyp.text+0x10 size=16", "second GLOBAL FUNC .hyp.text+0x10 size=20",
		"  1f2003d5\n", "",
		"ABS64 [.hyp.text]+0x20", "ABS64 [.hyp.text]+0x24",
		"PREL32 [.hyp.text]+0x38", "PREL32 [.hyp.text]+0x3c", "PREL32 [.hyp.text]+0x3c", "PREL32 [.hyp.text]+0x40",
		"PREL32 [.hyp.text]+0x28", "PREL32 [.hyp.text]+0x2c", "PREL32 [.hyp.text]+0x24", "PREL32 [.hyp.text]+0x28",
	).Replace(hypObject)
	symbols := slices.Clone(testSymbols)
	for i := range symbols {
		if symbols[i].Name == "__kvm_nvhe_third" {
			symbols[i].Address += 4
		}
	}
	o := parseObject(t, hypObject)
	r := auditedWith(t, o, link(t, parseObject(t, other)), symbols)
	got := texts(r)
	for _, want := range []string{
		".hyp.text+0x20: __kvm_nvhe_third at 0xffff800008002124: moved: has .hyp.text+0x24",
		".hyp.text+0x10: __kvm_nvhe_second at 0xffff800008002110: changed size: has 0x14 bytes up to __kvm_nvhe_third, want 0x10 bytes up to __kvm_nvhe_third",
		".hyp.text+0x1c: __kvm_nvhe_second+0xc at 0xffff80000800211c: changed instruction: has nop (d503201f), want ret (d65f03c0)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no line %q in\n%s", want, got)
		}
	}
	if r.FunctionsProven != 1 {
		t.Errorf("%d functions are proven, want the first:\n%s", r.FunctionsProven, got)
	}
}

// pack makes packed relocations of the dynamic ones: the addresses are in place, and
// .rela.dyn has one entry of something else, and zeros for the others.
func pack(img []byte, places ...uint64) {
	le := binary.LittleEndian
	for i := range 3 {
		entry := img[testRela+24*i:]
		le.PutUint64(img[le.Uint64(entry)-testBase:], le.Uint64(entry[16:]))
		clear(entry[:24])
	}
	le.PutUint64(img[testRela:], testBase+testHost)
	le.PutUint64(img[testRela+8:], 0x403)
	le.PutUint64(img[testRela+16:], testBase)
	for i, w := range places {
		le.PutUint64(img[testRela+72+8*i:], w)
	}
}

func TestPacked(t *testing.T) {
	const first = testBase + testRodata + 8
	for _, test := range []struct {
		name   string
		places []uint64
		want   string // "": proven
	}{
		{"a bitmap", []uint64{first, 0b111}, ""},
		{"addresses", []uint64{first, first + 8, first + 16}, ""},
		{"a place without", []uint64{first, 0b11}, ".hyp.rodata+0x18: .hyp.rodata+0x18 at 0xffff800008004018: wrong dynamic relocation: has no dynamic relocation"},
		{"another place", []uint64{first - 8, 0b1111}, ".hyp.rodata+0x0: .hyp.rodata+0x0 at 0xffff800008004000: extra dynamic relocation: has a packed relative relocation, want none"},
		{"a place twice", []uint64{first, 0b111, first + 16}, "has 2 dynamic relocations for one field"},
	} {
		o := parseObject(t, hypObject)
		k := link(t, o)
		pack(k.Image, test.places...)
		r := audited(t, o, k)
		if r.Proven != (test.want == "") || !strings.Contains(texts(r), test.want) || len(r.Differences) > 1 {
			t.Errorf("%s: proven %v:\n%s\nwant %s", test.name, r.Proven, texts(r), test.want)
		}
		// Another address in place of one.
		if test.want == "" {
			k.Image[testRodata+16] ^= 4
			r = audited(t, o, k)
			if len(r.Differences) != 1 || r.Differences[0].Cause != CauseTarget || r.Differences[0].Offset != 16 {
				t.Errorf("%s: a changed address is\n%s", test.name, texts(r))
			}
		}
	}
}

// TestVeneer has a call through a veneer in the hypervisor's text.
func TestVeneer(t *testing.T) {
	o := parseObject(t, hypObject)
	k := link(t, o)
	put(k.Image, testHyp+0x14, 0x94000000|(0x80-0x14)/4)
	for i, w := range []int64{0x90000010 | 3<<29 | 0x7ffff<<5, 0x91000210, 0xd61f0200} { // adrp x16, host; add x16, x16, #0; br x16
		put(k.Image, testHyp+0x80+4*i, w)
	}
	r := audited(t, o, k)
	if !r.Proven || len(r.Linker) != 1 || r.Linker[0].What != "veneer" || r.Ranges[0].Linker != 12 {
		t.Fatalf("proven %v, linker %v, %+v:\n%s", r.Proven, r.Linker, r.Ranges, texts(r))
	}
	put(k.Image, testHyp+0x84, 0x91001210) // four bytes further
	if r := audited(t, o, k); r.Proven || len(r.Linker) != 0 {
		t.Errorf("a veneer to something else is taken for one")
	}
}

// TestNamesakes has two symbols of the kernel by the name that the object refers to.
func TestNamesakes(t *testing.T) {
	o := parseObject(t, hypObject)
	k := link(t, o)
	r := auditedWith(t, o, k, append(slices.Clone(testSymbols), vmlinuz.Symbol{Name: "host", Address: testBase + testHost + 64}))
	if !r.Proven || len(r.Addresses) != 1 || r.Addresses[0].Name != ".hyp.rodata" {
		t.Errorf("proven %v, solved %v; want one address solved:\n%s", r.Proven, r.Addresses, texts(r))
	}
	// Without any, the address is solved from its only use.
	without := slices.DeleteFunc(slices.Clone(testSymbols), func(s vmlinuz.Symbol) bool { return s.Name == "host" })
	r = auditedWith(t, o, k, without)
	if !r.Proven || len(r.Addresses) != 2 || r.Addresses[0].Name != "__kvm_nvhe_host" || r.Addresses[0].Confirmed || r.Sections[0].Solved != 4 {
		t.Errorf("proven %v, solved %v, %d bytes; want one of a single use:\n%s", r.Proven, r.Addresses, r.Sections[0].Solved, texts(r))
	}
	// With two that are elsewhere, the field refers to something else.
	without = append(without, vmlinuz.Symbol{Name: "host", Address: testBase + 8}, vmlinuz.Symbol{Name: "host", Address: testBase + 16})
	r = auditedWith(t, o, k, without)
	if r.Proven || !strings.Contains(texts(r), "not checked: has its address is not known, want __kvm_nvhe_host") {
		t.Errorf("proven %v:\n%s", r.Proven, texts(r))
	}
}

func TestNotComparable(t *testing.T) {
	o := parseObject(t, hypObject)
	k := link(t, o)
	for _, test := range []struct {
		name, want string
		run        func() error
	}{
		{"no symbols", "vmlinuz: no kallsyms table found; the kernel was built without CONFIG_KALLSYMS", func() error {
			_, err := Run(o, k, Options{SymbolsName: "vmlinuz"})
			return err
		}},
		{"a System.map of nothing", "no symbol _text", func() error {
			_, err := Run(o, k, Options{SystemMap: testSymbols[1:], SymbolsName: "System.map"})
			return err
		}},
		{"an object with no prefix", "no common prefix", func() error {
			_, err := Run(parseObject(t, "section .text PROGBITS AX\n  00000000\nsymbol f GLOBAL FUNC .text+0x0 size=4\n"), k, Options{})
			return err
		}},
		{"no hypervisor", "built without a hypervisor (CONFIG_KVM)", func() error {
			_, err := Run(o, &vmlinuz.Kernel{Image: make([]byte, testSize)}, Options{SystemMap: testSymbols[:2], SymbolsName: "System.map"})
			return err
		}},
		{"a kernel for another machine", "the kernel is one for EM_X86_64", func() error {
			_, err := Run(o, &vmlinuz.Kernel{Image: k.Image, Machine: 62}, Options{SystemMap: testSymbols})
			return err
		}},
		{"another machine", "not for little-endian AArch64", func() error {
			_, err := Run(parseObject(t, "machine x86-64\nsection .text PROGBITS AX\n  00\n"), k, Options{})
			return err
		}},
	} {
		if err := test.run(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}
