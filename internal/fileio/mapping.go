// SPDX-License-Identifier: Apache-2.0

package fileio

import (
	"io"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Mapping is the contents of a file: mapped, or read if the file is small.
type Mapping struct {
	Data []byte
	// Base is the offset of the file in the concatenation of all inputs of an
	// object. The writer of the object sets it.
	Base uint64

	path string
	stat syscall.Stat_t // of a mapped file, when it was mapped
}

// tinyFile is the size in bytes up to which files are read instead of mapped.
// Reading is cheaper, and the number of mappings of a process is limited
// (vm.max_map_count).
const tinyFile = 1 << 15

// smallFile is the size in bytes up to which the pages of a mapped file are kept.
const smallFile = 1 << 20

// ReleaseLarge releases the pages of a large file until it is accessed again. It
// does nothing for a small file.
func (m *Mapping) ReleaseLarge() {
	if len(m.Data) > smallFile {
		_ = unix.Madvise(m.Data, unix.MADV_DONTNEED)
	}
}

// Map maps a regular file. Other files are an error.
func Map(path string) (*Mapping, error) {
	fd, err := open(path)
	if err != nil {
		return nil, newError(errcode.FileNotOpened, path, "cannot be opened: "+cause(err), "check the path and its permissions")
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return nil, newError(errcode.FileNotRead, path, "cannot be read: "+cause(err), "")
	}
	switch {
	case st.Mode&syscall.S_IFMT == syscall.S_IFDIR:
		return nil, newError(errcode.FileKind, path, "is a directory", "name the objects in it")
	case st.Mode&syscall.S_IFMT != syscall.S_IFREG:
		return nil, newError(errcode.FileKind, path, "is not a regular file", "copy it to one")
	case st.Size == 0:
		return &Mapping{}, nil
	case int64(int(st.Size)) != st.Size:
		return nil, newError(errcode.FileNotRead, path, "is too large for this machine", "")
	}
	if st.Size <= tinyFile {
		data, err := readTiny(fd, int(st.Size))
		if err != nil {
			return nil, newError(errcode.FileNotRead, path, "cannot be read: "+cause(err), "")
		}
		return &Mapping{Data: data}, nil
	}
	data, err := syscall.Mmap(fd, 0, int(st.Size), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, newError(errcode.FileNotRead, path, "cannot be mapped: "+cause(err), "")
	}
	return &Mapping{Data: data, path: path, stat: st}, nil
}

// CheckUnchanged returns an error if the file was written to since it was mapped:
// what was read of it may be of two versions, and zeros where it ended. A file
// that was replaced, under its name, is not changed.
func (m *Mapping) CheckUnchanged() error {
	if m.path == "" {
		return nil // it was read at once
	}
	var now syscall.Stat_t
	if err := syscall.Stat(m.path, &now); err != nil || now.Dev != m.stat.Dev || now.Ino != m.stat.Ino {
		return nil
	}
	if now.Size != m.stat.Size || modified(&now) != modified(&m.stat) {
		return newError(errcode.FileChanged, m.path, "was written to while it was read", "build again")
	}
	return nil
}

// open opens a file for reading. With O_NONBLOCK it does not wait for the writer
// of a FIFO, which Map rejects.
func open(path string) (int, error) {
	for {
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
		if err != syscall.EINTR {
			return fd, err
		}
	}
}

// readTiny reads a file of a known size.
func readTiny(fd, size int) ([]byte, error) {
	b := make([]byte, size)
	for n := 0; n < size; {
		k, err := syscall.Read(fd, b[n:])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return nil, err
		case k == 0:
			return nil, io.ErrUnexpectedEOF // truncated meanwhile
		default:
			n += k
		}
	}
	return b, nil
}

// Close unmaps the file.
func (m *Mapping) Close() {
	if len(m.Data) > tinyFile {
		_ = syscall.Munmap(m.Data)
	}
	m.Data = nil
}
