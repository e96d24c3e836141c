// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The mirrors are the machine's: the variable first, then apt's sources.
func TestMirrors(t *testing.T) {
	directory := t.TempDir()
	if err := os.Mkdir(filepath.Join(directory, "sources.list.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := mirrors(directory); err == nil || !strings.Contains(err.Error(), "set "+MirrorVariable) {
		t.Errorf("no sources: got %q, %v", got, err)
	}
	for name, text := range map[string]string{
		"sources.list":             "# deb file:/no bookworm main\ndeb [signed-by=/k] file:/a bookworm main\ndeb-src file:/no bookworm main\n",
		"sources.list.d/b.list":    "deb file:/b bookworm main\n",
		"sources.list.d/c.sources": "Types: deb\n# file:/no\nURIs: file:/c  file:/a\nSuites: bookworm\n",
	} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := mirrors(directory)
	if want := []string{"file:/a", "file:/b", "file:/c"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	t.Setenv(MirrorVariable, " file:/d  file:/e\n")
	got, err = mirrors(directory)
	if want := []string{"file:/d", "file:/e"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestSource(t *testing.T) {
	want := "deb [signed-by=" + keyring + "] file:/mirror trixie main\n"
	if got := source("trixie", "file:/mirror/"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A suite that no mirror has is an error that says what to set.
func TestNoSuchSuite(t *testing.T) {
	t.Setenv(MirrorVariable, "file:"+t.TempDir())
	archives := &Archives{Dir: t.TempDir()}
	if _, err := archives.Show("trixie", "", "a"); err == nil || !strings.Contains(err.Error(), "has the suite trixie; set "+MirrorVariable) {
		t.Errorf("got %v", err)
	}
}
