// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// The test binary is also the programs that hypgen runs, by the names of links to it.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "make":
		os.Exit(fakeMake(os.Args[1:]))
	case "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-gcc-14":
		fmt.Println(compilerText)
		os.Exit(0)
	case "hypgen":
		main()
		os.Exit(0)
	case "touch":
		if err := os.WriteFile(os.Args[1], nil, 0o644); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case "flex", "bison", "bc", "gcc", "aarch64-linux-gnu-ld":
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	compilerText = "aarch64-linux-gnu-gcc (Test 12.2.0-1) 12.2.0"
	nvhe         = "arch/arm64/kvm/hyp/nvhe"
	configHead   = "# Automatically generated file; DO NOT EDIT.\n# Linux/arm64 6.1.5 Kernel Configuration\n"
)

// defconfig is the fake kernel's default configuration.
const defconfig = configHead + "CONFIG_ARM64=y\nCONFIG_KVM=y\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n" +
	"CONFIG_CC_VERSION_TEXT=\"" + compilerText + "\"\n"

// fakeMake does what kbuild does for the targets that hypgen asks for. It notes them in the source tree's parent. The variable FAKE of
// its command line chooses what goes wrong.
func fakeMake(arguments []string) int {
	source, objects, fake := "", "", ""
	for i, argument := range arguments {
		switch {
		case argument == "-C":
			source = arguments[i+1]
		case strings.HasPrefix(argument, "O="):
			objects = argument[2:]
		case strings.HasPrefix(argument, "FAKE="):
			fake = argument[5:]
		}
	}
	target := arguments[len(arguments)-1]
	if arguments[0] == "-n" {
		// -C is the object tree here.
		fmt.Print(dryRun(source))
		return 0
	}
	log, err := os.OpenFile(filepath.Join(filepath.Dir(source), "make.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	fmt.Fprintln(log, target)
	config := filepath.Join(objects, ".config")
	put := func(name, text string) {
		name = filepath.Join(objects, name)
		_ = os.MkdirAll(filepath.Dir(name), 0o755)
		_ = os.WriteFile(name, []byte(text), 0o644)
	}
	if fake == "waits in "+target {
		put("waits", fmt.Sprint(os.Getpid()))
		time.Sleep(time.Minute)
	}
	if fake == "fails in "+target {
		put("half", "made")
		fmt.Println("  CC      scripts/mod/empty.o")
		fmt.Fprintln(os.Stderr, "***\n*** C compiler is too old.\n***   Your GCC version:    4.8.0\nmake[1]: *** [Makefile:1] Error 1")
		return 2
	}
	if fake == "sparse" {
		put("half", "made")
		fmt.Fprintln(os.Stderr, "arch/arm64/Kconfig:2389: can't open file \"drivers/cpuidle/Kconfig\"\nmake[2]: *** [scripts/kconfig/Makefile:87: defconfig] Error 1")
		return 2
	}
	switch target {
	case "defconfig":
		text := defconfig
		if fake == "no KVM" {
			text = strings.ReplaceAll(text, "CONFIG_KVM=y", "# CONFIG_KVM is not set")
		}
		put(".config", text)
	case "olddefconfig":
		text, _ := os.ReadFile(config)
		put(".config", settle(string(text)))
	case "prepare":
		for _, name := range []string{"include/config/auto.conf", "include/generated/autoconf.h", "include/generated/asm-offsets.h"} {
			put(name, "")
		}
		put("include/config/auto.conf.cmd", "deps_config := \\\n\tKconfig \\\n\tdrivers/Kconfig \\\n\n")
		_ = os.Symlink(source, filepath.Join(objects, "source"))
		if fake == "may not run git" {
			// As in a tree of another user.
			_ = os.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
		}
		if strings.HasSuffix(fake, "run git") || fake == "runs git" {
			put("kernel.release", "6.1.5"+localVersion(source))
		}
	}
	return 0
}

// localVersion is what scripts/setlocalversion says of a source tree, by asking git as that does; empty if git does not run.
func localVersion(source string) string {
	git := func(arguments ...string) (string, error) {
		command := exec.Command("git", append([]string{"-C", source}, arguments...)...)
		out, err := command.Output()
		return strings.TrimSpace(string(out)), err
	}
	head, err := git("rev-parse", "--verify", "HEAD")
	if err != nil {
		return ""
	}
	changed, err := git("--no-optional-locks", "status", "-uno", "--porcelain")
	if err != nil || changed == "" {
		return "-g" + head[:12]
	}
	return "-g" + head[:12] + "-dirty"
}

// settle is Kconfig: the last value of an option counts, options that it does not know are dropped, and the compiler's are set.
func settle(text string) string {
	values := tree.ParseConfiguration(defconfig)
	for name, value := range tree.ParseConfiguration(text) {
		if known := []string{"KVM", "LTO_CLANG", "DEBUG_LIST", "GCC_PLUGIN_STACKLEAK"}; slices.Contains(known, name) {
			values[name] = value
		}
	}
	out := configHead
	for _, name := range []string{"ARM64", "KVM", "LTO_CLANG", "DEBUG_LIST", "GCC_PLUGIN_STACKLEAK", "CC_IS_GCC", "GCC_VERSION"} {
		if value := values[name]; value == "" || value == "n" {
			out += "# CONFIG_" + name + " is not set\n"
		} else {
			out += "CONFIG_" + name + "=" + value + "\n"
		}
	}
	return out + "CONFIG_CC_VERSION_TEXT=\"" + compilerText + "\"\n"
}

// dryRun is kbuild's, of a small directory.
func dryRun(objects string) string {
	var b strings.Builder
	more := ""
	if config, _ := os.ReadFile(filepath.Join(objects, ".config")); bytes.Contains(config, []byte("CONFIG_LTO_CLANG=y")) {
		more = " -flto=thin"
	}
	for _, name := range []string{"a", "b"} {
		fmt.Fprintf(&b, "aarch64-linux-gnu-gcc -I./include -O2%[3]s -c -o %[1]s/%[2]s.nvhe.o %[1]s/%[2]s.c\n", nvhe, name, more)
	}
	fmt.Fprintf(&b, "aarch64-linux-gnu-gcc -E -P -o %[1]s/hyp.lds %[1]s/hyp.lds.S\n"+
		"aarch64-linux-gnu-ld -EL -maarch64elf -r -T %[1]s/hyp.lds %[1]s/a.nvhe.o %[1]s/b.nvhe.o -o %[1]s/kvm_nvhe.tmp.o\n"+
		"aarch64-linux-gnu-objcopy --prefix-symbols=__kvm_nvhe_ %[1]s/kvm_nvhe.tmp.o %[1]s/kvm_nvhe.o\n", nvhe)
	return b.String()
}

// world is a directory with a kernel's source tree, a checkout of rules_hyp and a workspace.
type world struct {
	t                        *testing.T
	root, kernel, rules, dir string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t, root, filepath.Join(root, "linux"), filepath.Join(root, "rules_hyp"), filepath.Join(root, "ws")}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"make", "flex", "bison", "bc", "gcc", "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-gcc-14", "aarch64-linux-gnu-ld"} {
		if err := os.Symlink(program, filepath.Join(root, "bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"linux/Makefile":                       "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 5\nEXTRAVERSION =\n",
		"linux/Kbuild":                         "",
		"linux/Kconfig":                        "",
		"linux/drivers/Kconfig":                "",
		"linux/.git/shallow":                   "0123456789\n",
		"linux/scripts/Kbuild.include":         "",
		"linux/arch/arm64/kernel/image-vars.h": "KVM_NVHE_ALIAS(kvm_patch);\nPROVIDE(__kvm_nvhe_x = x);\n",
		"linux/arch/arm64/kvm/Kconfig":         "",
		"linux/include/linux/x.h":              "",
		"linux/" + nvhe + "/Makefile":          "",
		"linux/" + nvhe + "/a.c":               "#include <linux/x.h>\n",
		"linux/" + nvhe + "/b.c":               "",
		"linux/" + nvhe + "/hyp.lds.S":         "",
		"rules_hyp/MODULE.bazel":               "module(name = \"rules_hyp\")\n",
		"rules_hyp/bazelw":                     "#!/bin/sh\necho bazelw in \"$PWD\": \"$@\"\n",
	} {
		w.put(name, text)
	}
	if err := os.Chmod(filepath.Join(w.rules, "bazelw"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(root, "bin")+":/usr/bin:/bin")
	t.Setenv("HOME", root)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(root, "cache"))
	t.Setenv("BUILD_WORKING_DIRECTORY", "")
	t.Setenv("BUILD_WORKSPACE_DIRECTORY", "")
	return w
}

func (w *world) put(name, text string) {
	w.t.Helper()
	file := filepath.Join(w.root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.root, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
	return string(text)
}

// edit replaces a text that a file has once.
func (w *world) edit(name, old, new string) {
	w.t.Helper()
	text := w.read(name)
	if strings.Count(text, old) != 1 {
		w.t.Fatalf("%s: has %q %d times:\n%s", name, old, strings.Count(text, old), text)
	}
	w.put(name, strings.Replace(text, old, new, 1))
}

// init runs `hypgen init` for the world's kernel and workspace and returns what it prints.
func (w *world) init(arguments ...string) (stdout, stderr string, err error) {
	w.t.Helper()
	return w.run(append([]string{"-workspace", w.dir, "-rules_hyp", w.rules, w.kernel}, arguments...)...)
}

func (w *world) run(arguments ...string) (stdout, stderr string, err error) {
	w.t.Helper()
	var out, log bytes.Buffer
	err = run(context.Background(), append([]string{"init"}, arguments...), &out, &log)
	return out.String(), log.String(), err
}

// mustInit is init without an error.
func (w *world) mustInit(arguments ...string) (stdout, stderr string) {
	w.t.Helper()
	stdout, stderr, err := w.init(arguments...)
	if err != nil {
		w.t.Fatalf("%q: %v\n%s", arguments, err, stderr)
	}
	return stdout, stderr
}

// snapshot returns the modes, dates and texts of the files below a directory, but for make's log and the cache.
func (w *world) snapshot(dir string) map[string]string {
	w.t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(filepath.Join(w.root, dir), func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == "cache" {
			return fs.SkipDir
		}
		if entry.Name() == "make.log" || name == w.root {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text := ""
		if info.Mode().IsRegular() {
			bytes, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text = string(bytes)
		}
		found[name] = fmt.Sprintf("%v %v %q", info.Mode(), info.ModTime(), text)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// unchanged fails the test if a directory is not as in a snapshot.
func (w *world) unchanged(dir string, before map[string]string) {
	w.t.Helper()
	after := w.snapshot(dir)
	for name, was := range before {
		if after[name] != was {
			w.t.Errorf("%s: was %s, is %s", name, was, after[name])
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			w.t.Errorf("%s: is new", name)
		}
	}
}

// made returns the targets that make was run for, and forgets them.
func (w *world) made() string {
	w.t.Helper()
	log := strings.Join(strings.Fields(w.read("make.log")), " ")
	if err := os.Remove(filepath.Join(w.root, "make.log")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
	return log
}
