// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// TestDirect writes contents of inputs from where they are: whole windows of one
// input section, but nothing that has padding or is repeated.
func TestDirect(t *testing.T) {
	defer func(old windowSizes) { windows = old }(windows)
	windows = smallWindows
	bytesOf := func(n int, first byte) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = first + byte(i%97)
		}
		return b
	}
	a, b := bytesOf(3000, 1), bytesOf(2000, 101)
	in := &Object{Name: "in.o", Machine: aarch64}
	o := &Object{Name: "out.o", Machine: aarch64}
	o.AddSection(&Section{Name: ".own", Type: elf.SHT_PROGBITS, Size: 3000, Data: a})
	o.AddSection(&Section{Name: ".repeated", Type: elf.SHT_PROGBITS, Size: 3000, Data: a[:7]})
	o.AddSection(&Section{Name: ".linked", Type: elf.SHT_PROGBITS, Size: 5520, Chunks: []Chunk{
		{0, &Section{Object: in, Size: 3000, Data: a}}, {3500, &Section{Object: in, Size: 2000, Data: b}}, {5500, &Section{Size: 20, Data: []byte{9}}},
	}})
	im, err := o.layout()
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]int{}
	for _, batch := range batches(im.tasks()) {
		if data := im.direct(batch); data != nil {
			direct[im.extents[batch[0].first].section.Name] += len(data)
		}
	}
	if direct[".own"] < 2000 || direct[".linked"] < 3000 || direct[".linked"] > 5000 || len(direct) != 2 {
		t.Errorf("bytes written directly: %v", direct)
	}
	written, err := sameInAllWindows(t, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse("out.o", written)
	if err != nil {
		t.Fatal(err)
	}
	linked := slices.Concat(a, make([]byte, 500), b, bytes.Repeat([]byte{9}, 20))
	for i, want := range [][]byte{a, bytes.Repeat(a[:7], 429)[:3000], linked} {
		if s := got.Sections[i+1]; !bytes.Equal(s.Contents(), want) {
			t.Errorf("%s differs from byte %d on", s.Name, firstDifference(s.Contents(), want))
		}
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
