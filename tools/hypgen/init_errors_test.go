// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Bad input is an error that says what to do, and nothing is changed: neither the trees nor the workspace.
func TestInitErrors(t *testing.T) {
	for _, test := range []struct {
		name      string
		spoil     func(w *world)
		arguments []string // instead of the usual ones, with ROOT for the world's directory
		want      []string
	}{
		{"no kernel", func(w *world) { w.put("empty/x", "") }, []string{"ROOT/empty"}, []string{"ROOT/empty", "not a kernel tree; give the directory"}},
		{"no directory", nil, []string{"ROOT/linux/Makefile"}, []string{"is not a directory; give the directory of a kernel tree"}},
		{"missing", nil, []string{"ROOT/missing"}, []string{"TREE: ROOT/missing: no such file or directory; give the directory of a kernel's source tree"}},
		{"-config of nothing", nil, []string{"ROOT/linux", "-config", "ROOT/none"}, []string{"-config: ", "ROOT/none: no such file or directory; give a file"}},
		{"-fragment of nothing", nil, []string{"ROOT/linux", "-fragment", "ROOT/none"}, []string{"-fragment: ", "ROOT/none: no such file or directory; give a file"}},
		{"part of a tree", nil, []string{"ROOT/linux/arch"}, []string{"is a directory in the kernel tree ROOT/linux; give that"}},
		{"old", func(w *world) { w.put("linux/Makefile", "VERSION = 5\nPATCHLEVEL = 4\n") }, nil, []string{"Linux 5.4; hypgen reads the kbuild of Linux 5.10 and later"}},
		{"no KVM in the source", func(w *world) {
			if err := os.RemoveAll(filepath.Join(w.kernel, "arch/arm64/kvm")); err != nil {
				w.t.Fatal(err)
			}
		}, nil, []string{"no arch/arm64/kvm in it"}},
		{"no KVM", nil, []string{"ROOT/linux", "FAKE=no KVM"}, []string{"no CONFIG_KVM=y", "set CONFIG_VIRTUALIZATION=y and CONFIG_KVM=y"}},
		{
			"plugins", func(w *world) { w.put("f", "CONFIG_GCC_PLUGIN_STACKLEAK=y\n") },
			[]string{"ROOT/linux", "-fragment", "ROOT/f"},
			[]string{"its .config has CONFIG_GCC_PLUGIN_STACKLEAK=y: ", "# CONFIG_GCC_PLUGINS is not set"},
		},
		{
			"prepared in place for x86", func(w *world) { w.put("linux/.config", "CONFIG_X86=y\nCONFIG_KVM=y\n") }, nil,
			[]string{"is not for arm64: no CONFIG_ARM64=y", "make mrproper"},
		},
		{"configured in place, and another version", func(w *world) {
			for _, name := range []string{".config", "include/config/auto.conf", "include/generated/autoconf.h", "include/generated/asm-offsets.h"} {
				w.put("linux/"+name, strings.Replace(defconfig, "6.1.5", "6.6.1", 1))
			}
		}, nil, []string{"its .config is for Linux 6.6.1, and its source tree is Linux 6.1.5; prepare it again"}},
		{"configured in place, not prepared", func(w *world) { w.put("linux/.config", defconfig) }, nil, []string{"the tree is not prepared; run `make ARCH=arm64", "make mrproper"}},
		{
			"-objects of a tree in place", func(w *world) { w.put("linux/.config", defconfig) },
			[]string{"ROOT/linux", "-objects", "ROOT/o"},
			[]string{"was configured in place", "make mrproper"},
		},
		{"blank", nil, []string{"ROOT/linux", "-objects", "ROOT/o b"}, []string{"blanks or colons; move the tree"}},
		{"objects in the source", nil, []string{"ROOT/linux", "-objects", "ROOT/linux/o"}, []string{"is in the source tree, where hypgen does not write"}},
		{"objects elsewhere", nil, []string{"ROOT/linux", "-objects", "ROOT/no/such"}, []string{"its parent directory does not exist"}},
		{"objects in use", func(w *world) { w.put("o/thesis.tex", "") }, []string{"ROOT/linux", "-objects", "ROOT/o"}, []string{"is neither empty nor an object tree"}},
		{
			"objects of another tree", func(w *world) { w.put("o/.hypgen-init", "source /other\n") },
			[]string{"ROOT/linux", "-objects", "ROOT/o"},
			[]string{"was prepared from the source tree /other"},
		},
		{
			"no programs", func(w *world) { w.t.Setenv("PATH", filepath.Join(w.root, "none")) }, nil,
			[]string{
				"needs make, flex, bison, bc, gcc, aarch64-linux-gnu-gcc, aarch64-linux-gnu-ld, not found on PATH",
				"apt-get install --no-install-recommends make flex bison bc gcc libc6-dev gcc-aarch64-linux-gnu binutils-aarch64-linux-gnu",
			},
		},
		{"no programs, in Bazel", func(w *world) {
			w.t.Setenv("PATH", filepath.Join(w.root, "none"))
			w.t.Setenv("BUILD_WORKING_DIRECTORY", w.root)
		}, nil, []string{"not found on PATH", "run the program outside of Bazel"}},
		{"no compiler of a prepared tree, in Bazel", func(w *world) {
			for _, name := range []string{"include/config/auto.conf", "include/generated/autoconf.h", "include/generated/asm-offsets.h"} {
				w.put("linux/"+name, "")
			}
			w.put("linux/.config", defconfig)
			w.put("linux/include/config/auto.conf", "")
			if err := os.Remove(filepath.Join(w.root, "bin/aarch64-linux-gnu-gcc")); err != nil {
				w.t.Fatal(err)
			}
			w.t.Setenv("PATH", filepath.Join(w.root, "bin"))
			w.t.Setenv("BUILD_WORKING_DIRECTORY", w.root)
		}, nil, []string{"aarch64-linux-gnu-gcc --version: ", "run the program outside of Bazel"}},
		{"no clang", func(w *world) { w.t.Setenv("PATH", filepath.Join(w.root, "bin")) }, []string{"ROOT/linux", "LLVM=-14"}, []string{"needs clang-14, ld.lld-14, not found"}},
		{"the compiler is refused", nil, []string{"ROOT/linux", "FAKE=fails in prepare"}, []string{"its output ends with:\n", "*** C compiler is too old.", "Your GCC version:    4.8.0"}},
		{"the configuration fails", nil, []string{"ROOT/linux", "FAKE=fails in defconfig"}, []string{"*** C compiler is too old."}},
		{
			"a sparse checkout", nil,
			[]string{"ROOT/linux", "FAKE=sparse"},
			[]string{"the source tree has no drivers/cpuidle/Kconfig; if it is a sparse checkout, run `git sparse-checkout disable`", "its output ends with:\n"},
		},
		{"blank in the source", func(w *world) {
			if err := os.Rename(w.kernel, filepath.Join(w.root, "my linux")); err != nil {
				w.t.Fatal(err)
			}
		}, []string{"ROOT/my linux"}, []string{"my linux", "blanks or colons; move the tree"}},
		{
			"-config of another version", func(w *world) { w.put("c", strings.Replace(defconfig, "6.1.5", "6.12.3", 1)) },
			[]string{"ROOT/linux", "-config", "ROOT/c"},
			[]string{"ROOT/c: is for Linux 6.12.3, and the tree is Linux 6.1.5", "make savedefconfig"},
		},
		{
			"-config of x86", func(w *world) { w.put("c", "# Automatically generated file; DO NOT EDIT.\nCONFIG_X86=y\n") },
			[]string{"ROOT/linux", "-config", "ROOT/c"},
			[]string{"ROOT/c: is not for arm64"},
		},
		{
			"-config of x86, without a head", func(w *world) { w.put("c", "CONFIG_X86_64=y\nCONFIG_KVM=y\n") },
			[]string{"ROOT/linux", "-config", "ROOT/c"},
			[]string{"ROOT/c: is not for arm64: it has CONFIG_X86_64=y"},
		},
		{
			"-fragment of RISC-V", func(w *world) { w.put("f", "CONFIG_RISCV=y\n") },
			[]string{"ROOT/linux", "-fragment", "ROOT/f"},
			[]string{"ROOT/f: is not for arm64: it has CONFIG_RISCV=y"},
		},
		{"-config of noise", func(w *world) { w.put("c", "\x7fELF\x00") }, []string{"ROOT/linux", "-config", "ROOT/c"}, []string{"ROOT/c: is no .config"}},
		{"-fragment of prose", func(w *world) { w.put("f", "KVM=y\n") }, []string{"ROOT/linux", "-fragment", "ROOT/f"}, []string{"ROOT/f: has no line CONFIG_NAME=VALUE"}},
		{
			"-fragment without effect", func(w *world) { w.put("f", "CONFIG_NONSENSE=y\nCONFIG_DEBUG_LIST=y\n# CONFIG_ARM64 is not set\n") },
			[]string{"ROOT/linux", "-fragment", "ROOT/f"},
			[]string{"ROOT/f: not in the configuration", "CONFIG_NONSENSE=y is not set, CONFIG_ARM64=n is y;"},
		},
		{"another compiler", nil, []string{"ROOT/linux", "-compiler=gcc-14"}, []string{"the tree is configured for gcc-12", "would be built with gcc-14"}},
		{"the workspace is a file", func(w *world) { w.put("file", "") }, []string{"ROOT/linux", "-workspace", "ROOT/file"}, []string{"-workspace: ROOT/file is not a directory"}},
		{"the workspace is in the kernel", nil, []string{"ROOT/linux", "-workspace", "ROOT/linux/ws"}, []string{"is in the kernel tree ROOT/linux"}},
		{"the workspace is rules_hyp", nil, []string{"ROOT/linux", "-workspace", "ROOT/rules_hyp"}, []string{"ROOT/rules_hyp: is rules_hyp itself"}},
		{"WORKSPACE", func(w *world) { w.put("ws/WORKSPACE", "") }, nil, []string{"ROOT/ws/WORKSPACE: is a workspace without MODULE.bazel"}},
		{"broken MODULE.bazel", func(w *world) { w.put("ws/MODULE.bazel", "module(\n") }, nil, []string{"ROOT/ws/MODULE.bazel:", "correct the file"}},
		{"a package of the user", func(w *world) { w.put("ws/hyp/BUILD.bazel", "x()\n") }, nil, []string{"ROOT/ws/hyp/BUILD.bazel: was not written by hypgen"}},
		{"a package with BUILD", func(w *world) { w.put("ws/hyp/BUILD", "x()\n") }, nil, []string{"ROOT/ws/hyp/BUILD: a BUILD.bazel beside it would hide it"}},
		{"no rules_hyp", nil, []string{"ROOT/linux", "-rules_hyp", "ROOT/linux"}, []string{"-rules_hyp: ROOT/linux has no MODULE.bazel of rules_hyp"}},
		{
			"a registry that .bazelrc lacks", func(w *world) { w.put("ws/.bazelrc", "common --registry=https://example.com/other\n") },
			[]string{"ROOT/linux", "-registry", "https://example.com/hyp"},
			[]string{"ROOT/ws/.bazelrc: does not name the registry", "add the line `common --registry=https://example.com/hyp`"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			if test.spoil != nil {
				test.spoil(w)
			}
			arguments := []string{w.kernel}
			if test.arguments != nil {
				arguments = nil
				for _, argument := range test.arguments {
					arguments = append(arguments, strings.ReplaceAll(argument, "ROOT", w.root))
				}
			}
			all := strings.Join(arguments, " ")
			if !strings.Contains(all, "-workspace") {
				arguments = append(arguments, "-workspace", w.dir)
			}
			if !strings.Contains(all, "-rules_hyp") && !strings.Contains(all, "-registry") {
				arguments = append(arguments, "-rules_hyp", w.rules)
			}
			before := w.snapshot(".")
			_, _, err := w.run(arguments...)
			var usage *usageError
			if err == nil || errors.As(err, &usage) {
				t.Fatalf("got error %v, want one of the input", err)
			}
			for _, want := range test.want {
				if want := strings.ReplaceAll(want, "ROOT", w.root); !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want %q in it", err, want)
				}
			}
			w.unchanged(".", before)
		})
	}
}

