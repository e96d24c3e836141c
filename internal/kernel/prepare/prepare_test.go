// SPDX-License-Identifier: Apache-2.0

package prepare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// source makes a kernel's source tree.
func source(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "linux")
	put(t, filepath.Join(dir, "Makefile"), "VERSION = 6\nPATCHLEVEL = 1\n")
	for _, name := range []string{"Kconfig", "scripts/Kbuild.include", "arch/arm64/kvm/Kconfig", "include/linux/x.h"} {
		put(t, filepath.Join(dir, name), "")
	}
	return dir
}

func TestCompilerOf(t *testing.T) {
	for _, test := range []struct{ arguments, compiler, linker string }{
		{"", "gcc", "ld"},
		{"CROSS_COMPILE=x-", "x-gcc", "x-ld"},
		{"CROSS_COMPILE=x- CC=x-gcc-14", "x-gcc-14", "x-ld"},
		{"LLVM=1", "clang", "ld.lld"},
		{"LLVM=-19", "clang-19", "ld.lld-19"},
		{"LLVM=/opt/llvm/bin/", "/opt/llvm/bin/clang", "/opt/llvm/bin/ld.lld"},
		{"CROSS_COMPILE=a- CROSS_COMPILE=b-", "b-gcc", "b-ld"},
	} {
		arguments := strings.Fields(test.arguments)
		if got := compilerOf(arguments); got != test.compiler {
			t.Errorf("%s: got compiler %s, want %s", test.arguments, got, test.compiler)
		}
		if got := toolOf(arguments, "LD", "ld.lld", "ld"); got != test.linker {
			t.Errorf("%s: got linker %s, want %s", test.arguments, got, test.linker)
		}
	}
	for value, want := range map[string]string{"ccache x-gcc": "x-gcc", "x-gcc -fno-canonical-system-headers": "x-gcc", " ": "a-gcc", "": "a-gcc"} {
		if got := compilerOf([]string{"CROSS_COMPILE=a-", "CC=" + value}); got != want {
			t.Errorf("CC=%s: got %s, want %s", value, got, want)
		}
	}
	for value, want := range map[string]string{"ccache gcc-14": "ccache", " ": "gcc"} {
		if list := programs("make", []string{"HOSTCC=" + value}); !slices.ContainsFunc(list, func(p program) bool { return p.name == want }) {
			t.Errorf("HOSTCC=%s: got %v, want %s", value, list, want)
		}
	}
}

// The variables for the compiler of a .config are those that kbuild was given.
func TestCompilerVariables(t *testing.T) {
	bin := t.TempDir()
	put(t, filepath.Join(bin, "clang-19"), "")
	t.Setenv("PATH", bin)
	for _, test := range []struct{ text, want string }{
		{`CONFIG_CC_VERSION_TEXT="aarch64-linux-gnu-gcc (Debian 12.2.0-14) 12.2.0"`, "CROSS_COMPILE=aarch64-linux-gnu-"},
		{`CONFIG_CC_VERSION_TEXT="aarch64-linux-gnu-gcc-14 (Debian 14.2.0) 14.2.0"`, "CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc-14"},
		{`CONFIG_CC_VERSION_TEXT="gcc-14 (Debian 14.2.0) 14.2.0"`, "CC=gcc-14"},
		{`CONFIG_CC_VERSION_TEXT="gcc (Debian 14.2.0) 14.2.0"`, ""},
		{"CONFIG_CC_IS_CLANG=y\nCONFIG_CC_VERSION_TEXT=\"Debian clang version 14.0.6\"", "LLVM=1"},
		{"CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=190107\nCONFIG_CC_VERSION_TEXT=\"Debian clang version 19.1.7\"", "LLVM=-19"},
		{"CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=190107\nCONFIG_LD_IS_LLD=y\nCONFIG_AS_IS_LLVM=y", "LLVM=-19"},
		{"CONFIG_CC_IS_CLANG=y\nCONFIG_LD_IS_BFD=y\nCONFIG_AS_IS_GNU=y", "CC=clang CROSS_COMPILE=aarch64-linux-gnu- LLVM_IAS=0"},
		{"CONFIG_CC_IS_CLANG=y\nCONFIG_LD_IS_BFD=y\nCONFIG_AS_IS_LLVM=y", "CC=clang CROSS_COMPILE=aarch64-linux-gnu-"},
		{"CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=190107\nCONFIG_LD_IS_LLD=y\nCONFIG_AS_IS_GNU=y", "CC=clang-19 CROSS_COMPILE=aarch64-linux-gnu- LLVM_IAS=0 LD=ld.lld-19"},
		{"", ""},
	} {
		if got := strings.Join(CompilerVariables(tree.ParseConfiguration(test.text)), " "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.text, got, test.want)
		}
	}
}

