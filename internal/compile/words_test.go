// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestWordSearch(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	if err := syscall.Mkfifo("fifo", 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(write("first.h", "#if __has_include(\"a.h\")\n"), "link.h"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("loop", "loop"); err != nil {
		t.Fatal(err)
	}
	words := [][]byte{[]byte("__has_include"), []byte(".incbin")}
	long := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		files []string
		lower bool
		want  bool
	}{
		{files: nil},
		{files: []string{write("empty.h", "")}},
		{files: []string{write("none.h", "int a;\n__has_includ")}},
		{files: []string{"first.h"}, want: true},
		{files: []string{"link.h"}, want: true},
		// The word of the last file is still in the buffer, after the text of this one.
		{files: []string{write("long.h", long+"__has_includ"), "none.h", "empty.h"}},
		{files: []string{"none.h", write("end.h", long+"__has_include")}, want: true},
		// Words over the end of one file and the start of the next one.
		{files: []string{"none.h", write("rest.h", "e")}},
		{files: []string{write("upper.s", ".INCBIN \"a\"\n")}},
		{files: []string{"upper.s"}, lower: true, want: true},
		// What is no regular file has no text, and is not waited for.
		{files: []string{".", "missing.h", "none.h/x", "loop", strings.Repeat("x", 300), "fifo", os.DevNull, "/dev/zero", ""}},
		{files: []string{"missing.h", "fifo", "first.h"}, want: true},
	} {
		search := wordSearch{words: words, lower: c.lower}
		if got, err := search.inAny(c.files); err != nil || got != c.want {
			t.Errorf("inAny(%q), lower %t = %t, %v; want %t", c.files, c.lower, got, err, c.want)
		}
	}
}

// That a file which cannot be read has none of the words is not said.
func TestWordSearchFails(t *testing.T) {
	const name = "/proc/self/mem"
	search := wordSearch{words: [][]byte{[]byte("a")}}
	found, err := search.inAny([]string{name})
	var failed *fs.PathError
	if found || !errors.As(err, &failed) || failed.Path != name {
		t.Errorf("inAny = %t, %v; want a *fs.PathError of %s", found, err, name)
	}
}
