// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFiles writes files below a new directory: a path, its text, the next path …
func writeFiles(t *testing.T, pathsAndTexts ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pathsAndTexts); i += 2 {
		path := filepath.Join(dir, pathsAndTexts[i])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(pathsAndTexts[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestNeededFiles(t *testing.T) {
	dir := writeFiles(t,
		"Makefile", "", "Kbuild", "", "README", "",
		"kernel/time/timeconst.bc", "", "kernel/a.c", "", "kernel/b.c", "", "include/a.h", "", "include/b.h", "", "lib/vdso.c", "",
		"drivers/net/Kconfig", "", "drivers/net/net.c", "", "arch/x86/table.tbl", "", "arch/x86/Makefile", "", "scripts/a.c", "",
		"Documentation/index.rst", "", "arch/arm64/tools/cpucaps", "", "arch/arm64/include/uapi/asm/unistd.h", "", "arch/x86/include/uapi/asm/unistd.h", "",
		"include/uapi/asm-generic/unistd.h", "")
	before, err := listFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"kernel/a.o":      "object",
		"kernel/.a.o.cmd": "cmd_kernel/a.o := gcc -c kernel/a.c\n\nsource_kernel/a.o := kernel/a.c\n\ndeps_kernel/a.o := \\\n  include/a.h \\\n  $(wildcard include/config/X) \\\n  /build/lib/vdso.c \\\n  /usr/include/stdio.h ../out.h\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := neededFiles(dir, before)
	if err != nil {
		t.Fatal(err)
	}
	want := "Kbuild Makefile arch/arm64/include/uapi/asm/unistd.h arch/arm64/tools/cpucaps arch/x86/Makefile drivers/net/Kconfig include/a.h " +
		"include/uapi/asm-generic/unistd.h kernel/.a.o.cmd kernel/a.c kernel/a.o kernel/time/timeconst.bc lib/vdso.c scripts/a.c"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}

func TestReferenceFiles(t *testing.T) {
	dir := writeFiles(t,
		".config", "", "Makefile", "", "dryrun.txt", "", "README", "", "include/a.h", "", "include/b.h", "", "include/c.h", "", "include/config/X", "",
		"arch/arm64/kvm/hyp/nvhe/a.c", "", "arch/arm64/kvm/hyp/nvhe/a.o", "", "arch/arm64/kvm/hyp/nvhe/a.nvhe.o", "",
		"arch/arm64/kvm/hyp/nvhe/.a.nvhe.o.cmd", "deps := arch/arm64/kvm/hyp/nvhe/a.c include/a.h $(wildcard include/config/X)\n",
		"arch/arm64/kvm/hyp/nvhe/hyp.lds.S", "", "arch/arm64/kvm/hyp/nvhe/.hyp.lds.cmd", "source := arch/arm64/kvm/hyp/nvhe/hyp.lds.S\n",
		"arch/arm64/kvm/hyp/b.nvhe.o", "", "arch/arm64/kvm/hyp/.b.nvhe.o.cmd", "deps := arch/arm64/kvm/hyp/nvhe/../b.c\n", "arch/arm64/kvm/hyp/b.c", "",
		"arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o", "", "kernel/.x.o.cmd", "deps := README\n")
	got, err := referenceFiles(dir, []string{"include/b.h"})
	if err != nil {
		t.Fatal(err)
	}
	const nvhe = "arch/arm64/kvm/hyp/nvhe/"
	want := ".config Makefile arch/arm64/kvm/hyp/b.c arch/arm64/kvm/hyp/b.nvhe.o " + nvhe + "a.c " + nvhe + "a.nvhe.o " + nvhe + "hyp.lds.S " +
		nvhe + "kvm_nvhe.o dryrun.txt include/a.h include/b.h"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
	if _, err := referenceFiles(dir, []string{"include/d.h"}); err == nil || !strings.Contains(err.Error(), "include/d.h is not in the tree") {
		t.Errorf("a header that the tree does not have: got %v", err)
	}
}

func TestCheckConfig(t *testing.T) {
	for _, c := range []struct{ name, fragment, config, want string }{
		{"all", "# comment\nCONFIG_A=y\n\nCONFIG_B=4\n", "CONFIG_B=4\nCONFIG_A=y\nCONFIG_C=y\n", ""},
		{"another value", "CONFIG_B=4\n", "CONFIG_B=5\n", "CONFIG_B=4 is not in"},
		{"off", "CONFIG_A=y\nCONFIG_D=y\n", "# CONFIG_A is not set\n", "CONFIG_A=y is not in the resulting configuration; add what it depends on\n"},
		{"to turn off", "# CONFIG_A is not set\n# CONFIG_B is not set\n", "# CONFIG_A is not set\nCONFIG_BB=y\n", ""},
		{"to turn off, but on", "# CONFIG_A is not set\n", "CONFIG_A=y\n", "# CONFIG_A is not set, but the resulting configuration has CONFIG_A=y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := writeFiles(t, "build/.config", c.config, "fragment", c.fragment)
			err := checkConfig(&root{dir: dir}, filepath.Join(dir, "fragment"))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error()+"\n", c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestPartialLinks(t *testing.T) {
	const (
		module  = "cmd_fs/a.ko := /in/hyplink ld -r -EL  -T scripts/module.lds -o fs/a.ko fs/a.o fs/a.mod.o;  true\n"
		object  = "savedcmd_fs/a.o := /in/hyplink ld -EL   -r -o fs/a.o @fs/a.mod \n"
		single  = "cmd_fs/b.o := gcc-12 -c -o fs/b.o fs/b.c ; /in/hyplink ld -EL -r -o fs/.tmp_b.o fs/b.o; mv fs/.tmp_b.o fs/b.o\n"
		vmlinux = "cmd_vmlinux := scripts/link-vmlinux.sh \"aarch64-linux-gnu-ld\" \"-EL\" \"-X\";  true\n"
		vdso    = "cmd_vdso.so.dbg := aarch64-linux-gnu-ld -EL -shared -T vdso.lds note.o -o vdso.so.dbg\n"
	)
	for _, c := range []struct {
		texts []string
		n     int
		want  string
	}{
		{[]string{module, object, single, vmlinux, vdso}, 3, ""},
		{[]string{vmlinux, vdso}, 0, "the build made no partial link"},
		{[]string{module, strings.Replace(object, "/in/hyplink ld", "aarch64-linux-gnu-ld", 1)}, 0, "a partial link by aarch64-linux-gnu-ld, not by hyplink: savedcmd_fs/a.o := "},
		{[]string{strings.Replace(single, "/in/hyplink ld", "ld", 1)}, 0, "a partial link by ld, not by hyplink"},
		{[]string{module, strings.Replace(object, "/in/hyplink ld", "ld.lld", 1)}, 0, "a partial link by ld.lld, not by hyplink"},
		{[]string{module, strings.Replace(object, "/in/hyplink ld", "/usr/bin/ld.lld-19", 1)}, 0, "a partial link by /usr/bin/ld.lld-19, not by hyplink"},
	} {
		var files []string
		for i, text := range c.texts {
			files = append(files, fmt.Sprintf("fs/.%d.cmd", i), text)
		}
		n, err := partialLinks(writeFiles(t, files...))
		if c.want == "" && (err != nil || n != c.n) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: got %d, %v, want %d, %q", c.texts, n, err, c.n, c.want)
		}
	}
}

func TestTar(t *testing.T) {
	dir := writeFiles(t, "a/b.o", "object", "run.sh", "script")
	if err := os.Chmod(filepath.Join(dir, "run.sh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("b.o", filepath.Join(dir, "a/link")); err != nil {
		t.Fatal(err)
	}
	files := []string{"a/b.o", "a/link", "run.sh"}
	first, second := filepath.Join(dir, "first.tar"), filepath.Join(dir, "second.tar")
	if err := writeTar(dir, files, first); err != nil {
		t.Fatal(err)
	}
	// Another extraction has other dates and permissions, and the same archive.
	again := filepath.Join(dir, "again")
	if err := extractTar(first, again, nil); err != nil {
		t.Fatal(err)
	}
	if err := writeTar(again, files, second); err != nil {
		t.Fatal(err)
	}
	a, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(second); err != nil || !bytes.Equal(a, b) {
		t.Errorf("the archive of the extracted files differs (%v)", err)
	}
	one := filepath.Join(dir, "one")
	if err := extractTar(first, one, []string{"a/b.o"}); err != nil {
		t.Fatal(err)
	}
	if got, err := listFiles(one); err != nil || len(got) != 1 || !got["a/b.o"] {
		t.Errorf("extract one: got %v %v, want a/b.o", got, err)
	}
	if err := extractTar(first, one, []string{"a/b.o"}); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a file that exists: got %v", err)
	}
	if err := extractTar(first, filepath.Join(dir, "two"), []string{"a/b.o", "a/c.o"}); err == nil || !strings.Contains(err.Error(), "it has no a/c.o") {
		t.Errorf("a file that the archive does not have: got %v", err)
	}
}

func TestExtractOutside(t *testing.T) {
	for _, name := range []string{"../out", "/out", "a/../../out", ""} {
		dir := t.TempDir()
		file, err := os.Create(filepath.Join(dir, "a.tar"))
		if err != nil {
			t.Fatal(err)
		}
		archive := tar.NewWriter(file)
		if err := archive.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		if err := extractTar(file.Name(), filepath.Join(dir, "to"), nil); err == nil || !strings.Contains(err.Error(), "is not a path below") {
			t.Errorf("%q: got %v", name, err)
		}
		file.Close()
	}
}

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		command func([]string) error
		args    []string
		want    string
	}{
		{buildTree, nil, "-packages is missing"},
		{buildTree, []string{"-packages=a", "-source=b"}, "-config is missing"},
		{buildImage, []string{"-packages=a", "-tree=b"}, "-image is missing"},
		{buildReference, []string{"-packages=a", "-source=b"}, "-headers is missing"},
		{buildReference, []string{"-packages=a", "-source=b", "-headers=c", "-out=d", "-base=all"}, "want defconfig or allnoconfig"},
		{extract, []string{"-tree=a", "-out=b"}, "no paths"},
		{extract, []string{"-tree=/nonexistent", "-out=b", "c"}, "no such file"},
		{buildTree, []string{"-packages=/nonexistent", "-source=a", "-config=b", "-out=c"}, "no such file"},
		{enter, nil, "by this program only"},
	} {
		if err := c.command(c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want %q", c.args, err, c.want)
		}
	}
}

// The compiler is the one that the packages have.
func TestFindCompiler(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"one", []string{"usr/bin/aarch64-linux-gnu-gcc-16", "", "usr/bin/aarch64-linux-gnu-gcc-ar-16", "", "usr/bin/gcc-16", ""}, "16"},
		{"none", []string{"usr/bin/gcc-16", ""}, ""},
		{"two", []string{"usr/bin/aarch64-linux-gnu-gcc-12", "", "usr/bin/aarch64-linux-gnu-gcc-14", ""}, ""},
	} {
		got, err := findCompiler(writeFiles(t, c.files...))
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestAssignments(t *testing.T) {
	for text, want := range map[string]string{"hypgen=a/b=c": "[[hypgen a/b=c]]", "hypgen": "", "=a": "", "a=": "", "../a=b": ""} {
		var a assignments
		if err := a.Set(text); (err == nil) != (want != "") || want != "" && a.String() != want {
			t.Errorf("%s: got %s, %v, want %q", text, a.String(), err, want)
		}
	}
}

// With clang, that is the kernel's compiler.
func TestFindClang(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"none", []string{"usr/bin/gcc-14", ""}, ""},
		{"one", []string{"usr/lib/llvm-19/bin/clang", "", "usr/lib/llvm-19/bin/lld", ""}, "19"},
	} {
		got, err := findClang(writeFiles(t, c.files...))
		if got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	if got, err := findClang(writeFiles(t, "usr/lib/llvm-19/bin/clang", "", "usr/lib/llvm-14/bin/clang", "")); err == nil {
		t.Errorf("two: got %q", got)
	}
}

func TestCompilers(t *testing.T) {
	for _, c := range []struct {
		root root
		want []string
	}{
		{root{gcc: "12"}, []string{
			"GCC=12\n", "\nLINKER=aarch64-linux-gnu-ld\n", "\nCOMPILER=CC=aarch64-linux-gnu-gcc-12\n", "\nSAME_COMPILER='CC=aarch64-linux-gnu-gcc-12 -fno-canonical-system-headers'\n",
			"\nMAPS='-fdebug-prefix-map=/build=. ",
		}},
		{root{gcc: "12", clang: "14"}, []string{"PATH=/usr/lib/llvm-14/bin:$PATH\nGCC=12\nLINKER=ld.lld\nCOMPILER=LLVM=1\nSAME_COMPILER=LLVM=1\nMAPS='-fdebug-compilation-dir=. "}},
	} {
		got := c.root.compilers()
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("got %q, want %q in it", got, want)
			}
		}
	}
}
