// SPDX-License-Identifier: Apache-2.0

package vmlinuz

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// The format of RPM packages, version 3 and 4 (rpm.org, "Package format"): a lead,
// two headers, and a compressed cpio archive.
const (
	rpmMagic       = "\xed\xab\xee\xdb"
	rpmLead        = 96
	rpmHeader      = 16
	rpmHeaderMagic = "\x8e\xad\xe8\x01"
	rpmEntry       = 16 // of a header's index
)

// openRPM returns the kernel of an RPM package.
func (k *Kernel) openRPM(data []byte) ([]byte, error) {
	const advice = "check that the file is complete"
	pos := rpmLead
	for _, name := range []string{"signature", "header"} {
		if pos > len(data)-rpmHeader || string(data[pos:pos+4]) != rpmHeaderMagic {
			return nil, errcode.KernelDamaged.Errorf("+%#x: no %s of an RPM package; %s", pos, name, advice)
		}
		entries, size := uint64(binary.BigEndian.Uint32(data[pos+8:])), uint64(binary.BigEndian.Uint32(data[pos+12:]))
		pos += rpmHeader
		if entries*rpmEntry+size > uint64(len(data)-pos) {
			return nil, errcode.KernelDamaged.Errorf("+%#x: the %s is not in the file of %#x bytes; %s", pos, name, len(data), advice)
		}
		pos += int(entries*rpmEntry + size)
		if name == "signature" {
			pos = (pos + 7) &^ 7
		}
	}
	if pos > len(data) {
		return nil, errcode.KernelDamaged.Errorf("+%#x: no payload; %s", pos, advice)
	}
	payload := data[pos:]
	var r io.Reader = bytes.NewReader(payload)
	if m := methodOf(payload); m != nil {
		u, err := m.open(r)
		if err != nil {
			return nil, fmt.Errorf("payload: %w", m.broken(err))
		}
		r = u
	}
	return k.openCpio(bufio.NewReaderSize(r, 1<<20), len(payload))
}

// A cpio archive's header, of hexadecimal numbers (cpio(5), "New ASCII Format").
const (
	cpioHeader  = 110
	cpioMode    = 14
	cpioSize    = 54
	cpioName    = 94
	cpioMaxName = 4096
	cpioRegular = 0o100000
	cpioType    = 0o170000
	cpioEnd     = "TRAILER!!!"
)

// openCpio returns the kernel of a cpio archive.
func (k *Kernel) openCpio(r io.Reader, packed int) ([]byte, error) {
	var found one
	for {
		var h [cpioHeader]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return nil, errcode.KernelDamaged.Errorf("payload: %v; check that the file is complete", ended(err))
		}
		if magic := string(h[:6]); magic != "070701" && magic != "070702" {
			return nil, errcode.KernelCompression.Errorf("payload: an archive in a format that is not supported; unpack it with rpm2archive and give the vmlinuz in it")
		}
		mode, err1 := strconv.ParseUint(string(h[cpioMode:cpioMode+8]), 16, 32)
		size, err2 := strconv.ParseUint(string(h[cpioSize:cpioSize+8]), 16, 32)
		nameSize, err3 := strconv.ParseUint(string(h[cpioName:cpioName+8]), 16, 32)
		if err := errors.Join(err1, err2, err3); err != nil || nameSize == 0 || nameSize > cpioMaxName {
			return nil, errcode.KernelDamaged.Errorf("payload: a header without numbers; the file is damaged")
		}
		// Names and contents end at multiples of four bytes; names with a zero.
		name := make([]byte, pad4(cpioHeader+nameSize)-cpioHeader)
		if _, err := io.ReadFull(r, name); err != nil {
			return nil, errcode.KernelDamaged.Errorf("payload: %v; check that the file is complete", ended(err))
		}
		file := strings.TrimRight(string(name[:nameSize]), "\x00")
		if file == cpioEnd && found.file != "" {
			k.From = append(k.From, "RPM package", found.file)
			return found.data, nil
		}
		if file == cpioEnd {
			return nil, errcode.PackageWithoutKernel.Errorf("payload: no kernel in it, which would be named vmlinuz or vmlinux; give the package with it, as kernel-core of Fedora")
		}
		if mode&cpioType != cpioRegular || !isKernelName(file) {
			if _, err := io.CopyN(io.Discard, r, int64(pad4(size))); err != nil {
				return nil, errcode.KernelDamaged.Errorf("payload: %v; check that the file is complete", ended(err))
			}
			continue
		}
		file = strings.TrimPrefix(path.Clean(file), "/")
		if size > maxKernel {
			return nil, errcode.KernelTooLarge.Errorf("payload: %s: has %d bytes, more than the %d of the largest supported kernel; check that it is one", file, size, maxKernel)
		}
		data, err := readKernel(io.LimitReader(r, int64(size)), int(min(size, uint64(packed)*usualInflation)), maxKernel)
		if err == nil && uint64(len(data)) != size {
			err = errEnds
		}
		if err != nil {
			return nil, errcode.KernelDamaged.Errorf("payload: %s: %v; check that the file is complete", file, err)
		}
		if err := found.add("payload", file, data); err != nil {
			return nil, err
		}
		if _, err := io.CopyN(io.Discard, r, int64(pad4(size)-size)); err != nil {
			return nil, errcode.KernelDamaged.Errorf("payload: %v; check that the file is complete", ended(err))
		}
	}
}

func pad4(n uint64) uint64 { return (n + 3) &^ 3 }

// ended says what an unexpected end of a file is.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errEnds
	}
	return err
}
