package corpora_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// program is a source and what it is linked with.
type program struct {
	source    string
	libraries []string
	exit      int
	// holds is a line that it prints: one that ran but printed nothing would be like another such.
	holds string

	once   sync.Once
	object string
}

var (
	inC = &program{source: "program.c", libraries: []string{"-lm"}, exit: 3, holds: "threads: sum 275750,"}

	inCXX = &program{
		source:    "program.cc",
		libraries: []string{"-lstdc++", "-lm"},
		exit:      4,
		holds:     "caught at the bottom, 40, alive 0",
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
		// Outlives the test that comes first.
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

// link links the program statically. Archives in folder come before the compiler's own.
func (p *program) link(t *testing.T, dir, object, folder, out string) string {
	t.Helper()
	path := filepath.Join(dir, out)
	// The driver's link-time optimisation has no part in this, nor is its plugin among the pinned files.
	args := []string{"-static", "-fno-use-linker-plugin", "-o", path, object, "-Wl,-Map=" + path + ".map"}
	if folder != "" {
		args = append(args, "-L"+folder)
	}
	if printed := peer(t, dir, "gcc", append(args, p.libraries...)...); printed != "" {
		t.Fatalf("linking %s: got %s, want no word", out, printed)
	}
	return path
}

// run returns what the program prints.
func (p *program) run(t *testing.T, dir, path string) string {
	t.Helper()
	out, code := run(t, dir, "toolchain/peers/qemu_aarch64", path, "an argument")
	if code != p.exit {
		t.Fatalf("%s: got exit code %d, want %d\n%s", path, code, p.exit, out)
	}
	return out
}

// mapHolds checks by the linker's map that an object took part in a link.
func mapHolds(t *testing.T, path, object string) {
	t.Helper()
	data, err := os.ReadFile(path + ".map")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), object) {
		t.Errorf("%s.map: does not name %s: something else was linked", path, object)
	}
}

// A program that is linked with one object of all members prints what it prints when it is linked with the archives.
func TestProgramsOfWholeArchives(t *testing.T) {
	for _, groups := range []string{"flatten", "keep"} {
		t.Run(groups, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			for i := range archives {
				a := &archives[i]
				dir := t.TempDir()
				joined, apart := a.joined(t, dir)
				whole := filepath.Join(dir, "whole-"+strings.TrimSuffix(a.name, ".a")+".o")
				hyplink(t, dir, "link", "--whole-archive", "--group="+groups, "-o", whole, joined)
				peer(t, dir, "ar", append([]string{"rc", filepath.Join(folder, a.name), whole}, apart...)...)
			}
			for _, p := range []*program{inC, inCXX} {
				dir := t.TempDir()
				object := p.compile(t)
				want := p.run(t, dir, p.link(t, dir, object, "", "original"))
				if !strings.Contains(want, p.holds) {
					t.Fatalf("got %q, want it to hold %q", want, p.holds)
				}
				path := p.link(t, dir, object, folder, "whole")
				for _, library := range append([]string{"-lc"}, p.libraries...) {
					name := strings.Replace(library, "-l", "lib", 1)
					mapHolds(t, path, fmt.Sprintf("%s/%s.a(whole-%s.o)", folder, name, name))
				}
				if got := p.run(t, dir, path); got != want {
					t.Errorf("%s: got %s, want what it prints with the archives: %s", p.source, got, want)
				}
			}
		})
	}
}

// The same with everything in one object, the program as well: the final link adds nothing but the startup objects and libgcc.
func TestProgramAndArchivesInOneObject(t *testing.T) {
	for _, p := range []*program{inC, inCXX} {
		t.Run(p.source, func(t *testing.T) {
			t.Parallel()
			dir, folder := t.TempDir(), t.TempDir()
			object := p.compile(t)
			want := p.run(t, dir, p.link(t, dir, object, "", "original"))

			args := []string{"link", "--whole-archive", "-o", "all.o", object}
			for i := range archives {
				a := &archives[i]
				if p == inC && a.name == "libstdc++.a" {
					continue // wants the unwinder, which a program in C does not link
				}
				joined, apart := a.joined(t, dir)
				args = append(args, joined)
				peer(t, dir, "ar", append([]string{"rc", filepath.Join(folder, a.name)}, apart...)...)
			}
			hyplink(t, dir, args...)
			path := p.link(t, dir, filepath.Join(dir, "all.o"), folder, "one")
			if got := p.run(t, dir, path); got != want {
				t.Errorf("got %s, want what it prints with the archives: %s", got, want)
			}
		})
	}
}

// The same with the startup objects and libgcc, and with a prefix in front of everything that is defined: the final link adds what linkers define by
// themselves, such as the bounds of .init_array, and nothing else.
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
					joined, _ := a.joined(t, dir)
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
				t.Errorf("got %s, want what it prints with the archives: %s", got, want)
			}
		})
	}
}

// driverFile returns where the compiler's driver finds a file that it links programs with.
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

// Without --whole-archive only members are taken that define what is undefined, as in a link of a program.
func TestMembersOnDemand(t *testing.T) {
	t.Parallel()
	dir, folder := t.TempDir(), t.TempDir()
	object := inC.compile(t)
	want := inC.run(t, dir, inC.link(t, dir, object, "", "original"))
	libc, apart := archives[0].joined(t, dir)
	hyplink(t, dir, "link", "-o", "all.o", object, archives[1].path(t), libc)

	whole, demanded := filepath.Join(dir, "whole.o"), filepath.Join(dir, "all.o")
	hyplink(t, dir, "link", "--whole-archive", "-o", whole, object, archives[1].path(t), libc)
	if size(t, demanded) >= size(t, whole)/2 {
		t.Errorf("got %d bytes with the members that are needed, want less than half of the %d with all", size(t, demanded), size(t, whole))
	}
	// What libgcc and the startup objects want in their turn comes out of the archives once more.
	peer(t, dir, "ar", append([]string{"rc", filepath.Join(folder, "libm.a")}, apart...)...)
	if got := inC.run(t, dir, inC.link(t, dir, demanded, folder, "demanded")); got != want {
		t.Errorf("got %s, want what it prints with the archives: %s", got, want)
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
