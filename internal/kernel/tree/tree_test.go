// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The test binary is also make: DryRun passes -n first.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-n" {
		for _, argument := range os.Args[1:] {
			fmt.Println("arg", argument)
		}
		for _, variable := range os.Environ() {
			fmt.Println("env", variable)
		}
		if strings.HasPrefix(os.Args[len(os.Args)-1], "reconfigures") {
			root := os.Args[slices.Index(os.Args, "-C")+1]
			_ = os.WriteFile(filepath.Join(root, ".config"), []byte("changed"), 0o644)
			_ = os.Remove(filepath.Join(root, "include/generated/autoconf.h"))
			os.Exit(2)
		}
		if strings.HasPrefix(os.Args[len(os.Args)-1], "writes") {
			root := os.Args[slices.Index(os.Args, "-C")+1]
			_ = os.MkdirAll(filepath.Join(root, "scripts/basic"), 0o755)
			_ = os.WriteFile(filepath.Join(root, "scripts/basic/fixdep"), nil, 0o644)
		}
		if strings.HasPrefix(os.Args[len(os.Args)-1], "broken") {
			fmt.Fprintln(os.Stderr, "make: *** No rule.  Stop.")
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const arm64Config = "CONFIG_ARM64=y\nCONFIG_KVM=y\n"

// prepared makes a source tree and a separate object tree.
func prepared(t *testing.T) (objects, source string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	objects, source = filepath.Join(root, "objects"), filepath.Join(root, "source")
	put(t, filepath.Join(source, "Makefile"), "# a comment\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 176\nEXTRAVERSION =\nNAME = x\nVERSION_X = 9\n")
	put(t, filepath.Join(source, "Kconfig"), "")
	put(t, filepath.Join(source, "scripts/Kbuild.include"), "")
	put(t, filepath.Join(source, "include/linux/a.h"), "source")
	put(t, filepath.Join(source, "include/linux/b.h"), "source")
	put(t, filepath.Join(objects, ".config"), arm64Config)
	for _, name := range []string{"include/config/auto.conf", "include/generated/autoconf.h", "include/generated/asm-offsets.h", "include/linux/b.h"} {
		put(t, filepath.Join(objects, name), "")
	}
	if err := os.Symlink(source, filepath.Join(objects, "source")); err != nil {
		t.Fatal(err)
	}
	return objects, source
}

func TestOpen(t *testing.T) {
	objects, source := prepared(t)
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	if tree.Objects != objects || tree.Source != source {
		t.Errorf("got %+v, want objects %s and source %s", tree, objects, source)
	}
	if err := tree.CheckPrepared(); err != nil {
		t.Error(err)
	}
	if release, err := tree.Release(); err != nil || release != "6.1.176" {
		t.Errorf("release: got %q, %v; want 6.1.176", release, err)
	}
	for name, want := range map[string]string{
		"include/linux/a.h": filepath.Join(source, "include/linux/a.h"),
		"include/linux/b.h": filepath.Join(objects, "include/linux/b.h"),
	} {
		if got, ok := tree.Path(name); !ok || got != want {
			t.Errorf("Path(%s) = %s, %v; want %s", name, got, ok, want)
		}
	}
	for _, name := range []string{"include/linux/c.h", "include/linux"} {
		if got, ok := tree.Path(name); ok {
			t.Errorf("Path(%s) = %s, want none", name, got)
		}
	}
}

func TestOpenOneTree(t *testing.T) {
	_, source := prepared(t)
	put(t, filepath.Join(source, ".config"), arm64Config)
	tree, err := Open(source)
	if err != nil || tree.Objects != source || tree.Source != source {
		t.Errorf("got %+v, %v; want %s for both", tree, err, source)
	}
	if err := tree.CheckPrepared(); err == nil || !strings.Contains(err.Error(), "no include/config/auto.conf in it: the tree is not prepared; run `make") {
		t.Errorf("got error %v, want one about auto.conf", err)
	}
}

func TestOpenErrors(t *testing.T) {
	empty := t.TempDir()
	for _, name := range []string{empty, filepath.Join(empty, "missing")} {
		if _, err := Open(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got error %v, want one that names %s", err, name)
		}
	}
}

func TestStaleConfiguration(t *testing.T) {
	objects, _ := prepared(t)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(objects, ".config"), later, later); err != nil {
		t.Fatal(err)
	}
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.CheckPrepared(); err == nil || !strings.Contains(err.Error(), ".config is newer") {
		t.Errorf("got error %v, want one about the newer .config", err)
	}
}

func TestNoVersion(t *testing.T) {
	objects, source := prepared(t)
	put(t, filepath.Join(source, "Makefile"), "all:\n")
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Release(); err == nil || !strings.Contains(err.Error(), "no VERSION") {
		t.Errorf("got error %v, want one about VERSION", err)
	}
}

// The user's environment must not silently affect kbuild.
func TestDryRunEnvironment(t *testing.T) {
	t.Setenv("KCFLAGS", "-O3")
	t.Setenv("MAKEFLAGS", "-j9")
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	t.Setenv("ARCH", "x86")
	objects, _ := prepared(t)
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	out, err := tree.DryRun(context.Background(), os.Args[0], "f", []string{"LLVM=1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"arg V=1\n", "arg -C\narg " + objects + "\n", "arg ARCH=arm64\narg LLVM=1\narg f/\n", "env LC_ALL=C\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("got\n%s\nwant %q in it", out, want)
		}
	}
	for _, unwanted := range []string{"KCFLAGS", "MAKEFLAGS", "de_DE", "x86"} {
		if strings.Contains(out, unwanted) {
			t.Errorf("got\n%s\nwant no %s in it", out, unwanted)
		}
	}
}

func TestDryRunFails(t *testing.T) {
	objects, _ := prepared(t)
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.DryRun(context.Background(), os.Args[0], "broken", nil); err == nil || !strings.Contains(err.Error(), "No rule") {
		t.Errorf("got error %v, want make's message", err)
	}
}

// make can run syncconfig even with -n, and deletes the files that syncconfig writes if that fails.
func TestDryRunLeavesTheConfiguration(t *testing.T) {
	objects, _ := prepared(t)
	put(t, filepath.Join(objects, ".config"), arm64Config)
	put(t, filepath.Join(objects, "include/config/auto.conf"), "CONFIG_KVM=y\n")
	put(t, filepath.Join(objects, "include/generated/autoconf.h"), "#define CONFIG_KVM 1\n")
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.DryRun(context.Background(), os.Args[0], "reconfigures", nil); err == nil || !strings.Contains(err.Error(), "restored") {
		t.Errorf("got error %v, want one that says what was restored", err)
	}
	for name, want := range map[string]string{".config": arm64Config, "include/generated/autoconf.h": "#define CONFIG_KVM 1\n"} {
		if text, err := os.ReadFile(filepath.Join(objects, name)); err != nil || string(text) != want {
			t.Errorf("%s: got %q, %v; want %q", name, text, err, want)
		}
	}
	if err := tree.CheckPrepared(); err != nil {
		t.Errorf("the tree is no longer prepared: %v", err)
	}
}
