// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
)

func hypgen(arguments ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	err := run(context.Background(), arguments, &stdout, &stderr)
	return stdout.String(), err
}

const small = "../../internal/kernel/generate/testdata/golden/004-no-relocations.in"

// smallTranscript writes the transcript of a small directory and returns its name.
func smallTranscript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(small)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "transcript.txt")
	head := "# What kbuild's dry run of virt/el2 prints for Linux 6.1, one command per line.\n"
	lines := strings.ReplaceAll(string(text), "set -e; echo '  cc'; ", "")
	if err := os.WriteFile(name, []byte(head+lines), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestStandardOutput(t *testing.T) {
	out, err := hypgen("-transcript", smallTranscript(t), "-repository", "k", "-name", "island", "-platform", "//p:el2")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`name = "island"`, `platform = "//p:el2",`, `"@k//:virt/el2/b.c"`, `load(` + "\n" + `    "@rules_hyp//rules:defs.bzl"`} {
		if !strings.Contains(out, want) {
			t.Errorf("got\n%s\nwant %s in it", out, want)
		}
	}
}

func TestCheck(t *testing.T) {
	transcript := smallTranscript(t)
	out := filepath.Join(t.TempDir(), "BUILD.bazel")
	if _, err := hypgen("-transcript", transcript, "-out", out, "-check"); err == nil || !strings.Contains(err.Error(), out) {
		t.Errorf("no file: got error %v, want one that names %s", err, out)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("-check wrote the file")
	}
	if _, err := hypgen("-transcript", transcript, "-out", out); err != nil {
		t.Fatal(err)
	}
	if _, err := hypgen("-transcript", transcript, "-out", out, "-check"); err != nil {
		t.Errorf("just written: %v", err)
	}
	if err := os.WriteFile(out, []byte("edited\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := hypgen("-transcript", transcript, "-out", out, "-check"); err == nil {
		t.Error("edited: got no error")
	}
	if text, _ := os.ReadFile(out); string(text) != "edited\n" {
		t.Error("-check changed the file")
	}
}

// The head has the command, and -check compares the rest: other places have other paths.
func TestCommand(t *testing.T) {
	transcript := smallTranscript(t)
	out := filepath.Join(t.TempDir(), "BUILD.bazel")
	if _, err := hypgen("-transcript", transcript, "-name", "it's", "-out", out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	want := "To regenerate it: hypgen -transcript " + transcript + ` -name 'it'\''s' -out ` + out + "\n"
	if !strings.Contains(strings.ReplaceAll(string(text), `\\`, `\`), want) {
		t.Errorf("got\n%s\nwant %q in it", text, want)
	}
	if _, err := hypgen("-rerun=make bazel", "-check", "-transcript", transcript, "-name", "it's", "-out", out); err != nil {
		t.Errorf("checked with another command: %v", err)
	}
	if _, err := hypgen("-check", "-transcript", transcript, "-name", "its", "-out", out); err == nil {
		t.Error("checked with another name: got no error")
	}
}

func TestUsageErrors(t *testing.T) {
	t.Setenv("BUILD_WORKSPACE_DIRECTORY", "")
	for _, test := range []struct {
		want      string
		arguments []string
	}{
		{"no TREE", nil},
		{"no TREE", []string{"-transcript", "x", "-headers", "y"}},
		{"flag provided but not defined", []string{"-nonsense"}},
		{`got "-check" after TREE`, []string{"tree", "-check"}},
		{`got "all" after TREE`, []string{"tree", "all"}},
		{"run it in the root directory of rules_hyp", []string{"-update", "tree"}},
		{"no kernel 5.10, only 6.1", []string{"-update", "-kernel=5.10", "tree"}},
		{"-compiler: got compiler \"gcc12\", want gcc-VERSION", []string{"-compiler=gcc12", "tree"}},
		{"-kernel is of -update", []string{"-kernel=6.12", "tree"}},
	} {
		_, err := hypgen(test.arguments...)
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, want one of the command line with %q", test.arguments, err, test.want)
		}
		if code := errcode.Of(err); code == "" {
			t.Errorf("%q: %v has no code", test.arguments, err)
		}
	}
}

func TestInputErrors(t *testing.T) {
	empty := t.TempDir()
	for _, test := range []struct {
		want      string
		code      errcode.Code
		arguments []string
	}{
		{"no such file", errcode.FileNotOpened, []string{"-transcript", filepath.Join(empty, "missing")}},
		{"no .config in it", errcode.NotKernelTree, []string{empty}},
		{"line 1: got", errcode.TranscriptMalformed, []string{"-transcript", small}},
		{"no such file", errcode.FileNotWritten, []string{"-transcript", smallTranscript(t), "-out", filepath.Join(empty, "missing", "BUILD")}},
	} {
		_, err := hypgen(test.arguments...)
		var usage *usageError
		if err == nil || errors.As(err, &usage) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, want one of the input with %q", test.arguments, err, test.want)
		}
		if code := errcode.Of(err); code != test.code {
			t.Errorf("%q: code of %v is %q, want %q", test.arguments, err, code, test.code)
		}
	}
}

// -write-repo and a list go into the tree that is read.
func TestWriteRepo(t *testing.T) {
	tree := t.TempDir()
	for name, text := range map[string]string{
		".config":                        "",
		"virt/el2/a.c":                   "",
		"virt/el2/b.c":                   "",
		"virt/el2/el2.lds.S":             "",
		"include/all.h":                  "",
		"arch/arm64/kernel/image-vars.h": "PROVIDE(__el2_a = a);\n",
	} {
		file := filepath.Join(tree, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := hypgen("-transcript", smallTranscript(t), "-write-repo", "-undefined", filepath.Join(tree, "undefined.txt"), tree)
	if err != nil || out != "" {
		t.Fatalf("got %q on standard output, %v; want files only", out, err)
	}
	for _, name := range []string{"BUILD.bazel", "REPO.bazel", "undefined.txt"} {
		if _, err := os.Stat(filepath.Join(tree, name)); err != nil {
			t.Error(err)
		}
	}
}

// -update requests all files of a kernel, below the root of rules_hyp, but no transcript if one is read.
func TestUpdate(t *testing.T) {
	root := t.TempDir()
	t.Setenv("BUILD_WORKSPACE_DIRECTORY", root)
	for _, kernel := range generate.Kernels {
		if err := os.MkdirAll(filepath.Join(root, kernel.Package()), 0o755); err != nil {
			t.Fatal(err)
		}
		option := "-kernel=" + kernel.Version
		want := kernel.Request(root)
		for _, arguments := range [][]string{{"-update", option, "tree"}, {"-update", option, "-transcript", "x", "tree"}} {
			c, err := parse(arguments, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if c.transcript != "" {
				want.Transcript = ""
			}
			if !reflect.DeepEqual(c.request, want) {
				t.Errorf("%q: got %+v, want %+v", arguments, c.request, want)
			}
		}
	}
	// Without -kernel, the default one.
	c, err := parse([]string{"-update", "tree"}, io.Discard)
	if err != nil || c.request.BuildFile != filepath.Join(root, "kernels", generate.DefaultVersion, "BUILD.bazel") {
		t.Errorf("no -kernel: got %+v, %v", c, err)
	}
}

// TestHelpError asks for the entry of an error.
func TestHelpError(t *testing.T) {
	if got, err := hypgen("help", "E6004"); err != nil || !strings.HasPrefix(got, "E6004: the kernel tree is not prepared\n") || !strings.Contains(got, "olddefconfig prepare") {
		t.Errorf("got %q, %v", got, err)
	}
	got, err := hypgen("help", "E6000")
	if text := errcode.Text(err); got != "" || text != `no command or error is called "E6000"; give init, or an identifier from the end of a message, such as E6004 [E5010]` {
		t.Errorf("got %q, %q", got, text)
	}
}

// TestVersion asks for the version, which needs no tree.
func TestVersion(t *testing.T) {
	if got, err := hypgen("-version"); err != nil || !strings.HasPrefix(got, "hypgen (rules_hyp) ") {
		t.Errorf("got %q, %v", got, err)
	}
}
