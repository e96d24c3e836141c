// SPDX-License-Identifier: Apache-2.0

package bed

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Workspace is a copy of this repository.
type Workspace struct {
	Dir string
}

// NewWorkspace copies the repository to a new directory, which is removed when the test ends. hyplink, hypcc and the launcher of the compiler come from
// a release archive, so that builds need no Go.
func NewWorkspace(t testing.TB) *Workspace {
	t.Helper()
	w := SourceWorkspace(t)
	data, err := os.ReadFile(runfile(t, "TOOLS"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.Tools(t), data, 0o644); err != nil {
		t.Fatal(err)
	}
	w.edit(t, "MODULE.bazel", func(contents string) string {
		return strings.Replace(contents, "\nregister_toolchains(\n", registered, 1)
	})
	w.edit(t, "MODULE.bazel", beforeKernel(settings(t, runtime.GOARCH, w.Tools(t))))
	return w
}

// AddTools makes a workspace of NewWorkspace use the programs of another release archive on machines of another architecture, as Go names it.
func (w *Workspace) AddTools(t testing.TB, architecture, archive string) {
	t.Helper()
	w.edit(t, "MODULE.bazel", beforeKernel(settings(t, architecture, archive)))
}

// beforeKernel returns an edit that adds text before the default kernel in MODULE.bazel.
func beforeKernel(text string) func(string) string {
	return func(contents string) string { return strings.Replace(contents, "hyp.linux(", text+"hyp.linux(", 1) }
}

// Tools returns the path of the release archive that NewWorkspace installed.
func (w *Workspace) Tools(t testing.TB) string {
	t.Helper()
	return filepath.Join(filepath.Dir(w.Dir), "tools.tar.gz")
}

// UseTools makes the workspace use another release archive until the test ends.
func (w *Workspace) UseTools(t testing.TB, archive string) {
	t.Helper()
	w.Edit(t, "MODULE.bazel", Replace(settings(t, runtime.GOARCH, w.Tools(t)), settings(t, runtime.GOARCH, archive)))
}

// settings is what a user writes in MODULE.bazel for an archive.
func settings(t testing.TB, architecture, archive string) string {
	t.Helper()
	data, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`hyp.prebuilt_tools(
    platform = "linux_%s",
    sha256 = "%x",
    urls = ["file://%s"],
)
`, architecture, sha256.Sum256(data), archive)
}

// registered is what comes before the toolchains from source: the first that is registered wins.
const registered = `
use_repo(hyp, "hyp_prebuilt_tools")

register_toolchains(
    "@hyp_prebuilt_tools//:all",
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
	before := w.edit(t, path, change)
	t.Cleanup(func() { w.Write(t, path, before) })
}

// edit changes a file for good, and returns its contents before.
func (w *Workspace) edit(t testing.TB, path string, change func(contents string) string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(w.Dir, path))
	if err != nil {
		t.Fatal(err)
	}
	before := string(data)
	after := change(before)
	if after == before {
		t.Fatalf("%s: the edit changed nothing", path)
	}
	w.Write(t, path, after)
	return before
}

// Append returns an edit that adds text at the end of a file.
func Append(text string) func(string) string {
	return func(contents string) string { return contents + text }
}

// Replace returns an edit that replaces text, which has to be in the file.
func Replace(old, new string) func(string) string {
	return func(contents string) string { return strings.ReplaceAll(contents, old, new) }
}
