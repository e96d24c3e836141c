// SPDX-License-Identifier: Apache-2.0

package reports_test

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// kernelCheck runs the same check as the build, but with the kernel's image-vars.h as
// the list of symbols.
func kernelCheck(t *testing.T, object string, more ...string) program.Result {
	t.Helper()
	args := []string{
		"check", "--symbol-prefix=__kvm_nvhe_", "--allowed-undefined=" + program.File(t, "IMAGE_VARS"), "--script=" + program.File(t, "KERNEL_LDS"),
		"--map=" + program.File(t, "KERNEL_MAP"), "--hyp-relocations=required",
	}
	return hyplink(t, t.TempDir(), append(append(args, more...), object)...)
}

func TestKernelPasses(t *testing.T) {
	expect(t, "kernel", kernelCheck(t, program.File(t, "KERNEL_OBJECT")), 0)
	r := kernelCheck(t, program.File(t, "KERNEL_OBJECT"), "--json")
	expect(t, "kernel, JSON", r, 0, `"passed": true`)
}

// tampered writes a changed copy of the kernel's object.
func tampered(t *testing.T, change func(f *elf.File, data []byte)) string {
	t.Helper()
	data, err := os.ReadFile(program.File(t, "KERNEL_OBJECT"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Clone(data)
	change(f, data)
	path := filepath.Join(t.TempDir(), "hyp.o")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// runObjcopy writes a copy of the kernel's object, changed with objcopy.
func runObjcopy(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hyp.o")
	program.Must(t, t.TempDir(), program.File(t, "OBJCOPY"), append(args, program.File(t, "KERNEL_OBJECT"), path)...)
	return path
}

func TestTamperedKernelFails(t *testing.T) {
	for _, c := range []struct {
		name string
		path string
		want string
	}{
		{"symbol without prefix", runObjcopy(t, "--redefine-sym", "__kvm_nvhe___kvm_vcpu_run=__kvm_vcpu_run"), `HYP004 symbol-prefix: symbol "__kvm_vcpu_run"`},
		{"new undefined symbol", runObjcopy(t, "--redefine-sym", "__kvm_nvhe_nvhe_hyp_panic_handler=__kvm_nvhe_printk"), `HYP002 undefined-symbol: symbol "__kvm_nvhe_printk"`},
		{"no table", runObjcopy(t, "--remove-section=.hyp.reloc"), "HYP007 hyp-reloc: "},
		{"section that the script does not have", runObjcopy(t, "--rename-section", ".hyp.bss=.bss"), "HYP003 orphan-section: variable "},
		{"writable code", runObjcopy(t, "--set-section-flags", ".hyp.text=alloc,load,code,contents"), "HYP009 write-execute"},
		{"wrong entry of the table", tampered(t, func(f *elf.File, data []byte) {
			data[f.Section(".rela.hyp.reloc").Offset+16] ^= 8 // its addend
		}), "HYP007 hyp-reloc"},
		{"GOT relocation", tampered(t, func(f *elf.File, data []byte) {
			rela := f.Section(".rela.hyp.text")
			for at := rela.Offset; at < rela.Offset+rela.Size; at += 24 {
				if data[at+8] == 0x13 && data[at+9] == 0x01 { // R_AARCH64_ADR_PREL_PG_HI21
					data[at+8] = 0x37 // R_AARCH64_ADR_GOT_PAGE
					return
				}
			}
		}), "HYP001 relocation-type"},
	} {
		expect(t, c.name, kernelCheck(t, c.path), 1, c.want)
	}
}

// A flipped bit in a function is reported with the function and its source.
func TestFlippedBitIsNamed(t *testing.T) {
	original := program.File(t, "KERNEL_OBJECT")
	f, err := elf.Open(original)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Section >= elf.SectionIndex(len(f.Sections)) || s.Size < 16 || n%40 != 0 {
			n++
			continue
		}
		n++
		sec := f.Sections[s.Section]
		path := tampered(t, func(_ *elf.File, data []byte) {
			data[sec.Offset+s.Value+8] ^= 1 // the lowest bit of the third instruction's register
		})
		r := hyplink(t, t.TempDir(), "compare", "--json", "--map-a="+program.File(t, "KERNEL_MAP"), "--map-b="+program.File(t, "KERNEL_MAP"), original, path)
		var report struct {
			Units []struct {
				Name, Kind string
				Count      int
				A          struct{ Input string }
			}
		}
		if err := json.Unmarshal([]byte(r.Stdout), &report); err != nil {
			t.Fatal(err)
		}
		if r.Code != 1 || len(report.Units) != 1 || report.Units[0].Count != 1 || report.Units[0].Kind != "function" || !strings.HasSuffix(report.Units[0].A.Input, ".nvhe.o") {
			t.Errorf("%s: exit code %d, %s", s.Name, r.Code, r.Stdout)
			continue
		}
		if got := report.Units[0].Name; got != s.Name && !alias(symbols, got, s) {
			t.Errorf("%s: reported as %s", s.Name, got)
		}
	}
	if n < 200 {
		t.Errorf("only %d functions", n)
	}
}

// alias reports whether a name is an alias of a symbol.
func alias(symbols []elf.Symbol, name string, s elf.Symbol) bool {
	for _, x := range symbols {
		if x.Name == name && x.Section == s.Section && x.Value == s.Value {
			return true
		}
	}
	return false
}

// An object without debug information is equal with --ignore=debug.
func TestIgnoreDebug(t *testing.T) {
	path := runObjcopy(t, "--strip-debug")
	expect(t, "stripped", hyplink(t, t.TempDir(), "compare", program.File(t, "KERNEL_OBJECT"), path), 1, "section .debug_info: removed")
	r := hyplink(t, t.TempDir(), "compare", "--ignore=debug,file-symbols,local-labels,mapping-symbols,symbol-order,section-order", program.File(t, "KERNEL_OBJECT"), path)
	expect(t, "stripped, ignored", r, 0, "are equal (ignored: debug")
}

// The layout of the kernel's object: inputs do not overlap, and all symbols have an
// input.
func TestKernelLayout(t *testing.T) {
	r := hyplink(t, t.TempDir(), "layout", "--json", "--map="+program.File(t, "KERNEL_MAP"), program.File(t, "KERNEL_OBJECT"))
	expect(t, "layout", r, 0, `"schema": 1`)
	var l struct {
		Sections []struct {
			Name   string
			Size   uint64
			Inputs []struct {
				Offset, Size  uint64
				File, Section string
			}
			Symbols []struct {
				Name, File string
				Offset     uint64
				Script     bool
			}
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &l); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range l.Sections {
		end := uint64(0)
		for _, in := range s.Inputs {
			if in.Offset < end || in.Offset+in.Size > s.Size {
				t.Errorf("%s: %+v overlaps another input or is outside the section", s.Name, in)
			}
			end = in.Offset + in.Size
			seen[filepath.Base(in.File)] = true
		}
		for _, sym := range s.Symbols {
			if strings.HasPrefix(s.Name, ".hyp.text") && sym.File == "" && !sym.Script {
				t.Errorf("%s: %s has no input", s.Name, sym.Name)
			}
		}
	}
	for _, name := range []string{"switch.nvhe.o", "hyp-init.nvhe.o", "memcpy.nvhe.o"} {
		if !seen[name] {
			t.Errorf("no input %s", name)
		}
	}
}
