// SPDX-License-Identifier: Apache-2.0

package bazelrun

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/vary"
)

func TestConcurrent(t *testing.T) {
	event := func(cat, ts, dur string) string {
		return `{"cat":"` + cat + `","name":"x","ph":"X","ts":` + ts + `,"dur":` + dur + `,"pid":1,"tid":2}`
	}
	profile := func(events ...string) string {
		return `{"otherData":{"traceEvents":1,"build_id":"b"},"traceEvents":[` + strings.Join(events, ",") + `]}`
	}
	for _, test := range []struct {
		name, profile string
		want          int
	}{
		{"none", profile(), 0},
		{"one after the other", profile(event("action processing", "0", "10"), event("action processing", "10", "5")), 1},
		{"beside", profile(event("action processing", "0", "10"), event("action processing", "9.5", "5"), event("action processing", "2", "1")), 2},
		{"something else", profile(event("action processing", "0", "10"), event("gc", "0", "10"), `{"name":"count","ph":"C","args":{"action":"7"}}`), 1},
	} {
		if got, err := concurrent(strings.NewReader(test.profile)); err != nil || got != test.want {
			t.Errorf("%s: got %d, %v, want %d", test.name, got, err, test.want)
		}
	}
	for _, damaged := range []string{"", "[]", `{"traceEvents":[{]}`, `{"traceEvents":[`} {
		if n, err := concurrent(strings.NewReader(damaged)); err == nil && n != 0 {
			t.Errorf("%q: got %d", damaged, n)
		}
	}
}

