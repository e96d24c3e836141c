// SPDX-License-Identifier: Apache-2.0

// Package audit_test audits the kernel that Debian ships with the default kernel's
// object, and checks that faults put into that kernel are found and named.
package audit_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/image"
	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// shipped is the object and the kernel of Debian's package.
type shipped struct {
	object *elfobj.Object
	kernel *vmlinuz.Kernel
	report *image.Report // with no fault
}

// unpacked reads the files once: a package takes a second to unpack.
var unpacked = sync.OnceValues(func() (*shipped, error) {
	o, _, err := elfobj.ReadFile(os.Getenv("HYP_OBJECT"))
	if err != nil {
		return nil, err
	}
	path := os.Getenv("KERNEL_IMAGE")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	k, err := vmlinuz.Open(path, data)
	if err != nil {
		return nil, err
	}
	// Faults are written to a copy.
	k.Image = bytes.Clone(k.Image)
	s := &shipped{object: o, kernel: k}
	s.report, err = image.Run(o, k, image.Options{})
	return s, err
})

func open(t *testing.T) *shipped {
	t.Helper()
	s, err := unpacked()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shipped) audit(t *testing.T) *image.Report {
	t.Helper()
	r, err := image.Run(s.object, s.kernel, image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// at returns where a section's offset is in the image.
func (s *shipped) at(t *testing.T, section string, off uint64) uint64 {
	t.Helper()
	for _, sec := range s.report.Sections {
		if sec.Name == section {
			return uint64(sec.Address) - uint64(s.report.LinkAddress) + off
		}
	}
	t.Fatalf("no section %s in the report", section)
	return 0
}

// with audits the kernel while some bytes of it are others.
func (s *shipped) with(t *testing.T, at uint64, b []byte) *image.Report {
	t.Helper()
	old := bytes.Clone(s.kernel.Image[at : at+uint64(len(b))])
	copy(s.kernel.Image[at:], b)
	defer copy(s.kernel.Image[at:], old)
	return s.audit(t)
}

// one requires that one difference was found, and returns it.
func one(t *testing.T, r *image.Report) image.Difference {
	t.Helper()
	if r.Proven || len(r.Differences) != 1 {
		t.Fatalf("proven %v with %d differences, want one: %v", r.Proven, len(r.Differences), r.Differences)
	}
	return r.Differences[0]
}

// The figures are those that other programs measured of this kernel's hypervisor.
func TestProven(t *testing.T) {
	s := open(t)
	r := s.report
	if !r.Proven || r.Functions != 236 || r.FunctionsProven != 236 {
		t.Errorf("proven %v, %d of %d functions; want 236 of 236; %v", r.Proven, r.FunctionsProven, r.Functions, r.Differences)
	}
	if !strings.Contains(r.Banner, "6.1.176-1") || r.Symbols != "kallsyms" {
		t.Errorf("banner %q, symbols from %s; want 6.1.176-1, kallsyms", r.Banner, r.Symbols)
	}
	if r.LinkAddress != 0xffff800008000000 {
		t.Errorf("link address %#x, want that of _text in Debian's System.map", r.LinkAddress)
	}
	// By Debian's System.map, which this audit has not seen.
	want := map[string]image.Hex{
		".hyp.idmap.text":          0xffff800008ce0000,
		".hyp.text":                0xffff800008ce2000,
		".hyp.data..ro_after_init": 0xffff800009648000,
		".hyp.rodata":              0xffff800009648820,
		".hyp.data..percpu":        0xffff800009819000,
		".hyp.reloc":               0xffff80000981aee0,
		".hyp.bss":                 0xffff800009f6e000,
	}
	compared, relocations := uint64(0), 0
	for _, sec := range r.Sections {
		compared += sec.Proven + sec.Solved
		relocations += sec.Relocations
		if at, ok := want[sec.Name]; ok && at != sec.Address {
			t.Errorf("%s is at %#x, want %#x", sec.Name, sec.Address, at)
		}
		if sec.Different != 0 {
			t.Errorf("%s: %d bytes differ", sec.Name, sec.Different)
		}
	}
	if compared != 88739 || relocations != 2250 {
		t.Errorf("%d bytes and %d relocations are compared, want 88739 and 2250", compared, relocations)
	}
	for range 10 {
		if again := s.audit(t); !again.Proven || len(again.Differences) != 0 {
			t.Fatalf("another run finds %v", again.Differences)
		}
	}
}

// TestFlippedBit flips single bits all over the sections with contents.
func TestFlippedBit(t *testing.T) {
	s := open(t)
	for _, sec := range s.report.Sections {
		if sec.Proven+sec.Solved == 0 {
			continue
		}
		for i := range uint64(8) {
			off := i * (sec.Size - 1) / 7
			at := s.at(t, sec.Name, off)
			if off > 0 && sec.Solved > 0 && !isProven(s, sec.Name, off) {
				continue
			}
			r := s.with(t, at, []byte{s.kernel.Image[at] ^ 1<<(i%8)})
			if r.Proven || !slices.ContainsFunc(r.Differences, func(d image.Difference) bool {
				return d.Section == sec.Name && d.Offset <= off && off < d.Offset+64
			}) {
				t.Errorf("%s+%#x: a flipped bit gives proven %v, %v", sec.Name, off, r.Proven, r.Differences)
			}
		}
	}
}

// isProven reports whether no relocated field covers a byte.
func isProven(s *shipped, section string, off uint64) bool {
	sec := s.object.Section(section)
	for rel := range s.object.Relocations(sec) {
		if off >= rel.Offset && off < rel.Offset+8 {
			return false
		}
	}
	return true
}

// symbol returns a symbol of the object.
func (s *shipped) symbol(t *testing.T, name string) *elfobj.Symbol {
	t.Helper()
	for i := range s.object.Symbols {
		if s.object.Symbols[i].Name == name {
			return &s.object.Symbols[i]
		}
	}
	t.Fatalf("no symbol %s", name)
	return nil
}

const callMask = 0x03ffffff

func TestRetargetedCall(t *testing.T) {
	s := open(t)
	other := s.symbol(t, "__kvm_nvhe_kvm_pgtable_walk")
	for rel := range s.object.Relocations(s.object.Section(".hyp.text")) {
		name, _ := s.object.Machine.RelocNumber("CALL26")
		callee := s.object.Symbols[rel.Symbol].Name
		if rel.Type != name || callee != "__kvm_nvhe___hyp_per_cpu_offset" && callee != "__kvm_nvhe_hyp_panic" {
			continue
		}
		at := s.at(t, ".hyp.text", rel.Offset)
		w := binary.LittleEndian.Uint32(s.kernel.Image[at:])&^callMask | uint32((s.at(t, ".hyp.text", other.Value)-at)>>2)&callMask
		d := one(t, s.with(t, at, binary.LittleEndian.AppendUint32(nil, w)))
		if d.Cause != image.CauseTarget || d.Offset != rel.Offset || d.Want != callee || d.Have != other.Name {
			t.Errorf("a retargeted BL is %v", d)
		}
		return
	}
	t.Fatal("the object has no such call")
}

func TestWrongAddend(t *testing.T) {
	s := open(t)
	for rel := range s.object.Relocations(s.object.Section(".hyp.rodata")) {
		place := s.at(t, ".hyp.rodata", rel.Offset) + uint64(s.report.LinkAddress)
		entry := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, place), 0x403)
		at := bytes.Index(s.kernel.Image, entry)
		if at < 0 {
			t.Fatalf("no dynamic relocation of .hyp.rodata+%#x", rel.Offset)
		}
		addend := binary.LittleEndian.Uint64(s.kernel.Image[at+16:])
		d := one(t, s.with(t, uint64(at+16), binary.LittleEndian.AppendUint64(nil, addend+4)))
		if d.Cause != image.CauseAddend || d.Section != ".hyp.rodata" || d.Offset != rel.Offset || !strings.HasSuffix(d.Have, "+0x4") {
			t.Errorf("a wrong addend is %v", d)
		}
		// An entry for another place is missed here and unwanted there.
		text := s.at(t, ".hyp.text", 64) + uint64(s.report.LinkAddress)
		r := s.with(t, uint64(at), binary.LittleEndian.AppendUint64(nil, text))
		causes := []string{}
		for _, d := range r.Differences {
			causes = append(causes, d.Cause)
		}
		slices.Sort(causes)
		if !slices.Equal(causes, []string{image.CauseExtraRelocation, image.CauseDynamic}) {
			t.Errorf("a moved dynamic relocation is %v", r.Differences)
		}
		return
	}
	t.Fatal("the object has no such relocation")
}

