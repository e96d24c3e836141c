// SPDX-License-Identifier: Apache-2.0

package reference

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, files ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.tar")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	archive := tar.NewWriter(out)
	for i := 0; i < len(files); i += 2 {
		if err := archive.WriteHeader(&tar.Header{Name: files[i], Size: int64(len(files[i+1])), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestRead(t *testing.T) {
	name := write(t, "a.h", "header", Linked, "object")
	files, err := Read(name, func(path string) bool { return path != "a.h" })
	if err != nil || len(files) != 1 || string(files[Linked]) != "object" {
		t.Errorf("got %q, %v", files, err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	// In the header of the second file.
	if err := os.Truncate(name, info.Size()-1024-600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(name, func(string) bool { return true }); err == nil || !strings.Contains(err.Error(), "a.tar") {
		t.Errorf("a truncated archive: got %v", err)
	}
}