func TestCopyTree(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	stamp := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	write := func(name, text string, mode os.FileMode) {
		path := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, stamp, stamp); err != nil {
			t.Fatal(err)
		}
	}
	write("a/script", "#!/bin/sh\n", 0o755)
	write("bazel-notes.md", "notes\n", 0o644)
	write("skip/large", "x", 0o644)
	for link, target := range map[string]string{"bazel-out": "/elsewhere", "a/link": "script"} {
		if err := os.Symlink(target, filepath.Join(from, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := copyTree(from, to, filepath.Join(from, "skip"), true); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(filepath.Join(to, "a/link"))
	if err != nil {
		t.Fatal(err)
	}
	if st.Mode() != 0o755 || !st.ModTime().Equal(stamp.Add(-otherStamp)) {
		t.Errorf("got %s of %s", st.Mode(), st.ModTime())
	}
	if _, err := os.Stat(filepath.Join(to, "bazel-notes.md")); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"bazel-out", "skip"} {
		if _, err := os.Lstat(filepath.Join(to, name)); err == nil {
			t.Errorf("%s was copied", name)
		}
	}
}

// TestWorkspace has copies of one path and different time stamps, one after the other.
func TestWorkspace(t *testing.T) {
	source := t.TempDir()
	if err := os.WriteFile(filepath.Join(source, "MODULE.bazel"), []byte("module()\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := New(Options{Workspace: source, Root: source, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stamp := func(names ...string) (string, time.Time) {
		t.Helper()
		dir, err := r.workspace(newSet(names))
		if err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(filepath.Join(dir, "MODULE.bazel"))
		if err != nil {
			t.Fatal(err)
		}
		return dir, st.ModTime()
	}
	plain, first := stamp()
	same, other := stamp(TimeStamps)
	again, third := stamp()
	elsewhere, fourth := stamp(Path)
	if same != plain || again != plain || elsewhere == plain || len(elsewhere) == len(plain) {
		t.Errorf("got %s, %s, %s, %s", plain, same, again, elsewhere)
	}
	if first.Equal(other) || !first.Equal(third) || !first.Equal(fourth) {
		t.Errorf("got the times %s, %s, %s, %s", first, other, third, fourth)
	}
	if _, err := New(Options{Workspace: plain, Root: plain, Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), probePackage) {
		t.Errorf("a workspace with the directory %s: %v", probePackage, err)
	}
}

func TestOutputBase(t *testing.T) {
	for dir, want := range map[string]string{
		"/b/sandbox/linux-sandbox/12/execroot/_main": "/b", "/b/execroot/_main": "/b", "/worker/build": "/worker/build",
	} {
		if got := outputBase(dir); got != want {
			t.Errorf("%s: got %s, want %s", dir, got, want)
		}
	}
}

func TestIsTool(t *testing.T) {
	for path, want := range map[string]bool{
		"bazel-out/k8-opt-exec/bin/a": true, "bazel-out/k8-opt-exec-ST-0123/bin/a": true, "bazel-out/k8-fastbuild/bin/a": false, "a-exec/b": false, "bazel-out/k8/bin/x-exec/y": false,
	} {
		if IsTool(path) != want {
			t.Errorf("%s: got %v", path, !want)
		}
	}
}

func TestTail(t *testing.T) {
	if got := tail("Loading: \n[1 / 2] Compiling\nERROR: a\n\nFAILED\n"); got != "ERROR: a\nFAILED" {
		t.Errorf("got %q", got)
	}
}

func TestProgress(t *testing.T) {
	var got [][2]int
	w := &progressWriter{report: func(done, all int) { got = append(got, [2]int{done, all}) }}
	for _, part := range []string{"[1 / ", "2] Compiling a\nERROR [3 / 4]\n[1,200 / 1,3", "00] b\n"} {
		w.Write([]byte(part))
	}
	if len(got) != 2 || got[0] != [2]int{1, 2} || got[1] != [2]int{1200, 1300} {
		t.Errorf("got %v", got)
	}
}

// TestSeen has a clock that is ahead, and one that stands still.
func TestSeen(t *testing.T) {
	now := time.Now().UnixNano()
	for _, test := range []struct {
		now, later int64
		want       string
	}{
		{now, now + 1, "this machine's"}, {now + int64(variedClock), now + int64(variedClock) + 1, "+9607 hours"}, {now, now, ClockStopped},
	} {
		if got := seenDate(&vary.Observation{Now: test.now, Later: test.later}); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestWritten finds what no command made, and neither symlinks nor lists of runfiles.
func TestWritten(t *testing.T) {
	execroot, root := t.TempDir(), t.TempDir()
	const bin = "bazel-out/k8-fastbuild/bin/"
	for _, name := range []string{bin + "made", bin + "a/written", bin + "a.runfiles_manifest", bin + "a.runfiles/MANIFEST", "bazel-out/volatile-status.txt"} {
		path := filepath.Join(execroot, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("text\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("written", filepath.Join(execroot, bin+"a/link")); err != nil {
		t.Fatal(err)
	}
	log := &execlog.Log{Files: []execlog.File{{Path: bin + "made"}}, Spawns: []execlog.Spawn{{Outputs: []execlog.FileID{0}}}}
	got, err := written([]string{execroot}, log, root)
	if err != nil {
		t.Fatal(err)
	}
	const want = "b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733"
	if len(got) != 1 || got[bin+"a/written"] != want {
		t.Errorf("got %v", got)
	}
	if kept, err := os.ReadFile(filepath.Join(root, bin, "a/written")); err != nil || string(kept) != "text\n" {
		t.Errorf("kept: %q, %v", kept, err)
	}
}

// TestEveryVariation checks that each variation changes something that a build is
// started with, and that none is changed without.
func TestEveryVariation(t *testing.T) {
	source := t.TempDir()
	r, err := New(Options{Workspace: source, Root: source, Dir: t.TempDir(), Remote: "grpc://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := func(names ...string) string {
		t.Helper()
		s := newSet(names)
		workspace, err := r.workspace(s)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(r.conditions(s, 0), r.environment(s), r.flags(s), workspace, r.copies[workspace], s[OutputBase])
	}
	if flags := r.flags(newSet(nil)); len(flags) != 0 {
		t.Errorf("without variations, the options %q", flags)
	}
	plain := all()
	for _, v := range Variations {
		if all(v.Name) == plain {
			t.Errorf("%s changes nothing", v.Name)
		}
	}
	if all() != plain {
		t.Error("a build without variations is another after those with some")
	}
}

// TestDownloads has downloads of earlier builds, which the builds use and Close keeps.
func TestDownloads(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("USER", "somebody")
	file := filepath.Join(cache, "bazel/_bazel_somebody/cache/repos/v1/file")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	source := t.TempDir()
	r, err := New(Options{Workspace: source, Root: source, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(r.userRoot(), "cache/repos/v1/file")); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}
