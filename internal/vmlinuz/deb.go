// SPDX-License-Identifier: Apache-2.0

package vmlinuz

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// usualInflation is how often a package's contents are as large as the package. A
// tar header may say anything.
const usualInflation = 8

const (
	arMagic  = "!<arch>\n"
	arHeader = 60
)

// openDeb returns the kernel of a Debian package.
func (k *Kernel) openDeb(data []byte) ([]byte, error) {
	const advice = "check that the file is complete"
	for pos := len(arMagic); pos+arHeader <= len(data); {
		h := data[pos : pos+arHeader]
		name := strings.TrimRight(string(h[:16]), " /")
		size, err := strconv.ParseUint(strings.TrimSpace(string(h[48:58])), 10, 40)
		if err != nil {
			return nil, errcode.KernelDamaged.Errorf("+%#x: the size of member %q is no number; %s", pos, name, advice)
		}
		pos += arHeader
		if size > uint64(len(data)-pos) {
			return nil, errcode.KernelDamaged.Errorf("+%#x: member %q has %d bytes, but %d are left; %s", pos, name, size, len(data)-pos, advice)
		}
		if strings.HasPrefix(name, "data.tar") {
			return k.openTar(name, data[pos:pos+int(size)])
		}
		pos += int(size + size&1)
	}
	return nil, errcode.PackageWithoutKernel.Errorf("has no member data.tar: it is no Debian package; give the package of a kernel image")
}

// openTar returns the kernel of the archive in a package. All of it is read: another
// kernel would be the one that is booted.
func (k *Kernel) openTar(name string, packed []byte) ([]byte, error) {
	var r io.Reader = bytes.NewReader(packed)
	if m := methodOf(packed); m != nil {
		u, err := m.open(r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, m.broken(err))
		}
		r = u
	}
	t := tar.NewReader(bufio.NewReaderSize(r, 1<<20))
	var found one
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) && found.file != "" {
			k.From = append(k.From, "Debian package", found.file)
			return found.data, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, errcode.PackageWithoutKernel.Errorf("%s: no kernel in it, which would be named vmlinuz or vmlinux; give the package of a kernel image: an unversioned one, or linux-image where there is linux-binary, has none", name)
		}
		if err != nil {
			return nil, errcode.KernelDamaged.Errorf("%s: %v; check that the file is complete", name, err)
		}
		if h.Typeflag != tar.TypeReg || !isKernelName(h.Name) {
			continue
		}
		file := strings.TrimPrefix(path.Clean(h.Name), "/")
		if h.Size > maxKernel {
			return nil, errcode.KernelTooLarge.Errorf("%s: %s: has %d bytes, more than the %d of the largest supported kernel; check that it is one", name, file, h.Size, maxKernel)
		}
		data, err := readKernel(t, int(min(h.Size, int64(len(packed))*usualInflation)), maxKernel)
		if err != nil {
			return nil, errcode.KernelDamaged.Errorf("%s: %s: %v; check that the file is complete", name, file, err)
		}
		if err := found.add(name, file, data); err != nil {
			return nil, err
		}
	}
}

// one is the only kernel of a package.
type one struct {
	file string
	data []byte
}

// add takes a kernel, and fails for a second one, unless it is the same. Packages of
// SUSE have a vmlinux beside the Image, which is what is booted.
func (o *one) add(archive, file string, data []byte) error {
	linked := func(file string) bool { return strings.HasPrefix(path.Base(file), "vmlinux") }
	switch {
	case o.file == "", linked(o.file) && !linked(file):
		o.file, o.data = file, data
	case linked(file) && !linked(o.file):
	case !bytes.Equal(data, o.data):
		return errcode.SeveralKernels.Errorf("%s: two kernels in it, %s and %s: which is booted is not known; unpack the one that is, and give that", archive, o.file, file)
	}
	return nil
}

// isKernelName reports whether a file of a package is its kernel.
func isKernelName(name string) bool {
	base := path.Base(name)
	for _, kernel := range []string{"vmlinuz", "vmlinux", "Image"} {
		if rest, ok := strings.CutPrefix(base, kernel); ok && (rest == "" || rest[0] == '-' || rest[0] == '.') && path.Ext(rest) != ".o" && path.Ext(rest) != ".h" && path.Ext(rest) != ".lds" {
			return true
		}
	}
	return false
}
