// SPDX-License-Identifier: Apache-2.0

package fileio

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadText(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		if err := os.WriteFile(path(name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("text", "SECTIONS {}\n")
	write("empty", "")
	write("large", strings.Repeat("a", maxText+2))
	write("object", "\x7fELF\x02")
	write("binary", "word\x00word")
	if err := os.Mkdir(path("directory"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path("pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := os.WriteFile(path("pipe"), []byte("piped\n"), 0); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range []struct{ name, want, err string }{
		{"text", "SECTIONS {}\n", ""},
		{"empty", "", ""},
		{"large", strings.Repeat("a", maxText+2), ""},
		{"pipe", "piped\n", ""},
		{"none", "", ": cannot be opened: no such file or directory; check the path and its permissions"},
		{"text/inside", "", ": cannot be opened: not a directory; check the path and its permissions"},
		{"directory", "", ": is a directory; give the path of a script"},
		{"object", "", ": is an ELF file; give the path of a script"},
		{"binary", "", ": +0x4: is not a text file: it has a zero byte; give the path of a script"},
	} {
		got, err := ReadText(path(c.name), "a script")
		if string(got) != c.want {
			t.Errorf("%s: %d bytes", c.name, len(got))
		}
		if said := ""; err != nil || c.err != "" {
			if err != nil {
				said = strings.TrimPrefix(err.Error(), path(c.name))
			}
			if said != c.err {
				t.Errorf("%s: got %q, want %q", c.name, said, c.err)
			}
		}
	}
	if _, err := ReadText("/dev/zero", "a script"); err == nil || err.Error() != "/dev/zero: is not a regular file and has more than 16 MiB; give the path of a script" {
		t.Errorf("endless device: %v", err)
	}
}
