// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// From a source tree to a workspace, with nothing written to the source tree; again, it changes nothing and does not run make.
func TestInit(t *testing.T) {
	w := newWorld(t)
	kernel := w.snapshot("linux")
	stdout, stderr := w.mustInit()
	w.unchanged("linux", kernel)
	if got := w.made(); got != "defconfig prepare" {
		t.Errorf("make made %q, want defconfig and prepare", got)
	}
	if want := "cd " + w.dir + " && ./bazelw build //hyp:hyp_o\n"; stdout != want {
		t.Errorf("got %q, want %q", stdout, want)
	}
	for _, name := range []string{
		"MODULE.bazel", ".bazelrc", ".bazelversion", "bazelw", "hyp/BUILD.bazel", "hyp/headers.txt", "hyp/undefined.txt",
		"hyp/compile_commands.json",
	} {
		if w.read("ws/"+name) == "" || !strings.Contains(stderr, "wrote "+filepath.Join(w.dir, name)) {
			t.Errorf("%s: not written, or not said:\n%s", name, stderr)
		}
	}
	for name, wants := range map[string][]string{
		"MODULE.bazel": {
			`bazel_dep(name = "rules_hyp", version = "0.1.0")`, `path = "../rules_hyp",`, `path = "../linux-objects",`,
			`headers = "//hyp:headers.txt",`, `use_repo(hyp, "linux")`, `bazel_dep(name = "platforms"`,
		},
		".bazelrc":          {"common --noexperimental_check_external_repository_files\n", "build --experimental_fsvc_threads=HOST_CPUS*2\n"},
		"bazelw":            {`exec "$root"/../rules_hyp/bazelw "$@"`},
		"hyp/BUILD.bazel":   {`"@linux//:` + nvhe + `/a.c",`, `"@rules_hyp//rules:defs.bzl"`, "hypgen init -workspace . ../linux CROSS_COMPILE=aarch64-linux-gnu-\n"},
		"hyp/headers.txt":   {"\ninclude/linux/x.h\n", "# kbuild: .config "},
		"hyp/undefined.txt": {"\n__kvm_nvhe_kvm_patch\n"},

		"hyp/compile_commands.json": {`/` + nvhe + `/a.c"`, `"-I./include"`},
	} {
		for _, want := range wants {
			if text := w.read("ws/" + name); !strings.Contains(text, want) {
				t.Errorf("%s: got\n%s\nwant %q in it", name, text, want)
			}
		}
	}
	if info, err := os.Stat(filepath.Join(w.dir, "bazelw")); err != nil || info.Mode()&0o111 != 0o111 {
		t.Errorf("bazelw: got %v, %v; want an executable file", info, err)
	}

	before := w.snapshot(".")
	if _, stderr = w.mustInit(); !strings.Contains(stderr, "nothing has changed") || !strings.Contains(stderr, "unchanged "+filepath.Join(w.dir, "hyp/BUILD.bazel")) {
		t.Errorf("again: got\n%s\nwant that nothing has changed", stderr)
	}
	w.unchanged(".", before)
	if got := w.made(); got != "" {
		t.Errorf("again: make made %q, want nothing", got)
	}
	// Without the cache everything is read, and nothing is changed.
	if err := os.RemoveAll(filepath.Join(w.root, "cache")); err != nil {
		t.Fatal(err)
	}
	if _, stderr = w.mustInit(); strings.Contains(stderr, "wrote") || !strings.Contains(stderr, "unchanged "+filepath.Join(w.dir, "hyp/BUILD.bazel")) {
		t.Errorf("without the cache: got\n%s\nwant that all files are unchanged", stderr)
	}
	w.unchanged(".", before)
}

