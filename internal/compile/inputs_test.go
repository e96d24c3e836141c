// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"os"
	"path/filepath"
	"testing"
)

// execroot makes a working directory like that of a sandbox: its files are links to files elsewhere.
func execroot(t *testing.T) (base string) {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"sandbox/_main/pkg", "sandbox/_main/external/dep", "sandbox/sibling", "store/external/dep", "store/sibling", "host", "compiler"} {
		if err := os.MkdirAll(filepath.Join(base, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"store/external/dep/a.h", "store/sibling/b.h", "host/c.h", "compiler/stddef.h", "sandbox/_main/pkg/d.h"} {
		if err := os.WriteFile(filepath.Join(base, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"sandbox/_main/external/dep/a.h": "store/external/dep/a.h", "sandbox/sibling/b.h": "store/sibling/b.h"} {
		if err := os.Symlink(filepath.Join(base, target), filepath.Join(base, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(base, "sandbox/_main"))
	return base
}

func TestHasInput(t *testing.T) {
	base := execroot(t)
	w, err := newWorkspace([]string{base + "/compiler", "external/dep/include"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		want bool
	}{
		{"pkg/d.h", true},
		{"./pkg/../pkg/d.h", true},
		{base + "/sandbox/_main/pkg/d.h", true},
		{"/proc/self/cwd/pkg/d.h", true},
		{"../sibling/b.h", true},
		{"/dev/null", true},
		// In a directory of the toolchain.
		{base + "/compiler/stddef.h", true},
		{base + "/compiler/../host/c.h", false},
		// Inputs, whose links were resolved.
		{base + "/store/external/dep/a.h", true},
		{base + "/store/sibling/b.h", true},
		// Outside.
		{base + "/host/c.h", false},
		{"../../host/c.h", false},
		{"pkg/../../../host/c.h", false},
		{"../c.h", false},
		{"/proc/self/cwd/../../host/c.h", false},
		{base + "/sandbox/_mainly/c.h", false},
		{"/etc/passwd", false},
		{"/no/such/file", false},
	} {
		if got := w.hasInput(tt.name); got != tt.want {
			t.Errorf("hasInput(%q) = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestLocate(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"a.c": "#include \"b.h\"\nint x;\n", "b.h": "\n\n#include <../../c.h>\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"../c.h": "b.h:3", "/elsewhere/forced.h": "a.c"} {
		if got := locate("a.c", name, []string{"a.c", "b.h", "/abs/c.h"}); got != want {
			t.Errorf("locate(%q) = %q, want %q", name, got, want)
		}
	}
}
