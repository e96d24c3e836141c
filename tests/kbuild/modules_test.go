// SPDX-License-Identifier: Apache-2.0

package kbuild_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/divergences"
	"github.com/rules-hyp/rules_hyp/tests/elfdump"
	"github.com/rules-hyp/rules_hyp/tests/program"
)

// processor is one that kernels have modules for.
type processor struct {
	name  string   // of its programs
	flags []string // that kbuild gives the linker
	call  string   // the instruction
	head  string   // of a source
	// frames is what directives of frame records begin with; only arm64's modules
	// may have them.
	frames string
	// first is the section that entries of the second object follow
	// (followers-of-different-sections in docs/divergences.md: GNU ld 2.44 has a
	// section for each that is followed).
	first string
}

var processors = []processor{
	{"AARCH64", []string{"-EL", "-maarch64linux", "-z", "noexecstack", "--no-warn-rwx-segments"}, "bl", "", ".cfi_", ".init.text"},
	{"RISCV64", []string{"-melf64lriscv", "-z", "noexecstack", "--no-warn-rwx-segments"}, "call", ".option norelax\n", "# no ", ".text"},
	{"X86_64", []string{"-m", "elf_x86_64", "-z", "noexecstack", "--no-warn-rwx-segments"}, "call", "", "# no ", ".text"},
}

// links makes the objects of a module as kbuild does, with a linker: a composite
// object, and the module itself.
func links(t *testing.T, p processor, dir string, linker ...string) {
	t.Helper()
	ld := func(args ...string) {
		t.Helper()
		args = slices.Concat(linker[1:], args)
		if r := program.Run(t, dir, linker[0], args...); r.Code != 0 || r.Stderr != "" {
			t.Fatalf("%s %s: exit code %d\n%s", filepath.Base(linker[0]), strings.Join(args, " "), r.Code, r.Stderr)
		}
	}
	ld(slices.Concat(p.flags, []string{"-r", "-o", "x.o", "@x.mod"})...)
	ld(slices.Concat([]string{"-r"}, p.flags, []string{"--build-id=sha1", "-T", "module.lds", "-o", "x.ko", "x.o", "x.mod.o"})...)
}

// TestModules links a module of each kind of linker script that kernels have, for
// each processor, with GNU ld and with hyplink. The objects are equal but for the
// build ID.
func TestModules(t *testing.T) {
	hyplink := program.File(t, "HYPLINK")
	id, err := divergences.ByID("build-id-digest")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range processors {
		as, ld, readelf := program.File(t, p.name+"_AS"), program.File(t, p.name+"_LD"), program.File(t, p.name+"_READELF")
		for name, script := range moduleScripts {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				dirs := map[string]string{"gnu": t.TempDir(), "hyplink": t.TempDir(), "again": t.TempDir()}
				for _, dir := range dirs {
					for file, text := range map[string]string{"module.lds": script, "x.mod": "one.o\ntwo.o\n"} {
						if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
							t.Fatal(err)
						}
					}
					for file, text := range moduleSources(p) {
						if err := os.WriteFile(filepath.Join(dir, file+".s"), []byte(text), 0o666); err != nil {
							t.Fatal(err)
						}
						program.Must(t, dir, as, "-o", file+".o", file+".s")
					}
				}
				links(t, p, dirs["gnu"], ld)
				links(t, p, dirs["hyplink"], hyplink, "ld")
				links(t, p, dirs["again"], hyplink, "ld")
				for _, file := range []string{"x.o", "x.ko"} {
					var objects []*elfdump.Object
					for _, dir := range []string{"gnu", "hyplink"} {
						o, err := elfdump.Read([]string{readelf}, filepath.Join(dirs[dir], file))
						if err != nil {
							t.Fatal(err)
						}
						objects = append(objects, o)
					}
					tolerated := id
					if file == "x.o" {
						tolerated = nil
					}
					diff, used := elfdump.Diff(objects[0], objects[1], tolerated)
					for _, line := range diff {
						t.Errorf("%s: %s", file, line)
					}
					if len(used) != len(tolerated) {
						t.Errorf("%s: GNU ld's build ID is hyplink's", file)
					}
				}
				same(t, dirs["hyplink"], dirs["again"], "x.ko")
				checkScript(t, p, name, filepath.Join(dirs["hyplink"], "x.ko"), readelf)
			})
		}
	}
}

// same checks that a file has the same bytes in two directories.
func same(t *testing.T, a, b, file string) {
	t.Helper()
	var data [2]string
	for i, dir := range []string{a, b} {
		bytes, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		data[i] = string(bytes)
	}
	if data[0] != data[1] {
		t.Errorf("%s depends on its directory", file)
	}
}

