// SPDX-License-Identifier: Apache-2.0

package boot_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kernel is a linked kernel, as Image and as ELF.
type kernel struct {
	image   []byte
	file    []byte // vmlinux
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
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		switch filepath.Base(name) {
		case "Image":
			k.image = data
		case "vmlinux":
			file, err := elf.NewFile(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			k.file, k.vmlinux = data, file
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

// vmlinux and Image with an object of the rules are kbuild's to the last byte, with the build ID, which is a hash of all sections of vmlinux. That the object's debug
// information is among them, which is not in the Image, is seen with kbuild's own object: without it, only the build ID of the Image is another one.
func TestIdentity(t *testing.T) {
	want := open(t, "KBUILD")
	start, end := want.buildID(t)
	if end-start != 20 {
		t.Fatalf("build ID: got %d bytes, want those of a SHA-1", end-start)
	}
	for _, c := range []struct {
		variable string
		same     bool // to the last byte
	}{
		{"RULES", true},
		{"KBUILD_RELINKED", true},
		{"KBUILD_STRIPPED", false},
	} {
		if c.variable != "RULES" && os.Getenv(c.variable) == "" {
			continue // for the default kernel only
		}
		t.Run(c.variable, func(t *testing.T) {
			got := open(t, c.variable)
			if s, e := got.buildID(t); s != start || e != end {
				t.Fatalf("the build ID is at %#x-%#x, want %#x-%#x", s, e, start, end)
			}
			if len(got.image) != len(want.image) {
				t.Fatalf("got %d bytes, want %d", len(got.image), len(want.image))
			}
			if same := bytes.Equal(got.image[start:end], want.image[start:end]); same != c.same {
				t.Errorf("the build ID is the same: got %t, want %t", same, c.same)
			}
			for at := range got.image {
				if got.image[at] != want.image[at] && (at < start || end <= at) {
					t.Fatalf("Image: differs at %#x: got %#x, want %#x", at, got.image[at], want.image[at])
				}
			}
			if same := bytes.Equal(got.file, want.file); same != c.same {
				t.Errorf("vmlinux is the same: got %t, want %t", same, c.same)
			}
		})
	}
}
