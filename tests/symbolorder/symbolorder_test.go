// SPDX-License-Identifier: Apache-2.0

// Package symbolorder_test compares the order of symbols with GNU ld's.
package symbolorder_test

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tools are the programs of a test.
type tools struct{ as, ld, hyplink string }

func programs(t *testing.T) tools {
	t.Helper()
	path := func(variable string) string {
		p, err := filepath.Abs(os.Getenv(variable))
		if err != nil || os.Getenv(variable) == "" {
			t.Fatalf("%s: %v; run this with Bazel", variable, err)
		}
		return p
	}
	return tools{path("AS"), path("LD"), path("HYPLINK")}
}

func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// symbols lists the symbols of an object, but for section symbols, in the order of the file.
func symbols(t *testing.T, path string) []string {
	t.Helper()
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := file.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range all {
		if elf.ST_TYPE(s.Info) == elf.STT_SECTION {
			continue
		}
		section := s.Section.String()
		if int(s.Section) < len(file.Sections) && s.Section != elf.SHN_UNDEF {
			section = file.Sections[s.Section].Name
		}
		list = append(list, fmt.Sprintf("%s %s %s %s+%#x", elf.ST_BIND(s.Info), elf.ST_TYPE(s.Info), s.Name, section, s.Value))
	}
	return list
}

// same fails if two objects have other symbols, or the same in another order, or fewer global ones than a test needs.
func same(t *testing.T, dir, got, want string, globals int) {
	t.Helper()
	g, w := symbols(t, filepath.Join(dir, got)), symbols(t, filepath.Join(dir, want))
	n := 0
	for _, s := range w {
		if !strings.HasPrefix(s, "STB_LOCAL") {
			n++
		}
	}
	if n < globals {
		t.Fatalf("GNU ld wrote %d global symbols, want %d", n, globals)
	}
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("symbol %d is %s, GNU ld's is %s", i, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Fatalf("got %d symbols, GNU ld has %d", len(g), len(w))
	}
}

// source is an assembly file that defines functions and refers to others. Names look like those of C.
func source(prefix string, from, to, references int) string {
	var b strings.Builder
	b.WriteString(".text\n")
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, ".globl %[1]s_handle_%[2]d_%[3]d\n%[1]s_handle_%[2]d_%[3]d: nop\n", prefix, i*i%7919, i)
		if i%16 == 0 {
			fmt.Fprintf(&b, "local_%d: nop\n", i)
		}
	}
	for i := range references {
		fmt.Fprintf(&b, "bl other_%d_%s\n.weak weak_%d\nbl weak_%d\n", i*i%7919, "name", i, i)
	}
	return b.String()
}

// As many global symbols as do not make the linker's hash table grow, and as make it grow several times.
func TestGlobals(t *testing.T) {
	p := programs(t)
	for _, n := range []int{10, 3038, 3039, 3069, 3070, 3071, 6143, 6144, 40000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "a.s", source("kvm", 0, n/2, 0))
			write(t, dir, "b.s", source("pkvm", n/2, n, 0))
			for _, name := range []string{"a", "b"} {
				run(t, dir, p.as, "-o", name+".o", name+".s")
			}
			run(t, dir, p.ld, "-r", "-o", "want.o", "a.o", "b.o")
			run(t, dir, p.hyplink, "link", "--symbol-order=gnu", "-o", "got.o", "a.o", "b.o")
			same(t, dir, "got.o", "want.o", n)
			run(t, dir, p.hyplink, "ld", "-r", "-o", "ld.o", "a.o", "b.o")
			same(t, dir, "ld.o", "want.o", n)
			run(t, dir, p.hyplink, "link", "-o", "input.o", "a.o", "b.o")
			if slices.Equal(symbols(t, filepath.Join(dir, "input.o")), symbols(t, filepath.Join(dir, "want.o"))) {
				t.Error("the order of the inputs is GNU ld's: this test shows nothing")
			}
		})
	}
}

