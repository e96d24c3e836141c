// SPDX-License-Identifier: Apache-2.0

package depfile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"one line", "a.o: a.c a.h\n", []string{"a.c", "a.h"}},
		{"continued", "out/a.hyp.o: a.c \\\n include/x.h \\\n  include/y.h\n", []string{"a.c", "include/x.h", "include/y.h"}},
		{"target on its own line", "a.o: \\\n a.c\n", []string{"a.c"}},
		{"parent directories are resolved", "a.o: n/../x.h ./y.h\n", []string{"x.h", "y.h"}},
		{"space, hash, dollar", "a.o: a\\ b.h c\\#d.h e$$f.h\n", []string{"a b.h", "c#d.h", "e$f.h"}},
		{"colon inside a name", "a.o: a:b.h c.h\n", []string{"a:b.h", "c.h"}},
		{"colon inside the target", "a:b.o: c.h\n", []string{"c.h"}},
		{"rules of -MP are ignored", "a.o: a.c x.h\n\nx.h:\n", []string{"a.c", "x.h"}},
		{"CRLF", "a.o: a.c \\\r\n x.h\r\n", []string{"a.c", "x.h"}},
		{"no line end", "a.o: a.c", []string{"a.c"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse([]byte(tt.text))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Parse(%q) = %q, %v; want %q", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestParseRejectsTextWithoutARule(t *testing.T) {
	for _, text := range []string{"", "\n", "a.o a.c\n", "a\\:"} {
		if got, err := Parse([]byte(text)); !errors.Is(err, ErrNoRule) {
			t.Errorf("Parse(%q) = %q, %v; want ErrNoRule", text, got, err)
		}
	}
}

func TestUnread(t *testing.T) {
	candidates := []string{"include/used.h", "include/unused.h", "blob.bin", "macros.inc", "n/../other.h", "tree"}
	read := []string{"a.c", "include/used.h", "other.h"}
	want := []string{"include/unused.h"}
	if got := Unread(candidates, read); !reflect.DeepEqual(got, want) {
		t.Errorf("Unread = %q; want %q", got, want)
	}
}

func TestUnreadFollowsLinksForAbsoluteNames(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(dir, "real.h")
	if err := os.WriteFile(real, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.h")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	resolved, err := filepath.EvalSymlinks(real)
	if err != nil {
		t.Fatal(err)
	}
	if got := Unread([]string{link}, []string{resolved}); len(got) != 0 {
		t.Errorf("Unread = %q; a header read by its real path must count as read", got)
	}
}

func TestLines(t *testing.T) {
	if got, want := Lines([]byte("a.h\n\nb c.h\r\n")), []string{"a.h", "b c.h"}; !reflect.DeepEqual(got, want) {
		t.Errorf("Lines = %q; want %q", got, want)
	}
}

// FuzzParse checks that Parse does not panic and returns no empty file name, whatever the input.
func FuzzParse(f *testing.F) {
	f.Add("a.o: a.c \\\n x\\ y.h $$z\n")
	f.Add("a.o:")
	f.Add("\\")
	f.Fuzz(func(t *testing.T, text string) {
		files, err := Parse([]byte(text))
		if err != nil && len(files) > 0 {
			t.Errorf("files %q beside the error %v", files, err)
		}
		for _, name := range files {
			if name == "" || strings.ContainsRune(name, '\n') {
				t.Errorf("file name %q out of %q", name, text)
			}
		}
	})
}
