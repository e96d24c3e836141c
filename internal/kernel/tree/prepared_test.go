// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckPreparedErrors(t *testing.T) {
	for _, test := range []struct {
		name, want string
		spoil      func(objects, source string) error
	}{
		{"x86", "is not for arm64", func(objects, _ string) error {
			return os.WriteFile(filepath.Join(objects, ".config"), []byte("CONFIG_X86=y\nCONFIG_KVM=y\n"), 0o644)
		}},
		{"old", "Linux 5.4.1; hypgen reads the kbuild of Linux 5.10 and later", func(_, source string) error {
			return os.WriteFile(filepath.Join(source, "Makefile"), []byte("VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL = 1\n"), 0o644)
		}},
		{"no kernel", "not the source tree of a kernel", func(_, source string) error {
			return os.Remove(filepath.Join(source, "Kconfig"))
		}},
		{"unprepared", "no include/generated/asm-offsets.h in it: the tree is not prepared", func(objects, _ string) error {
			return os.Remove(filepath.Join(objects, "include/generated/asm-offsets.h"))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			objects, source := prepared(t)
			if err := test.spoil(objects, source); err != nil {
				t.Fatal(err)
			}
			tree, err := Open(objects)
			if err != nil {
				t.Fatal(err)
			}
			if err := tree.CheckPrepared(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestBlanksInThePath(t *testing.T) {
	objects, _ := prepared(t)
	blank := filepath.Join(filepath.Dir(objects), "a tree")
	if err := os.Rename(objects, blank); err != nil {
		t.Fatal(err)
	}
	tree, err := Open(blank)
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.CheckPrepared(); err == nil || !strings.Contains(err.Error(), "blanks or colons; move the tree") {
		t.Errorf("got error %v, want one about the path", err)
	}
}

func TestOpenUnconfigured(t *testing.T) {
	_, source := prepared(t)
	if _, err := Open(source); err == nil || !strings.Contains(err.Error(), "not configured; run `make ARCH=arm64") {
		t.Errorf("got error %v, want one that says how to configure", err)
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a kernel tree") {
		t.Errorf("got error %v, want one that says that it is no kernel", err)
	}
}

func TestHypervisor(t *testing.T) {
	for _, test := range []struct{ config, want string }{
		{arm64Config, ""},
		{"CONFIG_ARM64=y\n# CONFIG_KVM is not set\n", "no CONFIG_KVM=y"},
		{arm64Config + "CONFIG_CPU_BIG_ENDIAN=y\n", "set CONFIG_CPU_LITTLE_ENDIAN=y"},
	} {
		objects, _ := prepared(t)
		put(t, filepath.Join(objects, ".config"), test.config)
		tree, err := Open(objects)
		if err != nil {
			t.Fatal(err)
		}
		err = tree.CheckHypervisor()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, want one with %q", test.config, err, test.want)
		}
	}
}

// Options of plugins are an error before make runs, unless the directory's Makefile removes some.
func TestPlugins(t *testing.T) {
	for _, test := range []struct{ config, makefile, want string }{
		{"CONFIG_GCC_PLUGINS=y\nCONFIG_HAVE_GCC_PLUGINS=y\n# CONFIG_GCC_PLUGIN_STACKLEAK is not set\n", "", ""},
		{"CONFIG_GCC_PLUGIN_SANCOV=y\n", "", ""},
		{"CONFIG_GCC_PLUGIN_STACKLEAK=y\n", "ccflags-y := -O2\n", "has CONFIG_GCC_PLUGIN_STACKLEAK=y: "},
		{"CONFIG_GCC_PLUGIN_STACKLEAK=y\n", "ccflags-y := $(DISABLE_STACKLEAK_PLUGIN)\n", ""},
		{"CONFIG_GCC_PLUGIN_STACKLEAK=y\n", "ccflags-y := $(DISABLE_KSTACK_ERASE)\n", ""},
		{
			"CONFIG_GCC_PLUGIN_STRUCTLEAK_VERBOSE=y\nCONFIG_GCC_PLUGIN_STRUCTLEAK=y\nCONFIG_GCC_PLUGIN_STRUCTLEAK_BYREF=y\nCONFIG_GCC_PLUGIN_LATENT_ENTROPY=y\n", "",
			"has CONFIG_GCC_PLUGIN_LATENT_ENTROPY=y, CONFIG_GCC_PLUGIN_STRUCTLEAK=y: ",
		},
		{"CONFIG_GCC_PLUGIN_STACKLEAK=y\n", "KBUILD_CFLAGS := $(filter-out $(GCC_PLUGINS_CFLAGS), $(KBUILD_CFLAGS))\n", ""},
	} {
		objects, source := prepared(t)
		put(t, filepath.Join(objects, ".config"), arm64Config+test.config)
		if err := os.MkdirAll(filepath.Join(source, "virt/el2"), 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(source, "virt/el2/Makefile"), test.makefile)
		tree, err := Open(objects)
		if err != nil {
			t.Fatal(err)
		}
		err = tree.CheckPlugins("virt/el2")
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, want one with %q", test.config, err, test.want)
		}
	}
}

func TestConfiguredCompiler(t *testing.T) {
	for _, test := range []struct {
		text, want string
	}{
		{"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=110300\nCONFIG_CLANG_VERSION=0\n", "gcc-11"},
		{"CONFIG_CC_IS_CLANG=y\nCONFIG_GCC_VERSION=0\nCONFIG_CLANG_VERSION=140006\n", "clang-14"},
		{"CONFIG_ARM64=y\n", ""},
	} {
		got, ok := ParseConfiguration(test.text).Compiler()
		if ok != (test.want != "") || ok && got.String() != test.want {
			t.Errorf("%q: got %v, %v; want %q", test.text, got, ok, test.want)
		}
	}
	for text, want := range map[string]int{
		"CONFIG_LD_IS_LLD=y\nCONFIG_LLD_VERSION=140006\n": 14,
		"CONFIG_LD_IS_LLD=y\nCONFIG_LLD_VERSION=220108\n": 22,
		"CONFIG_LD_IS_BFD=y\nCONFIG_LLD_VERSION=0\n":      0,
		"CONFIG_LLD_VERSION=140006\n":                     0,
	} {
		if got := ParseConfiguration(text).LLD(); got != want {
			t.Errorf("%q: got lld %d, want %d", text, got, want)
		}
	}
	config := ParseConfiguration(`CONFIG_CC_VERSION_TEXT="gcc \"x\" \\ 12"`)
	if got := config.CompilerText(); got != `gcc "x" \ 12` {
		t.Errorf("got %q, want the text without Kconfig's quotes", got)
	}
	for _, bad := range []string{"", "gcc", "gcc-", "gcc-12.2", "tcc-1", "gcc-0"} {
		if _, err := ParseCompiler(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}

// The guard sees new files anywhere in the tree.
func TestDryRunThatWrites(t *testing.T) {
	objects, _ := prepared(t)
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tree.DryRun(context.Background(), os.Args[0], "writes", nil)
	if err == nil || !strings.Contains(err.Error(), "scripts/basic/fixdep") && !strings.Contains(err.Error(), "scripts, scripts/basic") {
		t.Errorf("got error %v, want one that names what make wrote", err)
	}
}

// kbuildMakefile has the three places of kbuild that write into a tree even with -n: the top Makefile's syncconfig, here because another
// compiler was given, and its reading of scripts/Makefile.compiler and scripts/Makefile.build.
const kbuildMakefile = `VERSION = 6
PATCHLEVEL = 1
may-sync-config := 1
need-compiler := $(may-sync-config)
include include/config/auto.conf
ifdef may-sync-config
include/config/auto.conf: FORCE
	echo >> include/config/auto.conf; mkdir scripts/basic
endif
TMPOUT := .tmp_$$$$
ifdef need-compiler
option := $(shell mkdir -p $(TMPOUT) && echo yes; test -d .tmp_* && touch left)
endif
obj-dirs := virt/el2
ifneq ($(obj-dirs),)
$(shell mkdir -p $(obj-dirs))
endif
virt/el2/:
	gcc -c $(option)
.PHONY: FORCE virt/el2/
FORCE:
`

// Real make does not write into the tree, built in place or not, and the options that need the temporary directory are there.
func TestDryRunWritesNothing(t *testing.T) {
	program, err := exec.LookPath("make")
	if err != nil {
		t.Skip("no make")
	}
	objects, _ := prepared(t)
	put(t, filepath.Join(objects, "Makefile"), kbuildMakefile)
	if err := os.Mkdir(filepath.Join(objects, "scripts"), 0o755); err != nil {
		t.Fatal(err)
	}
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	out, err := tree.DryRun(context.Background(), program, "virt/el2", nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "gcc -c yes\n"; out != want {
		t.Errorf("got %q, want %q", out, want)
	}
}
