package elfobj

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMap reads files of sizes around the limit below which they are not mapped.
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
			t.Errorf("%d bytes come back different", size)
		}
		m.Close()
	}
}

// TestPool takes memory for tiny files: no two share any, also by an append.
func TestPool(t *testing.T) {
	var p pool
	var taken [][]byte
	for i := range 100 {
		b := p.take(tinyFile - i*100)
		for k := range b {
			b[k] = byte(i)
		}
		_ = append(b, 0xff)
		taken = append(taken, b)
	}
	for i, b := range taken {
		if len(b) != tinyFile-i*100 || bytes.Count(b, []byte{byte(i)}) != len(b) {
			t.Errorf("piece %d was written to by others", i)
		}
	}
}

// TestShrunkenInput cuts an input short while the object that points into it is
// written, in one window and in many.
func TestShrunkenInput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.o")
	for _, size := range []int{2 * tinyFile, 4 << 20} {
		o := &Object{Name: "in.o", Machine: aarch64}
		o.AddSection(&Section{Name: ".text", Type: elf.SHT_PROGBITS, Size: uint64(size), Data: make([]byte, size)})
		if err := o.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		in, m, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, 0); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(filepath.Dir(path), "out.o")
		in.Name = out
		want := fmt.Sprintf("%s: an input changed while it was read; build again", out)
		if err := in.WriteFile(out); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %s", err, want)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*out.o*")); len(left) > 0 {
			t.Errorf("left behind: %s", strings.Join(left, " "))
		}
		m.Close()
	}
}

// TestGuardPassesOn has other panics go through, and errors.
func TestGuardPassesOn(t *testing.T) {
	if err := Guard("x", func() error { return os.ErrClosed }); err != os.ErrClosed {
		t.Errorf("error is %v", err)
	}
	defer func() {
		if p := recover(); p != "other" {
			t.Errorf("panic is %v", p)
		}
	}()
	_ = Guard("x", func() error { panic("other") })
}
