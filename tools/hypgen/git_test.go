// SPDX-License-Identifier: Apache-2.0

//go:build host_git

// These tests run the machine's git, which is not in Bazel's sandbox: .ci/run runs them with -tags=host_git.

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// git runs git in a directory below the world's, without settings of the user or the machine, and returns its output.
func (w *world) git(dir string, arguments ...string) string {
	w.t.Helper()
	command := exec.Command("git", append([]string{"-C", filepath.Join(w.root, dir)}, arguments...)...)
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := command.CombinedOutput()
	if err != nil {
		w.t.Fatalf("git %q: %v\n%s", arguments, err, out)
	}
	return string(out)
}

// clone replaces the world's kernel by a shallow clone of a repository with two commits of it.
func (w *world) clone() {
	w.t.Helper()
	if err := os.RemoveAll(filepath.Join(w.kernel, ".git")); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(w.kernel, filepath.Join(w.root, "upstream")); err != nil {
		w.t.Fatal(err)
	}
	w.put("upstream/.gitignore", ".*\n*.o\n!.gitignore\n")
	w.git("upstream", "init", "-q")
	w.git("upstream", "add", ".")
	w.git("upstream", "commit", "-q", "-m", "one")
	w.put("upstream/drivers/Kconfig", "# two\n")
	w.git("upstream", "commit", "-q", "-a", "-m", "two")
	w.git("", "clone", "-q", "--depth=1", "file://"+filepath.Join(w.root, "upstream"), w.kernel)
	if w.read("linux/.git/shallow") == "" || strings.Count(w.git("linux", "log", "--oneline"), "\n") != 1 {
		w.t.Fatal("the clone is not shallow")
	}
}

// must fails the test if err is not nil.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// Checkouts of git: hypgen works, or says what is wrong, and changes nothing in them, in git's own files neither. make runs git as setlocalversion does.
func TestCheckouts(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(w *world)
		status string // of git before and after
		want   string // the error; "" for none
	}{
		{"clean", func(*world) {}, "", ""},
		{"edited", func(w *world) { w.put("linux/"+nvhe+"/a.c", "#include <linux/x.h>\n/* edited */\n") }, " M " + nvhe + "/a.c\n", ""},
		{"staged", func(w *world) {
			w.put("linux/"+nvhe+"/a.c", "#include <linux/x.h>\n/* edited */\n")
			w.git("linux", "add", "-u")
		}, "M  " + nvhe + "/a.c\n", ""},
		{"untracked", func(w *world) { w.put("linux/"+nvhe+"/new.c", "") }, "?? " + nvhe + "/new.c\n", ""},
		{"another date", func(w *world) { w.put("linux/"+nvhe+"/b.c", "") }, "", ""},
		{"a commit of one's own", func(w *world) {
			w.put("linux/"+nvhe+"/b.c", "/* mine */\n")
			w.git("linux", "commit", "-q", "-a", "-m", "mine")
		}, "", ""},
		{"a branch of another version", func(w *world) {
			w.edit("linux/Makefile", "PATCHLEVEL = 1", "PATCHLEVEL = 2")
			w.git("linux", "checkout", "-q", "-b", "next")
			w.git("linux", "commit", "-q", "-a", "-m", "mine")
		}, "", ""},
		{
			"without a source", func(w *world) { w.must(os.Remove(filepath.Join(w.kernel, nvhe, "b.c"))) }, " D " + nvhe + "/b.c\n",
			nvhe + "/b.c: not in the kernel tree",
		},
		{
			"without the list of symbols", func(w *world) { w.must(os.Remove(filepath.Join(w.kernel, "arch/arm64/kernel/image-vars.h"))) },
			" D arch/arm64/kernel/image-vars.h\n", "arch/arm64/kernel/image-vars.h: not in the kernel tree",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.clone()
			test.change(w)
			// Makes git write its index, if it wants to.
			if got := w.git("linux", "status", "--porcelain"); got != test.status {
				t.Fatalf("git status is %q, want %q", got, test.status)
			}
			before := w.snapshot("linux")
			_, stderr, err := w.init("FAKE=runs git")
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got error %v, want %q\n%s", err, test.want, stderr)
			}
			w.unchanged("linux", before)
			if got := w.git("linux", "--no-optional-locks", "status", "--porcelain"); got != test.status {
				t.Errorf("git status is %q after hypgen, was %q", got, test.status)
			}
			if release := w.read("linux-objects/kernel.release"); err == nil && strings.HasSuffix(release, "-dirty") != (test.status != "" && !strings.HasPrefix(test.status, "??")) {
				t.Errorf("make says that the kernel is %q, with git status %q", release, test.status)
			}
		})
	}
}

// A second working tree of a repository has a file .git, and a tree that was built in has files that git ignores.
func TestWorktree(t *testing.T) {
	w := newWorld(t)
	w.clone()
	w.git("linux", "worktree", "add", "-q", "../second", "-b", "second")
	w.put("second/"+nvhe+"/a.c", "/* edited */\n")
	w.mustInit()
	for _, name := range []string{".config", "include/config/auto.conf", "include/generated/autoconf.h", "include/generated/asm-offsets.h"} {
		w.put("second/"+name, w.read("linux-objects/"+name))
	}
	status := w.git("second", "status", "--porcelain", "--ignored")
	before, repository := w.snapshot("second"), w.snapshot("linux")
	if _, stderr, err := w.run("-workspace", w.dir, "-rules_hyp", w.rules, "-package", "second", "-repository", "second", filepath.Join(w.root, "second")); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	out := filepath.Join(w.root, "by_hand")
	w.must(os.Mkdir(out, 0o755))
	if _, err := hypgen("-out", filepath.Join(out, "BUILD.bazel"), "-headers", filepath.Join(out, "headers.txt"), "-make", filepath.Join(w.root, "bin/make"),
		filepath.Join(w.root, "second"), "CROSS_COMPILE=aarch64-linux-gnu-"); err != nil {
		t.Errorf("by hand: %v", err)
	}
	w.unchanged("second", before)
	w.unchanged("linux", repository)
	if got := w.git("second", "--no-optional-locks", "status", "--porcelain", "--ignored"); got != status {
		t.Errorf("git status is %q, was %q", got, status)
	}
}

// In a tree of another user git refuses to run, and hypgen does not need it.
func TestForeignCheckout(t *testing.T) {
	w := newWorld(t)
	w.clone()
	before := w.snapshot("linux")
	w.mustInit("FAKE=may not run git")
	w.unchanged("linux", before)
	if got := w.read("linux-objects/kernel.release"); got != "6.1.5" {
		t.Errorf("make says that the kernel is %q: git ran", got)
	}
}

// The same with a tree that root has given away, and cannot write to.
func TestForeignOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	w := newWorld(t)
	w.clone()
	w.must(filepath.WalkDir(w.kernel, func(name string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, 12345, 12345)
	}))
	if err := w.unprivileged("touch", filepath.Join(w.kernel, "new")); err == nil {
		t.Fatal("the tree of another user can be written to")
	}
	before := w.snapshot("linux")
	w.must(w.unprivileged("hypgen", "init", "-workspace", w.dir, "-rules_hyp", w.rules, w.kernel, "FAKE=runs git"))
	w.unchanged("linux", before)
	if got := w.read("linux-objects/kernel.release"); got != "6.1.5" {
		t.Errorf("make says that the kernel is %q: git ran in another user's tree", got)
	}
}
