package boot_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kernel is a linked kernel, as Image and as ELF.
type kernel struct {
	image   []byte
	vmlinux *elf.File
}

// open opens a kernel whose Image and vmlinux are in a variable.
func open(t *testing.T, variable string) kernel {
	t.Helper()
	names := strings.Fields(os.Getenv(variable))
	if len(names) != 2 {
		t.Fatalf("%s: got %q, want an Image and a vmlinux", variable, names)
	}
	var k kernel
	for _, name := range names {
		path := runfile(t, name)
		switch filepath.Base(name) {
		case "Image":
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			k.image = data
		case "vmlinux":
			file, err := elf.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { file.Close() })
			k.vmlinux = file
		}
	}
	return k
}

// buildID returns the range of the Image's build ID: that of the note NT_GNU_BUILD_ID (3) of vmlinux, from the start of the text.
func (k kernel) buildID(t *testing.T) (start, end int) {
	t.Helper()
	notes := k.vmlinux.Section(".notes")
	text := k.vmlinux.Section(".head.text")
	if notes == nil || text == nil {
		t.Fatal("vmlinux has no .notes or no .head.text")
	}
	data, err := notes.Data()
	if err != nil {
		t.Fatal(err)
	}
	align := func(n uint32) uint32 { return (n + 3) &^ 3 }
	for at := uint32(0); int(at)+12 <= len(data); {
		name, size, kind := binary.LittleEndian.Uint32(data[at:]), binary.LittleEndian.Uint32(data[at+4:]), binary.LittleEndian.Uint32(data[at+8:])
		description := at + 12 + align(name)
		if kind == 3 && bytes.HasPrefix(data[at+12:], []byte("GNU\x00")) {
			start := int(notes.Addr-text.Addr) + int(description)
			return start, start + int(size)
		}
		at = description + align(size)
	}
	t.Fatal("vmlinux has no build ID")
	return 0, 0
}

// An Image with an object of the rules is kbuild's, but for the build ID: that is a hash of all of vmlinux, with its symbols and its debug information, which
// are not in the Image. An Image with kbuild's own object has another build ID as well when nothing but its debug information is removed.
func TestIdentity(t *testing.T) {
	want := open(t, "KBUILD")
	start, end := want.buildID(t)
	if end-start != 20 {
		t.Fatalf("build ID: got %d bytes, want those of a SHA-1", end-start)
	}
	for _, c := range []struct {
		variable string
		same     []bool // whether the build ID may be the same
	}{
		{"KBUILD_RELINKED", []bool{true}},
		{"KBUILD_STRIPPED", []bool{false}},
		// The same if symbol table and debug information are.
		{"RULES", []bool{false, true}},
	} {
		t.Run(c.variable, func(t *testing.T) {
			got := open(t, c.variable)
			if s, e := got.buildID(t); s != start || e != end {
				t.Fatalf("the build ID is at %#x-%#x, want %#x-%#x", s, e, start, end)
			}
			if len(got.image) != len(want.image) {
				t.Fatalf("got %d bytes, want %d", len(got.image), len(want.image))
			}
			if same := bytes.Equal(got.image[start:end], want.image[start:end]); !slices.Contains(c.same, same) {
				t.Errorf("the build ID is the same: got %t, want one of %t", same, c.same)
			}
			for at := range got.image {
				if got.image[at] != want.image[at] && (at < start || end <= at) {
					t.Fatalf("differs at %#x: got %#x, want %#x", at, got.image[at], want.image[at])
				}
			}
		})
	}
}
