// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"debug/elf"
	"strings"
	"testing"
)

// Every command accepts the output of compilers and assemblers, and keeps all
// relocations.
func TestAccepted(t *testing.T) {
	dir := inputs(t)
	write(t, dir+"/mark.s", []byte(".text\nf: nop\n\t.reloc ., R_AARCH64_NONE, kept\n.section .none,\"a\"\n\t.reloc ., R_AARCH64_NONE, kept\n"))
	for _, c := range []struct{ name, variable, args string }{
		{"R_AARCH64_NONE at a section's end", "GCC", "-c mark.s"},
		{"R_AARCH64_NONE at a section's end, clang", "CLANG", "-c mark.s"},
		{"zlib", "GCC", "-O2 -g3 -gz=zlib -ffreestanding -c real.c"},
		{"zlib, clang", "CLANG", "-O2 -g -gz=zlib -ffreestanding -c real.c"},
	} {
		t.Run(c.name, func(t *testing.T) {
			compile(t, dir, c.variable, append(strings.Fields(c.args), "-o", "in.o")...)
			want := relocations(t, dir+"/in.o")
			if want == 0 {
				t.Fatal("the compiler wrote no relocations")
			}
			for _, args := range []string{
				"prefix --symbol-prefix=p_ -o out/hyp.o in.o", "objcopy --prefix-symbols=p_ in.o out/hyp.o",
				"hyprel -o out/hyp.o in.o", "link --group=keep -o out/hyp.o in.o", "ld -r -o out/hyp.o in.o",
			} {
				if r := hyplink(t, dir, strings.Fields(args)...); r.Code != 0 || r.Stderr != "" {
					t.Fatalf("hyplink %s: exit code %d, %s", args, r.Code, r.Stderr)
				}
				if n := relocations(t, dir+"/out/hyp.o"); n != want {
					t.Errorf("hyplink %s: %d relocations, want %d", args, n, want)
				}
			}
			for _, args := range []string{"compare in.o in.o", "compare --html=page.html in.o in.o", "layout in.o", "layout --html=page.html in.o", "size in.o"} {
				if r := hyplink(t, dir, strings.Fields(args)...); r.Code != 0 || r.Stderr != "" {
					t.Errorf("hyplink %s: exit code %d, %s", args, r.Code, r.Stderr)
				}
			}
		})
	}
}

// relocations counts the relocations of an object.
func relocations(t *testing.T, path string) int {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for _, s := range f.Sections {
		if s.Type == elf.SHT_RELA {
			n += int(s.Size / s.Entsize)
		}
	}
	return n
}

// Objects that a compiler writes with -ffat-lto-objects are linked by their machine
// code. A warning says that the intermediate code is left out.
func TestFatObjects(t *testing.T) {
	dir := inputs(t)
	compile(t, dir, "GCC", "-O2", "-ffreestanding", "-flto", "-ffat-lto-objects", "-frandom-seed=1", "-c", "real.c", "-o", "fat.o")
	for args, warning := range map[string]string{
		"link -o out/hyp.o fat.o":                           "the compiler's intermediate code is left out, and the machine code linked",
		"ld -r -o out/hyp.o fat.o good.o":                   "the compiler's intermediate code is left out, and the machine code linked",
		"prefix --symbol-prefix=p_ -o out/hyp.o fat.o":      "the compiler's intermediate code keeps the old names of symbols",
		"objcopy --redefine-sym bump=b fat.o out/hyp.o":     "the compiler's intermediate code keeps the old names of symbols",
		"objcopy -R .gnu.lto_* -R .comment fat.o out/hyp.o": "",
	} {
		r := hyplink(t, dir, strings.Fields(args)...)
		if r.Code != 0 || strings.Count(r.Stderr, "\n") > 1 || (r.Stderr == "") != (warning == "") || !strings.Contains(r.Stderr, warning) {
			t.Errorf("hyplink %s: exit code %d, %s", args, r.Code, r.Stderr)
		}
		f, err := elf.Open(dir + "/out/hyp.o")
		if err != nil {
			t.Fatal(err)
		}
		kept := false
		for _, s := range f.Sections {
			kept = kept || strings.HasPrefix(s.Name, ".gnu.lto_")
		}
		f.Close()
		if want := strings.Contains(warning, "keeps"); kept != want {
			t.Errorf("hyplink %s: intermediate code in the output is %v, want %v", args, kept, want)
		}
	}
}
