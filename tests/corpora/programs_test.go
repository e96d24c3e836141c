// SPDX-License-Identifier: Apache-2.0

package corpora_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// program is a test program.
type program struct {
	source    string
	libraries []string
	exit      int
	// output is part of what it prints. Without this check, two programs that print nothing would be equal.
	output string

	once   sync.Once
	object string
}

var (
	inC = &program{source: "program.c", libraries: []string{"-lm"}, exit: 3, output: "threads: sum 275750,"}

	inCXX = &program{
		source:    "program.cc",
		libraries: []string{"-lstdc++", "-lm"},
		exit:      4,
		output:    "caught at the bottom, 40, alive 0",
	}
)

// compile returns the program's object.
func (p *program) compile(t *testing.T) string {
	t.Helper()
	p.once.Do(func() {
		source, err := filepath.Abs(filepath.Join("tests/corpora/testdata", p.source))
		if err != nil {
			t.Fatal(err)
		}
		// Must outlive the first test.
		dir, err := os.MkdirTemp(os.Getenv("TEST_TMPDIR"), "program")
		if err != nil {
			t.Fatal(err)
		}
		object := filepath.Join(dir, p.source+".o")
		peer(t, dir, "gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-c", "-o", object, source)
		p.object = object
	})
	if p.object == "" {
		t.Fatalf("%s did not compile", p.source)
	}
	return p.object
}

// link links the program statically. Archives in libDir take precedence over the compiler's.
func (p *program) link(t *testing.T, dir, object, libDir, out string) string {
	t.Helper()
	path := filepath.Join(dir, out)
	// The driver's LTO plugin is not among the pinned files.
	args := []string{"-static", "-fno-use-linker-plugin", "-o", path, object, "-Wl,-Map=" + path + ".map"}
	if libDir != "" {
		args = append(args, "-L"+libDir)
	}
	if printed := peer(t, dir, "gcc", append(args, p.libraries...)...); printed != "" {
		t.Fatalf("linking %s: got output %s, want none", out, printed)
	}
	return path
}

// run runs the program and returns its output.
func (p *program) run(t *testing.T, dir, path string) string {
	t.Helper()
	out, code := run(t, dir, "toolchain/peers/qemu_aarch64", path, "an argument")
	if code != p.exit {
		t.Fatalf("%s: got exit code %d, want %d\n%s", path, code, p.exit, out)
	}
	return out
}

// checkMap checks that an object is in a program's link map.
func checkMap(t *testing.T, path, object string) {
	t.Helper()
	data, err := os.ReadFile(path + ".map")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), object) {
		t.Errorf("%s.map: %s was not linked", path, object)
	}
}

// A program behaves the same when each archive is replaced by one object of all its members.
func TestProgramsOfWholeArchives(t *testing.T) {
	for _, groups := range []string{"flatten", "keep"} {
		t.Run(groups, func(t *testing.T) {
			t.Parallel()
			libDir := t.TempDir()
			for i := range archives {
				a := &archives[i]
				dir := t.TempDir()
				joined, separate := a.split(t, dir)
				whole := filepath.Join(dir, "whole-"+strings.TrimSuffix(a.name, ".a")+".o")
				hyplink(t, dir, "link", "--whole-archive", "--group="+groups, "-o", whole, joined)
				peer(t, dir, "ar", append([]string{"rc", filepath.Join(libDir, a.name), whole}, separate...)...)
			}
			for _, p := range []*program{inC, inCXX} {
				dir := t.TempDir()
				object := p.compile(t)
				want := p.run(t, dir, p.link(t, dir, object, "", "original"))
				if !strings.Contains(want, p.output) {
					t.Fatalf("got %q, want it to contain %q", want, p.output)
				}
				path := p.link(t, dir, object, libDir, "whole")
				for _, library := range append([]string{"-lc"}, p.libraries...) {
					name := strings.Replace(library, "-l", "lib", 1)
					checkMap(t, path, fmt.Sprintf("%s/%s.a(whole-%s.o)", libDir, name, name))
				}
				if got := p.run(t, dir, path); got != want {
					t.Errorf("%s: got %s, want %s as with the archives", p.source, got, want)
				}
			}
		})
	}
}