func TestExchangedFunctions(t *testing.T) {
	s := open(t)
	bySize := map[uint64]*elfobj.Symbol{}
	text := s.symbol(t, "__kvm_nvhe___kvm_vcpu_run").Section
	for i := range s.object.Symbols {
		b := &s.object.Symbols[i]
		if b.Type() != elf.STT_FUNC || b.Section != text || b.Size < 64 {
			continue
		}
		a := bySize[b.Size]
		bySize[b.Size] = b
		if a == nil || a.Value == b.Value {
			continue
		}
		atA, atB := s.at(t, ".hyp.text", a.Value), s.at(t, ".hyp.text", b.Value)
		codeA, codeB := bytes.Clone(s.kernel.Image[atA:atA+a.Size]), bytes.Clone(s.kernel.Image[atB:atB+b.Size])
		if bytes.Equal(codeA, codeB) {
			continue
		}
		copy(s.kernel.Image[atA:], codeB)
		r := s.with(t, atB, codeA)
		copy(s.kernel.Image[atA:], codeA)
		if r.FunctionsProven != r.Functions-2 || len(r.Differences) != 2 {
			t.Fatalf("%s and %s exchanged: %d of %d functions, %v", a.Name, b.Name, r.FunctionsProven, r.Functions, r.Differences)
		}
		for i, want := range [][2]string{{a.Name, b.Name}, {b.Name, a.Name}} {
			d := r.Differences[i]
			if r.Differences[0].Symbol != a.Name {
				d = r.Differences[1-i]
			}
			if d.Cause != image.CauseExchanged || d.Symbol != want[0] || d.Have != "the code of "+want[1] {
				t.Errorf("exchanged functions are %v", d)
			}
		}
		return
	}
	t.Fatal("no two functions of one size")
}