func TestSeries(t *testing.T) {
	for release, want := range map[string]string{"6.1.176": "6.1", "6.1": "6.1", "7.2-rc1": "7.2", "6.12.0-rc3": "6.12", "": "", "6": "6"} {
		if got := series(release); got != want {
			t.Errorf("%q: got %q, want %q", release, got, want)
		}
	}
}

func TestFragmentOptions(t *testing.T) {
	got := optionsOf("# a comment\nCONFIG_A=y\nCONFIG_B=\"x y\"\r\n# CONFIG_A is not set\nCONFIG_C=n\nnonsense\n")
	if want := []option{{"A", "n"}, {"B", `"x y"`}, {"C", "n"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	in := &inputs{fragments: []fragment{{"one", []byte("CONFIG_A=y\nCONFIG_B=\"x\"\n")}, {"two", []byte("CONFIG_A=n\n")}}}
	if err := in.checkFragments(tree.ParseConfiguration("CONFIG_B=\"x\"\n")); err != nil {
		t.Errorf("the second fragment overrides the first: %v", err)
	}
}

// The dates see every file that is read, and not what kbuild makes.
func TestDates(t *testing.T) {
	dir := source(t)
	p := &Place{Source: dir, Objects: dir}
	dates := func() string {
		t.Helper()
		got, err := p.Dates("make")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	put(t, filepath.Join(dir, "include/config/auto.conf.cmd"), "deps_config := \\\n\tfs/Kconfig \\\n\t$(srctree)/mm/Kconfig.debug\n")
	before := dates()
	put(t, filepath.Join(dir, "arch/arm64/kvm/hyp.o"), "x")
	if dates() != before {
		t.Error("an object: got other dates")
	}
	for _, name := range []string{"Makefile", "include/linux/x.h", "include/linux/new.h", "arch/arm64/kvm/new.c", "fs/Kconfig", "mm/Kconfig.debug", ".config"} {
		put(t, filepath.Join(dir, name), "VERSION = 6\nPATCHLEVEL = 2\n# longer\n")
		after := dates()
		if after == before {
			t.Errorf("%s: got the same dates", name)
		}
		before = after
	}
	for name, want := range map[string]bool{"include/linux/x.h": true, "arch/arm64/kvm/hyp/x.c": true, "Makefile": true, "drivers/x.h": false, "includes/x.h": false} {
		if got := p.Covers(name); got != want {
			t.Errorf("Covers(%s) = %v, want %v", name, got, want)
		}
	}
}

// An object tree of another user is not written to, and a directory that is there already is emptied again.
func TestOwner(t *testing.T) {
	dir := source(t)
	objects := dir + ObjectsSuffix
	put(t, filepath.Join(objects, stateFile), "source "+dir+"\n")
	p, err := Locate(dir, "")
	if err != nil || !p.Own || p.Objects != objects {
		t.Fatalf("got %+v, %v", p, err)
	}
	if err := p.checkWritable(); err != nil {
		t.Errorf("our own: %v", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	if err := os.Chown(objects, 12345, -1); err != nil {
		t.Skip(err)
	}
	if err := p.checkWritable(); err == nil || !strings.Contains(err.Error(), "belongs to the user with the ID 12345") {
		t.Errorf("another user's: got error %v", err)
	}
}

// An interrupt ends make and what it runs, and the object tree is removed.
func TestInterrupt(t *testing.T) {
	dir := source(t)
	program := filepath.Join(filepath.Dir(dir), "make")
	pid := filepath.Join(filepath.Dir(dir), "pid")
	put(t, program, "#!/bin/sh\nfor last; do :; done\necho made > \"${5#O=}/half\"\nsleep 60 & echo $! > "+pid+"\nwait\n")
	p, err := Locate(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	plan := &Plan{place: p, options: Options{Make: program, Progress: func(string) {}}, inputs: &inputs{}, configure: true}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for range 1000 {
			if text, err := os.ReadFile(pid); err == nil && len(text) > 0 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	if err := plan.Run(ctx); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("got error %v, want that it was interrupted", err)
	}
	if _, err := os.Stat(p.Objects); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s: is still there: %v", p.Objects, err)
	}
	child, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", strings.TrimSpace(string(child))))
	// A zombie is as good as none.
	if err == nil && !strings.Contains(string(state), ") Z ") {
		t.Errorf("make's child still runs: %s", state)
	}
}

// Only the end of make's output is kept, however long it is.
func TestTail(t *testing.T) {
	output := &tail{}
	for i := range 100000 {
		if _, err := fmt.Fprintf(output, "line %d\n\n", i); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(output.lines(2), " "); got != "line 99998 line 99999" || len(output.text) > 2*tailBytes {
		t.Errorf("got %q, %d bytes", got, len(output.text))
	}
	if got := (&tail{}).lines(3); len(got) != 0 {
		t.Errorf("got %q, want no lines", got)
	}
}
