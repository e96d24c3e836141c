// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compileArchived compiles a.c with include directories first/, second/ and third/, and an archive of files. searches are the places of a header.
func compileArchived(t *testing.T, there, archived []string, searches string) result {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("COMPILE_TEST", "works")
	t.Setenv("SEARCHES", searches)
	writeFiles(t, archived)
	if err := WriteArchive("headers.zip", archived); err != nil {
		t.Fatal(err)
	}
	for _, name := range archived {
		if err := os.RemoveAll(strings.Split(name, "/")[0]); err != nil {
			t.Fatal(err)
		}
	}
	writeFiles(t, append([]string{"a.c"}, there...))
	if err := os.WriteFile("headers", []byte(strings.Join(there, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	before := allFiles(t)
	var out, errs bytes.Buffer
	command := &Command{
		// Words in options may be names of files, or not: one is too long, and one is below a file.
		Args: []string{
			self, "-I", "third", "-iquotefirst", "-Isecond", "-DLONG=" + strings.Repeat("x", 300), "-DBELOW=a.c/x", "-c", "-o", "a.o", "a.c",
		},
		Headers: "headers", Archive: "headers.zip",
		Unused: "list", Stdout: &out, Stderr: &errs,
	}
	err = command.Run()
	unused, _ := os.ReadFile("list")
	os.Remove("list")
	if after := allFiles(t); !slices.Equal(before, after) {
		t.Errorf("files after the compile: got %q, want %q", after, before)
	}
	return result{out.String(), errs.String(), string(unused), err}
}

func writeFiles(t *testing.T, names []string) {
	t.Helper()
	for _, name := range names {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		text := "/* " + name + " */\n"
		if name == os.Getenv("ASKS") {
			text += "#if __has_include(<y.h>)\n#endif\n"
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func allFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	if err := filepath.WalkDir(".", func(name string, _ os.DirEntry, err error) error {
		names = append(names, name)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestArchive(t *testing.T) {
	for _, tt := range []struct {
		name            string
		there, archived []string
		searches        string
		read, unused    string
	}{
		{"nothing of it is needed", []string{"second/x.h", "second/y.h"}, []string{"second/z.h"}, "first/x.h second/x.h", "second/x.h", "second/y.h\nheaders.zip\nheaders\n"},
		{"a missing header", []string{"second/y.h"}, []string{"second/x.h", "second/z.h"}, "first/x.h second/x.h", "second/x.h", "second/y.h\nheaders\n"},
		{"an earlier directory", []string{"second/x.h"}, []string{"first/x.h"}, "first/x.h second/x.h", "first/x.h", "second/x.h\nheaders\n"},
		{"-I in order", []string{"second/x.h"}, []string{"third/x.h"}, "third/x.h second/x.h", "third/x.h", "second/x.h\nheaders\n"},
		{"a later directory", []string{"first/x.h"}, []string{"second/x.h"}, "first/x.h second/x.h", "first/x.h", "headers.zip\nheaders\n"},
		{"a directory in the name", []string{"second/sys/x.h"}, []string{"first/sys/x.h", "first/x.h"}, "first/sys/x.h second/sys/x.h", "first/sys/x.h", "second/sys/x.h\nheaders\n"},
		{"the same name elsewhere", []string{"second/sys/x.h"}, []string{"first/net/x.h"}, "first/sys/x.h second/sys/x.h", "second/sys/x.h", "headers.zip\nheaders\n"},
		{"beside the includer", []string{"second/x.h"}, []string{"x.h"}, "x.h second/x.h", "x.h", "second/x.h\nheaders\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := compileArchived(t, tt.there, tt.archived, tt.searches)
			if want := "a.c:1:1: note: read " + tt.read + "\n"; got.err != nil || got.stderr != want {
				t.Fatalf("got %v and messages %q, want %q", got.err, got.stderr, want)
			}
			if got.unused != tt.unused {
				t.Errorf("unused: got %q, want %q", got.unused, tt.unused)
			}
			if n := strings.Count(got.stdout, "/proc/self/cwd\n"); n != 1 {
				t.Errorf("output of %d compiles, want of one:\n%s", n, got.stdout)
			}
		})
	}
}

// The list of headers is an input if the answer to a question depends on it.
func TestQuestionForHeaders(t *testing.T) {
	for _, name := range []string{"a.c", "second/x.h"} {
		t.Setenv("ASKS", name)
		got := compileArchived(t, []string{"second/x.h"}, []string{"second/z.h"}, "second/x.h")
		if want := "headers.zip\n"; got.err != nil || got.unused != want {
			t.Errorf("__has_include in %s: got %v and unused %q, want %q", name, got.err, got.unused, want)
		}
	}
}

// A header that is nowhere is the compiler's error, once.
func TestArchiveWithoutTheHeader(t *testing.T) {
	got := compileArchived(t, nil, []string{"first/z.h"}, "first/x.h")
	if got.err == nil || strings.Count(got.stderr, "fatal error: x.h") != 1 || !strings.Contains(got.stderr, "add the file to hdrs") {
		t.Errorf("got %v and messages %q", got.err, got.stderr)
	}
}

// The archive does not depend on the order of the list, time stamps and modes.
func TestArchiveIsReproducible(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFiles(t, []string{"b/x.h", "a/y.h"})
	if err := WriteArchive("one.zip", []string{"b/x.h", "a/y.h"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod("a/y.h", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteArchive("two.zip", []string{"a/y.h", "b/x.h", "a/y.h"}); err != nil {
		t.Fatal(err)
	}
	one, _ := os.ReadFile("one.zip")
	two, _ := os.ReadFile("two.zip")
	if len(one) == 0 || !bytes.Equal(one, two) {
		t.Errorf("%d and %d bytes, which differ", len(one), len(two))
	}
}

func TestArchiveErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFiles(t, []string{"x.h", "no.zip"})
	for _, list := range [][]string{{"/etc/x.h"}, {"../x.h"}, {"none.h"}} {
		if err := WriteArchive("out.zip", list); err == nil {
			t.Errorf("%q: no error", list)
		}
		if _, err := os.Stat("out.zip"); err == nil {
			t.Errorf("%q: left an archive", list)
		}
	}
	if _, err := openArchive("no.zip"); err == nil {
		t.Error("a file that is no archive: no error")
	}
	for _, name := range []string{"../../x.h", "/x.h", "a/../../x.h", "a/../x.h"} {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("bad.zip", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := openArchive("bad.zip"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
