// SPDX-License-Identifier: Apache-2.0

package fileio

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// errNoUnnamed means that unnamed files are not supported, or cannot be linked.
var errNoUnnamed = errors.New("no unnamed files")

// unnamed creates a file without a name (O_TMPFILE), which disappears unless
// [install] gives it one.
func unnamed(dir string) (*os.File, error) {
	for {
		fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, newFile)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), dir), nil
		case unix.EINTR:
		case unix.EOPNOTSUPP, unix.EISDIR, unix.EINVAL: // depends on file system and kernel (open(2))
			return nil, errNoUnnamed
		default:
			return nil, err
		}
	}
}

// scratch creates a file that is deleted when it is closed.
func scratch() (*os.File, error) {
	if f, err := unnamed(os.TempDir()); err == nil {
		return f, nil
	}
	fd, err := unix.MemfdCreate("output", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "output"), nil
}

// install links an unnamed file to its path. st is the file that it replaces, or
// nil.
func install(f *os.File, path string, st fs.FileInfo) error {
	if st == nil {
		// If the file was created meanwhile, replace it.
		if err := link(f, path); err != unix.EEXIST {
			return err
		}
	}
	for n := os.Getpid(); ; n++ {
		name := temporary(filepath.Dir(path), n)
		guard := uninterrupted
		if st != nil && st.Size() > slowToRemove {
			guard = removedOnSignal
		}
		err := guard(name, func() error {
			err := link(f, name)
			if err == nil {
				if err = exchange(name, path, true); err != nil {
					os.Remove(name)
				}
			}
			return err
		})
		if err != unix.EEXIST {
			return err
		}
	}
}

// slowToRemove is the size in bytes above which a file may take longer to remove
// than a person would wait for a signal to work: about 10 ms.
const slowToRemove = 64 << 20

// removedOnSignal calls f. If a signal terminates the process meanwhile, the file
// is removed.
func removedOnSignal(name string, f func() error) error {
	defer removeOnSignal(name)()
	return f()
}

// link gives an unnamed file a name. AT_EMPTY_PATH needs a privilege in older
// kernels; /proc works for all users, but may not be mounted.
func link(f *os.File, name string) error {
	err := unix.Linkat(int(f.Fd()), "", unix.AT_FDCWD, name, unix.AT_EMPTY_PATH)
	if err != unix.ENOENT && err != unix.EPERM {
		return err
	}
	err = unix.Linkat(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(int(f.Fd())), unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
	if err == unix.ENOENT || err == unix.EXDEV || err == unix.EPERM {
		return errNoUnnamed
	}
	return err
}

// exchange renames a file, which may replace another one. In that case it swaps
// the two and removes the old one, as ext4 flushes a file that is renamed over
// another to disk.
func exchange(from, to string, exists bool) error {
	if exists {
		err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_EXCHANGE)
		if err == nil {
			return unix.Unlink(from)
		}
		// Not supported by the file system, or the old file was removed meanwhile.
		if err != unix.EINVAL && err != unix.ENOSYS && err != unix.ENOENT {
			return err
		}
	}
	return unix.Rename(from, to)
}

// Populate reads mapped memory ahead of its first access: one call instead of many
// page faults. Linux before 5.14 cannot do that, which does no harm.
func Populate(b []byte) {
	start := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	page := start &^ uintptr(os.Getpagesize()-1)
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, page, start-page+uintptr(len(b)), unix.MADV_POPULATE_READ)
}

// modified is when a file was written to last.
func modified(st *syscall.Stat_t) syscall.Timespec { return st.Mtim }
