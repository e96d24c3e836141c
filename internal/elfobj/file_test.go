package elfobj

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestShrunkenInput truncates an input before the object that refers to it is
// written, in one window and in many.
func TestShrunkenInput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.o")
	for _, size := range []int{64 << 10, 4 << 20} {
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
			t.Errorf("leftover files: %s", strings.Join(left, " "))
		}
		m.Close()
	}
}

// TestGuardPassesOn checks that Guard passes on errors and other panics.
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
