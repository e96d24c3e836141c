// SPDX-License-Identifier: Apache-2.0

package fileio

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
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

// TestChanged writes to a file after it was mapped, without and with another size,
// and replaces it.
func TestChanged(t *testing.T) {
	size := 2 * tinyFile
	for _, c := range []struct {
		name   string
		change func(path string) error
		ok     bool
	}{
		{"nothing", func(string) error { return nil }, true},
		{"other bytes", func(path string) error {
			return os.WriteFile(path, bytes.Repeat([]byte{2}, size), 0o644)
		}, false},
		{"truncated", func(path string) error { return os.Truncate(path, int64(size)-1) }, false},
		{"removed", os.Remove, true},
		{"replaced", func(path string) error {
			if err := os.WriteFile(path+".new", []byte{1}, 0o644); err != nil {
				return err
			}
			return os.Rename(path+".new", path)
		}, true},
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
		// Time stamps are those of the clock's last tick.
		if err := os.Chtimes(path, time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		m, err := Map(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.change(path); err != nil {
			t.Fatal(err)
		}
		if err := m.CheckUnchanged(); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		m.Close()
	}
}
