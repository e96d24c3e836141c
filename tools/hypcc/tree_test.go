// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func hypcc(args ...string) (int, string) {
	var stdout, stderr bytes.Buffer
	return run(args, &stdout, &stderr), stderr.String()
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCheckTree(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("tree", 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "tree/.config", "CONFIG_A=y\n")
	// The first digits of the SHA-256 of that line.
	writeFile(t, "headers.txt", "# kbuild: .config e7e1b2c0a9031fbc\n")
	args := []string{"check-tree", "--manifest=headers.txt", "--root=tree", "--label=//a:tree", "--output=ok", "--regenerate=hypgen -x a", "tree/.config"}
	if code, text := hypcc(args...); code != 0 || text != "" {
		t.Fatalf("got exit code %d and %q", code, text)
	}
	if text, err := os.ReadFile("ok"); err != nil || string(text) != "checked\n" {
		t.Errorf("output: got %q, %v; want a text", text, err)
	}
	os.Remove("ok")
	writeFile(t, "tree/.config", "CONFIG_A=m\n")
	code, text := hypcc(args...)
	for _, want := range []string{"//a:tree", "headers.txt", "of .config", "generate the files again: hypgen -x a"} {
		if code != exitFailed || !strings.Contains(text, want) {
			t.Errorf("got exit code %d and %q, want %q in it", code, text, want)
		}
	}
	if _, err := os.Stat("ok"); err == nil {
		t.Error("wrote the output for a tree that does not fit")
	}
}

func TestArchiveHeaders(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "a.h", "int a;\n")
	writeFile(t, "list", "a.h\n")
	if code, text := hypcc("archive-headers", "out.zip", "list"); code != 0 || text != "" {
		t.Fatalf("got exit code %d and %q", code, text)
	}
	if text, err := os.ReadFile("out.zip"); err != nil || !bytes.Contains(text, []byte("a.h")) {
		t.Errorf("got %q, %v; want an archive with a.h", text, err)
	}
}

func TestHeaderNames(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "list", "b/kind.h\na/kind.h\na/late.h\n")
	writeFile(t, "own", "gcc/include/none.h\n")
	if code, text := hypcc("header-names", "out", "list", "own", "--", "-Ia", "-isystem", "b"); code != 0 || text != "" {
		t.Fatalf("got exit code %d and %q", code, text)
	}
	if text, err := os.ReadFile("out"); err != nil || string(text) != "# Headers that share a name.\na/kind.h\nb/kind.h\n" {
		t.Errorf("got %q, %v", text, err)
	}
	if code, text := hypcc("header-names", "out", "list", "none"); code != exitFailed || !strings.Contains(text, "none") {
		t.Errorf("without a list: got exit code %d and %q", code, text)
	}
}

func TestTreeUsage(t *testing.T) {
	for _, args := range [][]string{
		{"archive-headers", "out.zip"},
		{"header-names", "out", "list"},
		{"header-names", "out", "list", "own", "more"},
		{"check-tree"},
		{"check-tree", "--manifest=a", "--root=b", "--label=c", "--output=d", "--wrong=e"},
	} {
		if code, text := hypcc(args...); code != exitUsage || !strings.Contains(text, "usage: hypcc") {
			t.Errorf("%q: got exit code %d and %q", args, code, text)
		}
	}
}
