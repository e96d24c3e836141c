package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const workspaceRoot = "../.."

// The checked-in files of the default kernel are what the generator writes from the checked-in transcript.
func TestDefaultKernel(t *testing.T) {
	transcript := filepath.Join(workspaceRoot, defaultTranscript)
	dir := t.TempDir()
	c := &config{transcript: transcript, update: true}
	c.setDefaultKernel(dir)
	read, err := c.readTranscript(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := c.plan(read)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.buildFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(workspaceRoot, defaultPackage, "BUILD.bazel")
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what hypgen writes; run it again as its head says. Got\n%s", name, got)
	}
	if text, err := os.ReadFile(transcript); err != nil || string(text) != read.Format() {
		t.Errorf("%s: read and written again, it differs (%v)", transcript, err)
	}
}

func hypgen(arguments ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	err := run(context.Background(), arguments, &stdout, &stderr)
	return stdout.String(), err
}

const small = "testdata/golden/004-no-relocations.in"

// smallTranscript writes the transcript of a small folder and returns its name.
func smallTranscript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(small)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "transcript.txt")
	head := "# What kbuild's dry run of virt/el2 prints for Linux 6.1, one command a line.\n"
	lines := strings.ReplaceAll(string(text), "set -e; echo '  cc'; ", "")
	if err := os.WriteFile(name, []byte(head+lines), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestStandardOutput(t *testing.T) {
	out, err := hypgen("-transcript", smallTranscript(t), "-repository", "k", "-name", "island")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`name = "island"`, `"@k//:virt/el2/b.c"`, `load(` + "\n" + `    "@rules_hyp//rules:defs.bzl"`} {
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

func TestUsageErrors(t *testing.T) {
	t.Setenv("BUILD_WORKSPACE_DIRECTORY", "")
	for _, test := range []struct {
		want      string
		arguments []string
	}{
		{"no TREE", nil},
		{"no TREE", []string{"-transcript", "x", "-headers", "y"}},
		{"flag provided but not defined", []string{"-nonsense"}},
		{`got "-check" behind TREE`, []string{"tree", "-check"}},
		{`got "all" behind TREE`, []string{"tree", "all"}},
		{"run it in the root of rules_hyp", []string{"-update", "tree"}},
	} {
		_, err := hypgen(test.arguments...)
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, want one of the command line with %q", test.arguments, err, test.want)
		}
	}
}

func TestInputErrors(t *testing.T) {
	empty := t.TempDir()
	for _, test := range []struct {
		want      string
		arguments []string
	}{
		{"no such file", []string{"-transcript", filepath.Join(empty, "missing")}},
		{"it has no .config", []string{empty}},
		{"line 1: got", []string{"-transcript", small}},
		{"no such file", []string{"-transcript", smallTranscript(t), "-out", filepath.Join(empty, "missing", "BUILD")}},
	} {
		_, err := hypgen(test.arguments...)
		var usage *usageError
		if err == nil || errors.As(err, &usage) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got error %v, want one of the input with %q", test.arguments, err, test.want)
		}
	}
}

// A tree with its sources can stand in for @linux; its BUILD file names what the folder reads and nothing else.
func TestWriteRepo(t *testing.T) {
	tree := t.TempDir()
	for name, text := range map[string]string{
		".config":                        "",
		"virt/el2/a.c":                   "#include <a.h>\n",
		"virt/el2/b.c":                   "",
		"virt/el2/el2.lds.S":             "",
		"include/all.h":                  "",
		"include/a.h":                    "",
		"include/other.h":                "",
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
	list := filepath.Join(tree, "undefined.txt")
	if _, err := hypgen("-transcript", smallTranscript(t), "-write-repo", "-undefined", list, tree); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(tree, "BUILD.bazel"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"virt/el2/el2.lds.S",`, `"virt/el2/a.c",`, `"include/all.h",`, `"include/a.h",`, `name = "headers"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("got\n%s\nwant %s in it", text, want)
		}
	}
	if strings.Contains(string(text), "other.h") {
		t.Errorf("got\n%s\nwant no other.h, which nothing includes", text)
	}
	if _, err := os.Stat(filepath.Join(tree, "REPO.bazel")); err != nil {
		t.Error(err)
	}
	apart := t.TempDir()
	if err := os.Symlink(tree, filepath.Join(apart, "source")); err != nil {
		t.Fatal(err)
	}
	if _, err := hypgen("-transcript", smallTranscript(t), "-write-repo", apart); err == nil || !strings.Contains(err.Error(), "source_path") {
		t.Errorf("sources apart: got error %v, want one that names source_path", err)
	}
	if text, err := os.ReadFile(list); err != nil || !strings.HasSuffix(string(text), "\n__el2_a\n") {
		t.Errorf("got %q, %v; want __el2_a", text, err)
	}
}
