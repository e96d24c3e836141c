package fileio

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestMap reads files with sizes around tinyFile and smallFile.
func TestMap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, size := range []int{0, 1, tinyFile - 1, tinyFile, tinyFile + 1, smallFile + 1} {
		want := bytes.Repeat([]byte{1, 2, 3}, size)[:size]
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		m, err := Map(path)
		if err != nil {
			t.Fatal(err)
		}
		m.ReleaseLarge()
		if !bytes.Equal(m.Data, want) {
			t.Errorf("%d bytes: wrong contents", size)
		}
		m.Close()
	}
}