// The same with the program and all archives in one object: the final link only adds the startup objects and libgcc.
func TestProgramAndArchivesInOneObject(t *testing.T) {
	for _, p := range []*program{inC, inCXX} {
		t.Run(p.source, func(t *testing.T) {
			t.Parallel()
			dir, libDir := t.TempDir(), t.TempDir()
			object := p.compile(t)
			want := p.run(t, dir, p.link(t, dir, object, "", "original"))

			args := []string{"link", "--whole-archive", "-o", "all.o", object}
			for i := range archives {
				a := &archives[i]
				if p == inC && a.name == "libstdc++.a" {
					continue // needs the unwinder, which a C program is not linked with
				}
				joined, separate := a.split(t, dir)
				args = append(args, joined)
				peer(t, dir, "ar", append([]string{"rc", filepath.Join(libDir, a.name)}, separate...)...)
			}
			hyplink(t, dir, args...)
			path := p.link(t, dir, filepath.Join(dir, "all.o"), libDir, "one")
			if got := p.run(t, dir, path); got != want {
				t.Errorf("got %s, want %s as with the archives", got, want)
			}
		})
	}
}

// The same with the startup objects and libgcc as well, and with a prefix for all defined symbols: the final link only adds the symbols that linkers
// define, such as the bounds of .init_array.
func TestWholeProgramAsIsland(t *testing.T) {
	const prefix = "__island_"
	for _, p := range []*program{inC, inCXX} {
		t.Run(p.source, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			object := p.compile(t)
			want := p.run(t, dir, p.link(t, dir, object, "", "original"))

			args := []string{"link", "--whole-archive", "-o", "libraries.o", object}
			for i := range archives {
				if a := &archives[i]; p == inCXX || a.name != "libstdc++.a" {
					joined, _ := a.split(t, dir)
					args = append(args, joined)
				}
			}
			hyplink(t, dir, args...)
			hyplink(t, dir, "object", "--symbol-prefix="+prefix, "--prefix-class=defined,file,mapping", "-o", "island.o",
				driverFile(t, "crt1.o"), driverFile(t, "crti.o"), driverFile(t, "crtbeginT.o"), "libraries.o",
				driverFile(t, "libgcc.a"), driverFile(t, "libgcc_eh.a"), driverFile(t, "crtend.o"), driverFile(t, "crtn.o"))
			defined := 0
			for line := range strings.Lines(peer(t, dir, "nm", "--defined-only", "island.o")) {
				defined++
				if fields := strings.Fields(line); !strings.HasPrefix(fields[len(fields)-1], prefix) {
					t.Errorf("no prefix: %s", line)
				}
			}
			if defined < 2000 {
				t.Errorf("got %d symbols, want many", defined)
			}
			path := filepath.Join(dir, "island")
			peer(t, dir, "ld", "-maarch64linux", "-static", "-e", prefix+"_start", "-o", path, "island.o")
			if got := p.run(t, dir, path); got != want {
				t.Errorf("got %s, want %s as with the archives", got, want)
			}
		})
	}
}

// driverFile returns the path of a file that the compiler driver links programs with.
func driverFile(t *testing.T, name string) string {
	t.Helper()
	path := strings.TrimSpace(peer(t, "", "gcc", "-print-file-name="+name))
	if !strings.Contains(path, "/") {
		t.Fatalf("the driver does not find %s", name)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Without --whole-archive, only members that define undefined symbols are linked, as in the link of a program.
func TestMembersOnDemand(t *testing.T) {
	t.Parallel()
	dir, libDir := t.TempDir(), t.TempDir()
	object := inC.compile(t)
	want := inC.run(t, dir, inC.link(t, dir, object, "", "original"))
	libc, separate := archives[0].split(t, dir)
	hyplink(t, dir, "link", "-o", "all.o", object, archives[1].path(t), libc)

	whole, demanded := filepath.Join(dir, "whole.o"), filepath.Join(dir, "all.o")
	hyplink(t, dir, "link", "--whole-archive", "-o", whole, object, archives[1].path(t), libc)
	if size(t, demanded) >= size(t, whole)/2 {
		t.Errorf("got %d bytes with the members that are needed, want less than half of the %d bytes with all", size(t, demanded), size(t, whole))
	}
	// What libgcc and the startup objects need comes from the archives.
	peer(t, dir, "ar", append([]string{"rc", filepath.Join(libDir, "libm.a")}, separate...)...)
	if got := inC.run(t, dir, inC.link(t, dir, demanded, libDir, "demanded")); got != want {
		t.Errorf("got %s, want %s as with the archives", got, want)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