// Names whose hashes are equal stay in their order when the table grows.
func TestEqualHashes(t *testing.T) {
	p, dir := programs(t), t.TempDir()
	var b strings.Builder
	pairs := 0
	seen := map[uint64]string{}
	for i := 0; pairs < 40; i++ {
		name := fmt.Sprintf("%c%c%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'a'+i/17576%26, 'a'+i/456976%26)
		h := hash(name)
		if other, ok := seen[h]; ok {
			for _, n := range []string{name, other} {
				fmt.Fprintf(&b, ".globl %s\n%s: nop\n", n, n)
			}
			pairs++
			delete(seen, h)
			continue
		}
		seen[h] = name
	}
	write(t, dir, "a.s", ".text\n"+b.String()+source("more", 0, 3000, 0))
	run(t, dir, p.as, "-o", "a.o", "a.s")
	run(t, dir, p.ld, "-r", "-o", "want.o", "a.o")
	run(t, dir, p.hyplink, "link", "--symbol-order=gnu", "-o", "got.o", "a.o")
	same(t, dir, "got.o", "want.o", 3080)
}

// hash is that of internal/bfdorder.
func hash(name string) uint64 {
	var h uint64
	for _, c := range []byte(name) {
		h += uint64(c) + uint64(c)<<17
		h ^= h >> 2
	}
	h += uint64(len(name)) + uint64(len(name))<<17
	return h ^ h>>2
}

// kernelLike is a script as hyp.lds, which assigns symbols that objects refer to, and others.
func kernelLike(symbols int) string {
	var b strings.Builder
	b.WriteString("SECTIONS {\n .hyp.idmap.text : { __hyp_section_.hyp.idmap.text = .; *(.idmap.text) }\n .hyp.text : { __hyp_section_.hyp.text = .; *(.text.first) *(.text) }\n")
	b.WriteString(" .hyp.rodata : { __hyp_section_.hyp.rodata = .; *(.rodata)")
	for i := range symbols {
		fmt.Fprintf(&b, " other_%d_name = .;", i*i%7919)
	}
	b.WriteString(" }\n")
	for i := range symbols {
		fmt.Fprintf(&b, "PROVIDE(weak_%d = %d);\n", i, i)
	}
	b.WriteString("}\n")
	return b.String()
}

// With a script, which is read before the objects, and with the list of relocations, which kbuild links with once more.
func TestScript(t *testing.T) {
	p, dir := programs(t), t.TempDir()
	write(t, dir, "a.s", source("kvm", 0, 1000, 60)+".section .rodata\n.balign 8\ntable: .quad kvm_handle_0_0\n")
	write(t, dir, "empty.s", "nothing: .globl last\nlast = 4\n")
	write(t, dir, "b.s", ".section .idmap.text, \"ax\"\nentry: nop\n"+source("pkvm", 1000, 1900, 90)+".section .host, \"a\"\nhost: .long 1\n")
	write(t, dir, "c.s", source("late", 0, 20, 0)+".section .text.first, \"ax\"\nfirst: nop\n")
	write(t, dir, "hyp.lds", kernelLike(50))
	objects := []string{"a.o", "empty.o", "b.o", "c.o"}
	for _, name := range objects {
		run(t, dir, p.as, "-o", name, strings.TrimSuffix(name, ".o")+".s")
	}
	run(t, dir, p.ld, append([]string{"-r", "-T", "hyp.lds", "-o", "want.o"}, objects...)...)
	run(t, dir, p.hyplink, append([]string{"link", "--symbol-order=gnu", "--script=hyp.lds", "-o", "got.o"}, objects...)...)
	same(t, dir, "got.o", "want.o", 2000)

	// What gen-hyprel writes.
	write(t, dir, "reloc.s", ".pushsection .hyp.reloc, \"a\"\n.word 0\n.reloc 0, R_AARCH64_PREL32, __hyp_section_.hyp.rodata + 0x0\n.popsection\n")
	run(t, dir, p.as, "-o", "reloc.o", "reloc.s")
	run(t, dir, p.ld, "-r", "-o", "relocated.o", "want.o", "reloc.o")
	run(t, dir, p.hyplink, "hyprel", "--symbol-order=gnu", "-o", "ours.o", "got.o")
	same(t, dir, "ours.o", "relocated.o", 2000)
	if slices.Equal(symbols(t, filepath.Join(dir, "ours.o")), symbols(t, filepath.Join(dir, "got.o"))) {
		t.Error("the second link changed nothing: this test shows nothing")
	}
	run(t, dir, p.hyplink, append([]string{"object", "--symbol-order=gnu", "--hyp-relocations", "--script=hyp.lds", "-o", "object.o"}, objects...)...)
	same(t, dir, "object.o", "relocated.o", 2000)
	for _, threads := range []string{"1", "2", "7"} {
		run(t, dir, p.hyplink, append([]string{"link", "--symbol-order=gnu", "--threads=" + threads, "--script=hyp.lds", "-o", "threads.o"}, objects...)...)
		a, errA := os.ReadFile(filepath.Join(dir, "got.o"))
		b, errB := os.ReadFile(filepath.Join(dir, "threads.o"))
		if errA != nil || errB != nil || !slices.Equal(a, b) {
			t.Errorf("--threads=%s: another object (%v, %v)", threads, errA, errB)
		}
	}
}

// A word that is no order is refused.
func TestUnknownOrder(t *testing.T) {
	p := programs(t)
	for _, command := range []string{"link", "hyprel", "object"} {
		out, err := exec.Command(p.hyplink, command, "--symbol-order=size", "-o", filepath.Join(t.TempDir(), "x.o"), "a.o").CombinedOutput()
		if err == nil || !strings.Contains(string(out), "--symbol-order=size: want input or gnu") {
			t.Errorf("%s: got %v: %s", command, err, out)
		}
	}
}
