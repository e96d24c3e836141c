// SPDX-License-Identifier: Apache-2.0

// Package vmlinuz takes the arm64 kernel out of what a distribution ships it in: a
// package, an EFI zboot image, a compressed or signed Image, or a vmlinux.
//
// Whatever the input, nothing here panics, and memory is bounded by maxKernel.
//
// References: Documentation/arm64/booting.rst for the header of an Image,
// drivers/firmware/efi/libstub/zboot-header.S for that of a zboot image,
// deb(5) and rpm.org for packages.
package vmlinuz

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Kernel is an arm64 kernel.
type Kernel struct {
	// Image is the kernel as it is loaded, from _text on, without .bss.
	Image []byte
	// Size is how much memory it takes, .bss included, or 0 if that is unknown.
	Size uint64
	// From says what it was unpacked from, the outermost first.
	From []string
	// Signature is the number of bytes that were appended to sign it.
	Signature int
	// Linked says that Base is known: the address that Image is linked at.
	Linked bool
	Base   uint64
	// Machine is what a vmlinux says that it is for; 0 for an Image.
	Machine elf.Machine
	// Symbols are those of a vmlinux, in no particular order.
	Symbols []Symbol
}

// Symbol is a symbol with the address that it is linked at.
type Symbol struct {
	Name    string
	Address uint64
}

const (
	// maxKernel is how many bytes a kernel may have once unpacked.
	maxKernel = 1 << 30
	// maxLayers is how often something may be packed in something else.
	maxLayers = 6
)

// Open finds the kernel in a file. The result may refer to data.
func Open(name string, data []byte) (*Kernel, error) {
	k := &Kernel{}
	for range maxLayers {
		next, err := k.open(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if next == nil {
			return k, nil
		}
		data = next
	}
	return nil, errcode.KernelTooLarge.Errorf("%s: packed more than %d times; unpack it", name, maxLayers)
}

// open takes off one layer and returns what is inside, or nil if k is complete.
func (k *Kernel) open(data []byte) (inside []byte, err error) {
	switch {
	case bytes.HasPrefix(data, []byte(arMagic)):
		return k.openDeb(data)
	case bytes.HasPrefix(data, []byte(rpmMagic)):
		return k.openRPM(data)
	case len(data) >= zbootHeader && string(data[4:8]) == "zimg" && isMZ(data):
		return k.openZboot(data)
	case bytes.HasPrefix(data, []byte("\x7fELF")):
		return nil, k.openELF(data)
	case len(data) >= imageHeader && string(data[0x38:0x3c]) == "ARM\x64":
		return nil, k.openImage(data)
	}
	if m := methodOf(data); m != nil {
		k.From = append(k.From, "compressed with "+m.name)
		return m.unpack(data)
	}
	return nil, foreign(data)
}

// foreign returns the error about data that is no arm64 kernel.
func foreign(data []byte) error {
	const advice = "give the Image, vmlinuz or vmlinux of an arm64 kernel, or the package with it"
	switch {
	case len(data) == 0:
		return errcode.KernelFormat.Errorf("is empty; %s", advice)
	case len(data) > 0x206 && string(data[0x202:0x206]) == "HdrS":
		return errcode.KernelFormat.Errorf("is a kernel for x86; %s", advice)
	case len(data) > 0x38 && (string(data[0x30:0x34]) == "RISC" || string(data[0x38:0x3c]) == "RSC\x05"):
		return errcode.KernelFormat.Errorf("is a kernel for RISC-V; %s", advice)
	case len(bytes.TrimLeft(data[:min(len(data), 1<<20)], "\x00")) == 0:
		return errcode.KernelFormat.Errorf("starts with zeros; %s", advice)
	}
	for magic, method := range unknownMethods {
		if bytes.HasPrefix(data, []byte(magic)) {
			return errcode.KernelCompression.Errorf("is compressed with %s, which is not supported; unpack it", method)
		}
	}
	return errcode.KernelFormat.Errorf("is in no known format; %s", advice)
}

// unknownMethods are compression methods of kernels that cannot be read, by their
// first bytes.
var unknownMethods = map[string]string{
	"\x02\x21\x4c\x18": "lz4",
	"\x04\x22\x4d\x18": "lz4",
	"\x89LZO":          "lzo",
}

func isMZ(data []byte) bool { return len(data) > 2 && string(data[:2]) == "MZ" }

// imageHeader is the size of the header of an Image.
const imageHeader = 64

// openImage reads a bare Image. It is a PE file if the kernel has the EFI stub.
func (k *Kernel) openImage(data []byte) error {
	k.Size = binary.LittleEndian.Uint64(data[16:])
	if flags := binary.LittleEndian.Uint64(data[24:]); flags&1 != 0 {
		return errcode.KernelFormat.Errorf("is a big-endian kernel, which is not supported; give a little-endian one")
	}
	if isMZ(data) {
		end, err := unsigned(data)
		if err != nil {
			return err
		}
		k.Signature = len(data) - end
		data = data[:end]
	}
	if uint64(len(data)) > maxKernel {
		return errcode.KernelTooLarge.Errorf("has %d bytes, more than the %d of the largest supported kernel; check that it is one", len(data), maxKernel)
	}
	if k.Size != 0 && uint64(len(data)) > k.Size {
		return errcode.KernelDamaged.Errorf("has %d bytes, but its header says %d; it is damaged", len(data), k.Size)
	}
	if k.Signature > 0 {
		k.From = append(k.From, "signed Image")
	} else {
		k.From = append(k.From, "Image")
	}
	k.Image = data
	return nil
}

// unsigned returns where the signatures of a PE file start, or its size. They are
// in the certificate table, which is appended and the only table of a PE file
// whose position is an offset in the file.
func unsigned(data []byte) (int, error) {
	le := binary.LittleEndian
	pe := uint64(le.Uint32(data[0x3c:]))
	const (
		optional  = 24  // offset of the optional header
		tables    = 112 // offset in that of the data directories of PE32+
		security  = 4   // number of the certificate table
		tableSize = 8
	)
	at := pe + optional + tables + security*tableSize
	if pe == 0 || at+tableSize > uint64(len(data)) || string(data[pe:pe+4]) != "PE\x00\x00" {
		return 0, errcode.KernelDamaged.Errorf("+%#x: no PE header where the Image says; it is damaged", pe)
	}
	if le.Uint16(data[pe+optional:]) != 0x20b || le.Uint32(data[pe+optional+tables-4:]) <= security {
		return len(data), nil
	}
	start, size := uint64(le.Uint32(data[at:])), uint64(le.Uint32(data[at+4:]))
	switch {
	case size == 0:
		return len(data), nil
	case start < at+tableSize || start+size != uint64(len(data)):
		return 0, errcode.KernelDamaged.Errorf("+%#x: the signature is at %#x and has %#x bytes, but is not at the end; the file is damaged or was appended to", at, start, size)
	}
	return int(start), nil
}