// checkScript checks that the script was used, and that the module has what its
// objects have: two equal results may both lack it.
func checkScript(t *testing.T, p processor, script, path, readelf string) {
	t.Helper()
	o, err := elfdump.Read([]string{readelf}, path)
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]int{}
	for i := range o.Sections {
		has[o.Sections[i].Name]++
	}
	for _, name := range moduleSections(p, script) {
		if has[name] != 1 {
			t.Errorf("%d sections %s, want 1", has[name], name)
		}
	}
	for name := range has {
		if strings.HasPrefix(name, ".discard") || strings.HasPrefix(name, "___ksymtab+") {
			t.Errorf("section %s is left", name)
		}
	}
	if len(o.Symbols) < 20 || len(o.Relocs) < 30 {
		t.Errorf("%d symbols and %d relocations", len(o.Symbols), len(o.Relocs))
	}
}

// TestVmlinux links archives as kbuild does for vmlinux.o: all members of one, and
// of a group those that are needed, in however many rounds.
func TestVmlinux(t *testing.T) {
	p := processors[0]
	hyplink, ar := program.File(t, "HYPLINK"), program.File(t, "AR")
	as, ld, readelf := program.File(t, p.name+"_AS"), program.File(t, p.name+"_LD"), program.File(t, p.name+"_READELF")
	dir := t.TempDir()
	object := func(name, calls string) {
		text := fmt.Sprintf(".text\n.globl %s\n%s: nop\n", name, name)
		for call := range strings.FieldsSeq(calls) {
			text += "bl " + call + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name+".s"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		program.Must(t, dir, as, "-o", name+".o", name+".s")
	}
	// Each library needs the other, twice; unused is not needed.
	for name, calls := range map[string]string{
		"start_kernel_of_a_long_name": "first_function_of_library_one", "unreferenced_but_builtin": "", "head": "",
		"first_function_of_library_one": "first_of_two", "second_of_one": "second_of_two", "first_of_two": "second_of_one", "second_of_two": "missing", "unused": "start_kernel_of_a_long_name",
	} {
		object(name, calls)
	}
	program.Must(t, dir, ar, "cDPrST", "vmlinux.a", "start_kernel_of_a_long_name.o", "unreferenced_but_builtin.o", "head.o")
	program.Must(t, dir, ar, "mPiT", "start_kernel_of_a_long_name.o", "vmlinux.a", "head.o")
	program.Must(t, dir, ar, "cDPrsT", "one.a", "unused.o", "second_of_one.o", "first_function_of_library_one.o")
	program.Must(t, dir, ar, "rcs", "two.a", "second_of_two.o", "first_of_two.o")
	for name, group := range map[string][]string{
		"group":         {"--start-group", "one.a", "two.a", "--end-group"},
		"short":         {"-(", "two.a", "one.a", "-)"},
		"no group":      {"one.a", "two.a"},
		"empty group":   {"--start-group", "--end-group"},
		"kernel's form": {"--whole-archive", "--start-group", "--end-group", "--no-whole-archive", "--start-group", "one.a", "two.a", "--end-group"},
	} {
		t.Run(name, func(t *testing.T) {
			args := slices.Concat(p.flags, []string{"-r", "--whole-archive", "vmlinux.a", "--no-whole-archive"}, group)
			program.Must(t, dir, ld, slices.Concat(args, []string{"-o", "gnu.o"})...)
			program.Must(t, dir, hyplink, slices.Concat([]string{"ld"}, args, []string{"-o", "hyplink.o"})...)
			want, err := elfdump.Read([]string{readelf}, filepath.Join(dir, "gnu.o"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := elfdump.Read([]string{readelf}, filepath.Join(dir, "hyplink.o"))
			if err != nil {
				t.Fatal(err)
			}
			diff, _ := elfdump.Diff(want, got, nil)
			for _, line := range diff {
				t.Error(line)
			}
			defined := func(name string) bool {
				return slices.ContainsFunc(got.Symbols, func(s elfdump.Symbol) bool { return s.Name == name && s.Section != "UND" })
			}
			all := name != "no group" && name != "empty group"
			if !defined("unreferenced_but_builtin") || defined("unused") || defined("second_of_two") != all {
				t.Errorf("unreferenced_but_builtin: %v, unused: %v, second_of_two: %v, want true, false, %v",
					defined("unreferenced_but_builtin"), defined("unused"), defined("second_of_two"), all)
			}
		})
	}
}
