// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// writeFiles writes files, by their names in a directory.
func writeFiles(t *testing.T, directory string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The mirrors are the machine's: the variable first, then apt's sources.
func TestMirrors(t *testing.T) {
	t.Setenv(MirrorVariable, "")
	directory := t.TempDir()
	if got, err := Mirrors(directory); err == nil || !strings.Contains(err.Error(), "set "+MirrorVariable) {
		t.Errorf("no sources: got %q, %v", got, err)
	}
	writeFiles(t, directory, map[string]string{
		"sources.list":             "# deb file:/no bookworm main\ndeb [signed-by=/k] file:/a/ bookworm main\ndeb-src file:/no bookworm main\n",
		"sources.list.d/b.list":    "deb file:/b bookworm main\n deb\tcdrom:[disc]/ bookworm main\n",
		"sources.list.d/c.sources": "Types: deb\n# file:/no\nURIs: file:/c  file:/a\nSuites: bookworm\n",
		"sources.list.d/d.off":     "deb file:/no bookworm main\n",
	})
	got, err := Mirrors(directory)
	if want := []string{"file:/a", "file:/b", "file:/c"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	t.Setenv(MirrorVariable, " file:/d/  file:/e\n")
	got, err = Mirrors(directory)
	if want := []string{"file:/d", "file:/e"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// Layouts as Ubuntu and images of it have them.
func TestOtherLayouts(t *testing.T) {
	t.Setenv(MirrorVariable, "")
	directory := t.TempDir()
	list := filepath.Join(directory, "mirrors.txt")
	writeFiles(t, directory, map[string]string{
		"mirrors.txt": "# comment\nhttp://example.com/one/ubuntu/\tpriority:1\n\nhttps://example.com/two/ubuntu\n",
		"sources.list.d/ubuntu.sources": "types: deb deb-src\nuris: mirror+file:" + list + "\nsuites: noble noble-updates\n\n" +
			"Enabled: no\nTypes: deb\nURIs: http://example.com/no/off\nSuites: x\n\n" +
			"Types: deb-src\nURIs: http://example.com/no/source\nSuites: x\n\n" +
			"Types: deb\nURIs:\n http://example.com/three/a\n#http://example.com/no/\n http://" + "user:secret@example.com/four/b\nSuites: x\nSigned-By:\n -----BEGIN\n .\n Version: 1",
	})
	got, err := Mirrors(directory)
	want := []string{"http://example.com/one/ubuntu", "https://example.com/two/ubuntu", "http://example.com/three/a", "http://" + "user:secret@example.com/four/b"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if err := os.Remove(list); err != nil {
		t.Fatal(err)
	}
	if _, err := Mirrors(directory); err == nil || !strings.Contains(err.Error(), "mirror+file:"+list) {
		t.Errorf("without the list: got %v", err)
	}
}