// The command in the BUILD file's head writes the same files again, from the workspace's root.
func TestCommandInHead(t *testing.T) {
	w := newWorld(t)
	w.put("my config", "CONFIG_KVM=y\n")
	w.put("fragment", "CONFIG_DEBUG_LIST=y\n")
	w.mustInit("-config", filepath.Join(w.root, "my config"), "-fragment", filepath.Join(w.root, "fragment"), "-objects", filepath.Join(w.root, "o"),
		"-package", "a/b", "-repository", "mine", "-name", "el2", "-compiler", "gcc-12", "LOCALVERSION=-it's")
	_, command, _ := strings.Cut(w.read("ws/a/b/BUILD.bazel"), "To regenerate it: ")
	command, _, _ = strings.Cut(command, "\n")
	parsed, err := shell.Parse(strings.ReplaceAll(command, `\\`, `\`))
	if err != nil || len(parsed) != 1 {
		t.Fatalf("%s: %v", command, err)
	}
	before := w.snapshot(".")
	if err := os.RemoveAll(filepath.Join(w.root, "cache")); err != nil {
		t.Fatal(err)
	}
	w.made()
	t.Setenv("BUILD_WORKING_DIRECTORY", w.dir)
	if _, stderr, err := w.run(parsed[0].Words[2:]...); err != nil || w.made() != "" {
		t.Errorf("%s: %v\n%s", command, err, stderr)
	}
	w.unchanged(".", before)
}

// What changes decides what is done again.
func TestInitAgain(t *testing.T) {
	w := newWorld(t)
	w.mustInit()
	w.made()
	later := time.Now().Add(time.Hour)
	for _, test := range []struct{ name, text, made, wrote string }{
		{"linux/" + nvhe + "/a.c", "#include <linux/x.h>\n#include <linux/x.h>\n", "", ""},
		{"linux/include/linux/y.h", "", "olddefconfig prepare", ""},
		{"linux/" + nvhe + "/a.c", "#include <linux/y.h>\n", "", "headers.txt"},
		{"linux/drivers/Kconfig", "# edited", "olddefconfig prepare", ""},
		{"linux-objects/.config", settle("CONFIG_DEBUG_LIST=y\n"), "olddefconfig prepare", "headers.txt"},
		{"ws/hyp/headers.txt", "broken\n", "", "headers.txt"},
		{"ws/bazelw", "# Written by hypgen init. Of an older version.\n", "", "bazelw"},
	} {
		w.put(test.name, test.text)
		if err := os.Chtimes(filepath.Join(w.root, test.name), later, later); err != nil {
			t.Fatal(err)
		}
		later = later.Add(time.Minute)
		_, stderr := w.mustInit()
		if got := w.made(); got != test.made {
			t.Errorf("%s: make made %q, want %q", test.name, got, test.made)
		}
		wrote := ""
		for _, line := range strings.Split(stderr, "\n") {
			if _, name, ok := strings.Cut(line, "wrote "); ok {
				wrote += filepath.Base(name)
			}
		}
		if wrote != test.wrote || strings.Contains(stderr, "nothing has changed") {
			t.Errorf("%s: wrote %q, want %q:\n%s", test.name, wrote, test.wrote, stderr)
		}
	}
	if !strings.Contains(w.read("linux-objects/.config"), "CONFIG_DEBUG_LIST=y") {
		t.Error("an edit of .config was lost")
	}
}

// A configured tree keeps its configuration, unless another one is given.
func TestConfigurations(t *testing.T) {
	w := newWorld(t)
	w.put("list", "CONFIG_DEBUG_LIST=y\n")
	w.put("none", "CONFIG_DEBUG_LIST=n\n")
	w.put("full", defconfig)
	for _, test := range []struct {
		before    func()
		arguments string
		made      string
		list      bool
	}{
		{nil, "-fragment ROOT/list", "defconfig olddefconfig prepare", true},
		{nil, "", "", true},
		{nil, "-fragment ROOT/list", "", true},
		{nil, "-fragment ROOT/list -fragment ROOT/none", "defconfig olddefconfig prepare", false},
		{nil, "-config ROOT/full -fragment ROOT/list", "olddefconfig prepare", true},
		{nil, "V=1", "olddefconfig prepare", true},
		{nil, "-config ROOT/full V=1", "olddefconfig prepare", false},
		// As after make mrproper.
		{func() {
			if err := os.Remove(filepath.Join(w.root, "linux-objects/.config")); err != nil {
				t.Fatal(err)
			}
		}, "V=1", "defconfig prepare", false},
		// As after an interrupted run.
		{func() {
			w.edit("linux-objects/.hypgen-init", "\nsources ", "\nsources incomplete")
			text := w.read("linux-objects/.hypgen-init")
			_, rest, _ := strings.Cut(text, "sources incomplete")
			sum, _, _ := strings.Cut(rest, "\n")
			w.edit("linux-objects/.hypgen-init", "incomplete"+sum, "incomplete")
			later := time.Now().Add(time.Hour)
			if err := os.Chtimes(filepath.Join(w.kernel, "include/linux/x.h"), later, later); err != nil {
				t.Fatal(err)
			}
		}, "V=1", "olddefconfig prepare", false},
	} {
		if test.before != nil {
			test.before()
		}
		w.mustInit(strings.Fields(strings.ReplaceAll(test.arguments, "ROOT", w.root))...)
		if got := w.made(); got != test.made {
			t.Errorf("%q: make made %q, want %q", test.arguments, got, test.made)
		}
		if got := strings.Contains(w.read("linux-objects/.config"), "CONFIG_DEBUG_LIST=y"); got != test.list {
			t.Errorf("%q: CONFIG_DEBUG_LIST is %v, want %v", test.arguments, got, test.list)
		}
	}
}

// kbuild's object has code that its linker generates; the one here is compiled to machine code, which is said.
func TestInitWithoutLTO(t *testing.T) {
	w := newWorld(t)
	w.put("lto", "CONFIG_LTO_CLANG=y\n")
	const head, warning = "every option but those for link-time optimization.", "hypgen: warning: " + nvhe + ": kbuild's compiler writes intermediate code here"
	for _, lto := range []bool{false, true} {
		arguments := []string{"-fragment", filepath.Join(w.root, "lto")}
		if !lto {
			arguments = nil
		}
		_, stderr := w.mustInit(arguments...)
		text := w.read("ws/hyp/BUILD.bazel")
		if strings.Contains(text, head) != lto || strings.Contains(text, "flto") || !strings.Contains(text, `"-O2"`) || strings.Contains(stderr, warning) != lto {
			t.Errorf("LTO %t: got\n%s\n%s", lto, stderr, text)
		}
	}
}

// A tree that was built in, or that somebody else prepared, is only read.
func TestPreparedTrees(t *testing.T) {
	w := newWorld(t)
	w.mustInit()
	for _, name := range []string{".config", "include/config/auto.conf", "include/generated/autoconf.h", "include/generated/asm-offsets.h"} {
		w.put("linux/"+name, w.read("linux-objects/"+name))
	}
	w.made()
	for _, place := range []string{"linux", "linux-objects"} {
		if place == "linux-objects" {
			if err := os.Remove(filepath.Join(w.root, "linux/.config")); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(w.root, "linux-objects/.hypgen-init")); err != nil {
				t.Fatal(err)
			}
		}
		kernel, objects := w.snapshot("linux"), w.snapshot("linux-objects")
		// The compiler is the configuration's.
		stdout, stderr, err := w.run("-workspace", filepath.Join(w.root, "ws-"+place), "-rules_hyp", w.rules, filepath.Join(w.root, place))
		if err != nil || !strings.Contains(stdout, "ws-"+place+" && ./bazelw build") || !strings.Contains(stderr, "CROSS_COMPILE=aarch64-linux-gnu-") {
			t.Errorf("%s: got %q, %v\n%s", place, stdout, err, stderr)
		}
		if text := w.read("ws-" + place + "/MODULE.bazel"); !strings.Contains(text, `path = "../`+place+`",`) {
			t.Errorf("%s: got\n%s\nwant its path", place, text)
		}
		if got := w.made(); got != "" {
			t.Errorf("%s: make made %q, want nothing", place, got)
		}
		w.unchanged("linux", kernel)
		w.unchanged("linux-objects", objects)
		if _, _, err := w.run("-workspace", w.dir, "-config", filepath.Join(w.kernel, "Kbuild"), filepath.Join(w.root, place)); err == nil ||
			!strings.Contains(err.Error(), "does not change its configuration") {
			t.Errorf("%s, -config: got error %v", place, err)
		}
	}
}

// Without -workspace it is the current directory, or beside a kernel tree that is the current directory.
func TestDefaultDirectories(t *testing.T) {
	w := newWorld(t)
	t.Setenv("BUILD_WORKING_DIRECTORY", w.kernel)
	stdout, stderr, err := w.run("-rules_hyp", "../rules_hyp")
	if err != nil || !strings.HasPrefix(stdout, "cd "+w.kernel+"-hyp && ") {
		t.Errorf("in the tree: got %q, %v\n%s", stdout, err, stderr)
	}
	w.put("other/MODULE.bazel", "module(name = \"mine\")\n")
	t.Setenv("BUILD_WORKING_DIRECTORY", filepath.Join(w.root, "other"))
	stdout, stderr, err = w.run("-rules_hyp", "../rules_hyp", "../linux")
	if err != nil || !strings.HasPrefix(stdout, "cd "+filepath.Join(w.root, "other")+" && ") {
		t.Errorf("elsewhere: got %q, %v\n%s", stdout, err, stderr)
	}
	if text := w.read("other/MODULE.bazel"); !strings.HasPrefix(text, "module(name = \"mine\")\n") || !strings.Contains(text, "rules_hyp") {
		t.Errorf("got\n%s\nwant the module and rules_hyp", text)
	}
	// Trees in the workspace are not searched for packages.
	t.Setenv("BUILD_WORKING_DIRECTORY", w.root)
	w.put(".bazelignore", "mine")
	if _, stderr, err = w.run("-rules_hyp", "rules_hyp", "linux"); err != nil {
		t.Errorf("above the tree: %v\n%s", err, stderr)
	}
	if text := w.read(".bazelignore"); text != "mine\nlinux\nlinux-objects\n" {
		t.Errorf(".bazelignore: got %q", text)
	}
}

// Two kernels in one workspace leave each other's files alone, also without a cache.
func TestTwoKernels(t *testing.T) {
	w := newWorld(t)
	second := []string{"-package", "b", "-repository", "linux_b", "-objects", filepath.Join(w.root, "o_b")}
	w.mustInit()
	w.mustInit(second...)
	for _, want := range []string{`name = "linux_b",`, `path = "../o_b",`, `headers = "//b:headers.txt",`, `path = "../linux-objects",`, `use_repo(hyp, "linux", "linux_b")`} {
		if text := w.read("ws/MODULE.bazel"); !strings.Contains(text, want) {
			t.Errorf("MODULE.bazel: got\n%s\nwant %s in it", text, want)
		}
	}
	if text := w.read("ws/b/BUILD.bazel"); !strings.Contains(text, `"@linux_b//:`) || strings.Contains(text, `"@linux//`) {
		t.Errorf("got\n%s\nwant files of @linux_b", text)
	}
	before := w.snapshot(".")
	if err := os.RemoveAll(filepath.Join(w.root, "cache")); err != nil {
		t.Fatal(err)
	}
	w.mustInit()
	w.mustInit(second...)
	w.unchanged(".", before)
}

// Marked edits stay, and -check agrees with them.
func TestInitKeeps(t *testing.T) {
	w := newWorld(t)
	w.mustInit()
	w.edit("ws/hyp/BUILD.bazel", "/a.c\",", "/a.c\",\n        \"mine.c\",  # keep")
	w.edit("ws/MODULE.bazel", `path = "../linux-objects",`, `path = "../elsewhere",  # keep`)
	w.edit("ws/MODULE.bazel", "use_repo(hyp, \"linux\")\n", "use_repo(hyp, \"linux\")\n\nbazel_dep(name = \"other\", version = \"1\")\n")
	w.put("ws/.bazelrc", "common --mine\n")
	before := w.snapshot("ws")
	_, stderr := w.mustInit()
	w.unchanged("ws", before)
	if !strings.Contains(stderr, "kept by # keep: nvhe: srcs: mine.c") || !strings.Contains(stderr, "kept "+filepath.Join(w.dir, ".bazelrc")+", which is yours") {
		t.Errorf("got\n%s\nwant that the edits were kept", stderr)
	}
	if _, _, err := w.init("-check"); err != nil {
		t.Errorf("-check: %v", err)
	}
	w.edit("ws/hyp/BUILD.bazel", "  # keep", "")
	_, stderr = w.mustInit()
	if strings.Contains(w.read("ws/hyp/BUILD.bazel"), "mine.c") {
		t.Errorf("without # keep: the edit is still there:\n%s", stderr)
	}
	if !strings.Contains(stderr, "; replaced, without # keep: nvhe: srcs: mine.c\n") {
		t.Errorf("without # keep: got\n%s\nwant the edit named", stderr)
	}
}

// -check writes nothing and names what is out of date, also elsewhere than where the files were written.
func TestInitCheck(t *testing.T) {
	w := newWorld(t)
	before := w.snapshot(".")
	if _, _, err := w.init("-check"); err == nil || !strings.Contains(err.Error(), "has to be prepared") {
		t.Errorf("not prepared: got error %v", err)
	}
	w.unchanged(".", before)
	w.mustInit()
	if _, _, err := w.init("-check"); err != nil {
		t.Errorf("just written: %v", err)
	}
	if _, _, err := w.init("-check", "-make", filepath.Join(w.root, "bin/make")); err != nil {
		t.Errorf("with another command: %v", err)
	}
	for _, name := range []string{"MODULE.bazel", "hyp/BUILD.bazel", "hyp/headers.txt", "hyp/undefined.txt", "bazelw"} {
		text := w.read("ws/" + name)
		w.put("ws/"+name, strings.NewReplacer("linux-objects", "other", nvhe+"/b.c", nvhe+"/c.c", "x.h", "z.h", "kvm_patch", "kvm_other", "exec", "exit").Replace(text))
		before := w.snapshot(".")
		if _, _, err := w.init("-check"); err == nil || !strings.Contains(err.Error(), filepath.Join(w.dir, name)+": out of date") {
			t.Errorf("%s: got error %v, want that it is out of date", name, err)
		}
		w.unchanged(".", before)
		w.put("ws/"+name, text)
	}
}

// -build runs the workspace's bazelw.
func TestInitBuild(t *testing.T) {
	w := newWorld(t)
	stdout, stderr := w.mustInit("-build")
	if want := "bazelw in " + w.dir + ": build //hyp:hyp_o\n"; stdout != want {
		t.Errorf("got %q, want %q\n%s", stdout, want, stderr)
	}
	w.put("rules_hyp/bazelw", "#!/bin/sh\nexit 3\n")
	if _, _, err := w.init("-build"); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got error %v, want Bazel's exit code", err)
	}
}

// If a file cannot be written, the others are as before.
func TestInitUndo(t *testing.T) {
	w := newWorld(t)
	w.put("ws/MODULE.bazel", "# mine\n")
	if err := os.Mkdir(filepath.Join(w.dir, "hyp"), 0o755); err != nil {
		t.Fatal(err)
	}
	// The last file but one is a link into a directory that does not exist.
	if err := os.Symlink("/no/such/directory/x", filepath.Join(w.dir, "hyp/undefined.txt")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.init(); err == nil || !strings.Contains(err.Error(), "undefined.txt") {
		t.Errorf("got error %v, want one that names the file", err)
	}
	var names []string
	for name := range w.snapshot("ws") {
		names = append(names, strings.TrimPrefix(name, w.dir))
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != " /MODULE.bazel /hyp /hyp/undefined.txt" || w.read("ws/MODULE.bazel") != "# mine\n" {
		t.Errorf("got %s, and MODULE.bazel\n%s\nwant what was there before", got, w.read("ws/MODULE.bazel"))
	}
}
