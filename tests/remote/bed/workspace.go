package bed

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Workspace is a copy of this repository.
type Workspace struct {
	Dir string
}

// NewWorkspace copies the repository to a new directory, which is removed when the test ends. hyplink, hypcc and the launcher of the compiler are
// replaced by prebuilt ones, so that builds need no Go.
func NewWorkspace(t testing.TB) *Workspace {
	t.Helper()
	w := SourceWorkspace(t)
	for program, variable := range map[string]string{"hyplink": "HYPLINK", "hypcc": "HYPCC", "launch": "LAUNCH"} {
		w.install(t, "prebuilt/"+program, runfile(t, variable))
	}
	w.Write(t, "prebuilt/BUILD.bazel", prebuilt)
	// The launcher has no toolchain: its package is replaced.
	w.Write(t, "toolchain/launch/BUILD.bazel", launch)
	w.Write(t, ".bazelrc.user", "build --extra_toolchains=//prebuilt:toolchain --//toolchain/hyplink:from_source=false\n")
	return w
}

const prebuilt = `load("//toolchain/hyplink:hyplink_toolchain.bzl", "hyplink_toolchain")

exports_files(["launch"])

hyplink_toolchain(
    name = "tools",
    hypcc = "hypcc",
    hyplink = "hyplink",
)

toolchain(
    name = "toolchain",
    toolchain = ":tools",
    toolchain_type = "//toolchain/hyplink:toolchain_type",
)
`

const launch = `load("@bazel_skylib//rules:native_binary.bzl", "native_binary")

native_binary(
    name = "launch",
    src = "//prebuilt:launch",
    out = "launch_/launch",
    visibility = ["//:__subpackages__"],
)
`

// SourceWorkspace copies the repository to a new directory, which is removed when the test ends.
func SourceWorkspace(t testing.TB) *Workspace {
	t.Helper()
	w := &Workspace{filepath.Join(shortDir(t), "rules_hyp")}
	manifest := runfile(t, "SOURCES")
	list, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.Lines(string(list)) {
		path = strings.TrimSuffix(path, "\n")
		w.install(t, path, filepath.Join(filepath.Dir(manifest), "tree", path+".source"))
	}
	return w
}

// install copies a file, which is made executable if it is a script or a program.
func (w *Workspace) install(t testing.TB, path, from string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(t, path, string(data))
	if bytes.HasPrefix(data, []byte("#!")) || bytes.HasPrefix(data, []byte("\x7fELF")) {
		if err := os.Chmod(filepath.Join(w.Dir, path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// Write writes a file of the workspace.
func (w *Workspace) Write(t testing.TB, path, contents string) {
	t.Helper()
	name := filepath.Join(w.Dir, path)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(contents), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Edit changes a file of the workspace until the test ends.
func (w *Workspace) Edit(t testing.TB, path string, change func(contents string) string) {
	t.Helper()
	name := filepath.Join(w.Dir, path)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before := string(data)
	after := change(before)
	if after == before {
		t.Fatalf("%s: the edit changed nothing", path)
	}
	w.Write(t, path, after)
	t.Cleanup(func() { w.Write(t, path, before) })
}

// Append returns an edit that adds text at the end of a file.
func Append(text string) func(string) string {
	return func(contents string) string { return contents + text }
}

// Replace returns an edit that replaces text, which has to be in the file.
func Replace(old, new string) func(string) string {
	return func(contents string) string { return strings.ReplaceAll(contents, old, new) }
}
