// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/version"
	"github.com/rules-hyp/rules_hyp/tests/program"
)

// archiveOf makes a source archive with files of these names.
func archiveOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	w := tar.NewWriter(zipped)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: "rules_hyp-" + version.Number + "/" + name, Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A release has files of the commit only.
func TestTracked(t *testing.T) {
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("HOME", t.TempDir())
	p := release(t)
	p.workspace, p.git = t.TempDir(), program.File(t, "GIT")
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(p.workspace, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) string {
		t.Helper()
		out, err := p.runGit(append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	write("BUILD.bazel", "")
	write("a/b c.go", "package a\n")
	git("init", "--quiet")
	git("add", "--all")
	git("commit", "--quiet", "--message=a")
	head := git("rev-parse", "HEAD")
	write("key.pem", "")
	for _, c := range []struct {
		name   string
		files  []string
		commit string
		change string // appended to a file
		want   string // in the error; empty if there is none
	}{
		{name: "the commit", files: []string{"BUILD.bazel", "a/b c.go"}, commit: head},
		{name: "not stamped", files: []string{"BUILD.bazel", "a/b c.go"}},
		{name: "a file too many", files: []string{"BUILD.bazel", "a/b c.go", "key.pem"}, want: `the source archive has "key.pem", which git does not track; move it out of the repository`},
		{name: "many", files: []string{"1", "2", "3", "4", "5", "6", "7"}, want: `"5", and 2 more, which git does not track; move them out`},
		{name: "a file too few", files: []string{"BUILD.bazel"}, want: `the source archive lacks "a/b c.go"`},
		{name: "another commit", files: []string{"BUILD.bazel", "a/b c.go"}, commit: head[1:] + "0", want: "and " + head + " is checked out"},
		{name: "a changed tree", files: []string{"BUILD.bazel", "a/b c.go"}, commit: head + "+changes", want: "and " + head + " is checked out"},
		{name: "changed", files: []string{"BUILD.bazel", "a/b c.go"}, commit: head, change: "a/b c.go", want: `"a/b c.go": differs from the commit`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(p.files[archive], archiveOf(t, c.files...), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.change != "" {
				write(c.change, "changed")
				defer git("checkout", "--quiet", c.change)
			}
			err := p.checkTracked(described{Version: version.Number, Commit: c.commit})
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