// Offsets in an entry of .altinstructions.
const (
	altNew     = 4
	altFeature = 8
	altEntry   = 12
)

func TestAlteredAlternative(t *testing.T) {
	s := open(t)
	// The entry: another CPU feature.
	at := s.at(t, ".altinstructions", 5*altEntry+altFeature)
	d := one(t, s.with(t, at, []byte{s.kernel.Image[at] ^ 2}))
	if d.Section != ".altinstructions" || d.Cause != image.CauseData || !strings.HasPrefix(d.Symbol, "alternative 5, of __kvm_nvhe_") {
		t.Errorf("an alternative of another feature is %v", d)
	}
	// The replacement: another instruction.
	for rel := range s.object.Relocations(s.object.Section(".altinstructions")) {
		target := s.object.Symbols[rel.Symbol]
		if rel.Offset%altEntry != altNew || target.Section <= 0 {
			continue
		}
		off := target.Value + uint64(rel.Addend)
		at := s.at(t, s.object.SectionOf(&target).Name, off)
		w := binary.LittleEndian.Uint32(s.kernel.Image[at:]) ^ 1<<30
		d := one(t, s.with(t, at, binary.LittleEndian.AppendUint32(nil, w)))
		if d.Cause != image.CauseAlternative || d.Offset != off || !strings.HasPrefix(d.Symbol, "the replacement of ") {
			t.Errorf("an altered replacement is %v", d)
		}
		return
	}
	t.Fatal("the object has no alternatives with a replacement")
}

// TestUnexplained puts code into the padding of the hypervisor's text.
func TestUnexplained(t *testing.T) {
	s := open(t)
	end := s.at(t, "__kvm_ex_table", 0x20)
	d := one(t, s.with(t, end+64, []byte{0xc0, 0x03, 0x5f, 0xd6}))
	if d.Cause != image.CauseUnexplained || d.Section != "hyp_text" {
		t.Errorf("code in padding is %v", d)
	}
}

func BenchmarkImage(b *testing.B) {
	s, err := unpacked()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(s.kernel.Image)))
	for b.Loop() {
		if r, err := image.Run(s.object, s.kernel, image.Options{}); err != nil || !r.Proven {
			b.Fatal(err)
		}
	}
}
