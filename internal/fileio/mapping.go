package fileio

import (
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// Mapping is a file in memory for reading: mapped, or read when it is tiny.
type Mapping struct {
	Data []byte
	// Base is where the file starts if all inputs of an object were one after
	// another. The writer of the object sets it.
	Base uint64
}

// tinyFile is the size in bytes up to which a file is read instead of mapped:
// that is cheaper, and a process may not have many mappings
// (vm.max_map_count).
const tinyFile = 1 << 15

// smallFile is the size in bytes up to which a file is read when it is mapped.
const smallFile = 1 << 20

// ReleaseLarge gives back the memory that holds the contents of a large file,
// until they are looked at again. It does nothing for a small one.
func (m *Mapping) ReleaseLarge() {
	if len(m.Data) > smallFile {
		_ = unix.Madvise(m.Data, unix.MADV_DONTNEED)
	}
}

// Map maps a regular file. Directories, devices and unreadable files give an
// error that says which.
func Map(path string) (*Mapping, error) {
	fd, err := open(path)
	if err != nil {
		return nil, failed(path, "cannot be opened: "+cause(err), "check the path and its permissions")
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return nil, failed(path, "cannot be read: "+cause(err), "")
	}
	switch {
	case st.Mode&syscall.S_IFMT == syscall.S_IFDIR:
		return nil, failed(path, "is a directory", "name the objects in it")
	case st.Mode&syscall.S_IFMT != syscall.S_IFREG:
		return nil, failed(path, "is not a regular file", "copy it to one")
	case st.Size == 0:
		return &Mapping{}, nil
	case int64(int(st.Size)) != st.Size:
		return nil, failed(path, "is too large for this machine", "")
	}
	if st.Size <= tinyFile {
		data, err := readTiny(fd, int(st.Size))
		if err != nil {
			return nil, failed(path, "cannot be read: "+cause(err), "")
		}
		return &Mapping{Data: data}, nil
	}
	flags := syscall.MAP_PRIVATE
	if st.Size <= smallFile {
		flags |= populate // one call instead of a fault for each part
	}
	data, err := syscall.Mmap(fd, 0, int(st.Size), syscall.PROT_READ, flags)
	if err != nil {
		return nil, failed(path, "cannot be mapped: "+cause(err), "")
	}
	return &Mapping{Data: data}, nil
}

// open opens a file for reading. O_NONBLOCK keeps a named pipe, which is
// refused afterwards, from waiting for a writer.
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
			return nil, io.ErrUnexpectedEOF // somebody shortened it just now
		default:
			n += k
		}
	}
	return b, nil
}

// Close ends the mapping.
func (m *Mapping) Close() {
	if len(m.Data) > tinyFile {
		_ = syscall.Munmap(m.Data)
	}
	m.Data = nil
}
