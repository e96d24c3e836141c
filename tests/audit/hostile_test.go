// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// maxResident is how many KiB hypaudit may take for a file that it rejects by its first bytes.
const maxResident = 64 << 10

// imageHeader is that of a little-endian arm64 Image.
func imageHeader() []byte {
	h := make([]byte, 64)
	copy(h[0x38:], "ARM\x64")
	return h
}

// zerosBut returns size bytes, zeros but for a text.
func zerosBut(size, offset int, text string) []byte {
	data := make([]byte, size)
	copy(data[offset:], text)
	return data
}

// vmlinuxHeader returns the header of a file for a machine; class is 1 for 32 bits, 2 for 64.
func vmlinuxHeader(class byte, machine uint16) []byte {
	h := zerosBut(64, 0, "\x7fELF\x02\x01\x01")
	h[4] = class
	binary.LittleEndian.PutUint16(h[16:], 2) // ET_EXEC
	binary.LittleEndian.PutUint16(h[18:], machine)
	binary.LittleEndian.PutUint32(h[20:], 1)
	binary.LittleEndian.PutUint16(h[52:], 64)
	return h
}

// TestHostile has files that are no kernel to audit: each gets one line that says why, no report, and no more memory for a larger file.
func TestHostile(t *testing.T) {
	program, err := filepath.Abs(os.Getenv("HYPAUDIT"))
	if err != nil {
		t.Fatal(err)
	}
	object, err := filepath.Abs(os.Getenv("HYP_OBJECT"))
	if err != nil {
		t.Fatal(err)
	}
	const large = 4 << 30
	for _, test := range []struct {
		name string
		head []byte
		size int64 // of the file, sparse after head
		symbols,
		want string
	}{
		{"4 GiB of zeros", nil, large, "", "starts with zeros; give the Image, vmlinuz or vmlinux of an arm64 kernel"},
		{"an Image of 4 GiB", imageHeader(), large, "", "has 4294967296 bytes, more than the 1073741824 of the largest supported kernel"},
		{"a package of 4 GiB", []byte("!<arch>\n"), large, "", "the size of member"},
		{"an RPM of 4 GiB", []byte("\xed\xab\xee\xdb\x03\x00"), large, "", "no signature of an RPM package"},
		{"a gzip of 4 GiB", []byte("\x1f\x8b\x08"), large, "", "cannot be unpacked as gzip"},
		{"an EFI zboot image of 4 GiB", []byte("MZ\x00\x00zimg\xff\xff\xff\xff\xff\xff\xff\xff"), large, "", "the payload of 0xffffffff bytes at 0xffffffff is not in the file"},
		{"a vmlinux of 4 GiB", vmlinuxHeader(2, 183), large, "", "no section headers"},
		{"a vmlinux for 32-bit Arm", vmlinuxHeader(1, 40), 4096, "", "no little-endian one of 64 bits"},
		{"a kernel for x86", zerosBut(4096, 0x202, "HdrS"), 4096, "", "is a kernel for x86"},
		{"a kernel for RISC-V", zerosBut(4096, 0x38, "RSC\x05"), 4096, "", "is a kernel for RISC-V"},
		{"lz4", []byte("\x02\x21\x4c\x18"), 4096, "", "is compressed with lz4, which is not supported; unpack it"},
		{"lzo", []byte("\x89LZO"), 4096, "", "is compressed with lzo, which is not supported; unpack it"},
		{"no compression that is known", []byte("not a kernel"), 4096, "", "is in no known format"},
		{"no kallsyms", imageHeader(), 16 << 20, "", "was built without CONFIG_KALLSYMS, or this is no kernel; give the kernel's System.map"},
		{"no hypervisor", imageHeader(), 16 << 20, "ffff800080000000 T _text\nffff800080010000 T primary_entry\n", "it was built without a hypervisor (CONFIG_KVM)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			kernel := filepath.Join(t.TempDir(), "vmlinuz")
			if err := os.WriteFile(kernel, test.head, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(kernel, test.size); err != nil {
				t.Fatal(err)
			}
			args := []string{"image", object, kernel}
			if test.symbols != "" {
				systemMap := filepath.Join(t.TempDir(), "System.map")
				if err := os.WriteFile(systemMap, []byte(test.symbols), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--system-map="+systemMap)
			}
			c := exec.Command(program, args...)
			var out, messages bytes.Buffer
			c.Stdout, c.Stderr = &out, &messages
			_ = c.Run() // the exit code is checked
			line := messages.String()
			if code := c.ProcessState.ExitCode(); code != 3 || out.Len() != 0 || strings.Count(line, "\n") != 1 || !strings.Contains(line, test.want) {
				t.Errorf("exit code %d, %q, %q; want 3 and a line with %q", code, &out, line, test.want)
			}
			if kib := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss; kib > maxResident {
				t.Errorf("takes %d KiB, want %d at most", kib, maxResident)
			}
		})
	}
}