// A directory that cannot be written to is an error before make runs.
func TestInitReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		// A directory that root cannot write to either.
		w := newWorld(t)
		for _, arguments := range [][]string{{"-workspace", "/proc/self/ws"}, {"-objects", "/proc/self/o", "-workspace", w.dir}} {
			if _, _, err := w.run(append(arguments, "-rules_hyp", w.rules, w.kernel)...); err == nil || w.made() != "" {
				t.Errorf("%q: got error %v, want one before make runs", arguments, err)
			}
		}
		return
	}
	w := newWorld(t)
	w.put("closed/x", "")
	closed := filepath.Join(w.root, "closed")
	if err := os.Chmod(closed, 0o555); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ option, value, want string }{
		{"-workspace", filepath.Join(closed, "ws"), "-workspace: " + closed + " cannot be written to"},
		{"-objects", filepath.Join(closed, "o"), closed + ": cannot be written to"},
	} {
		if _, _, err := w.init(test.option, test.value); err == nil || !strings.Contains(err.Error(), test.want) || w.made() != "" {
			t.Errorf("%s: got error %v, want %q, before make runs", test.option, err, test.want)
		}
	}
}

// A source tree that hypgen may only read is prepared all the same, elsewhere.
func TestInitReadOnlySource(t *testing.T) {
	w := newWorld(t)
	var directories []string
	if err := filepath.WalkDir(w.kernel, func(name string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			directories = append(directories, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range directories {
		if err := os.Chmod(name, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(name, 0o755) })
	}
	before := w.snapshot("linux")
	w.mustInit()
	w.unchanged("linux", before)
	if w.read("ws/hyp/BUILD.bazel") == "" {
		t.Error("no BUILD file")
	}
}

func TestInitUsageErrors(t *testing.T) {
	for _, test := range []struct{ arguments, want string }{
		{"-nonsense", "flag provided but not defined"},
		{"a b", "got two trees, a and b"},
		{"a O=x", "hypgen sets O itself"},
		{"a ARCH=x86", "hypgen sets ARCH itself"},
		{"-package //x a", `-package: got "//x"`},
		{"-package ../x a", `-package: got "../x"`},
		{"-repository a/b a", `-repository: got "a/b"`},
		{"-name a:b a", `-name: got "a:b"`},
		{"-compiler tcc a", "-compiler: got compiler"},
		{"-check -build a", "got -check and -build"},
		{"-archive https://example.com/x.tar.gz a", "-archive needs its hash"},
		{"-archive https://example.com/x.tar.gz -sha256 12 a", "-sha256: got SHA-256 \"12\", want 64 hexadecimal digits"},
		{"-archive https://example.com/x.tar.gz -registry https://example.com a", "more than one of"},
		{"-sha256 12 a", "are of -archive"},
		{"-registry here a", `got "here" as a source of rules_hyp, want a URL`},
		{"-registry https://example.com/'x a", "want a URL"},
		{"-archive ../x.tar.gz -sha256 12 a", "want a URL"},
	} {
		_, err := hypgen(append([]string{"init"}, strings.Fields(test.arguments)...)...)
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one of the command line with %q", test.arguments, err, test.want)
		}
	}
}
