package fileio

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// errNoUnnamed says that files without a name are not to be had, or cannot get
// one.
var errNoUnnamed = errors.New("no unnamed files")

// unnamed creates a file in a directory that has no name until [install] gives it
// one (O_TMPFILE): whatever happens, nothing of it is left.
func unnamed(dir string) (*os.File, error) {
	for {
		fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, newFile)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), dir), nil
		case unix.EINTR:
		case unix.EOPNOTSUPP, unix.EISDIR, unix.EINVAL: // by file system and kernel (open(2))
			return nil, errNoUnnamed
		default:
			return nil, err
		}
	}
}

// scratch creates a file that is gone when it is closed.
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

// install gives an unnamed file its path, in the place of an existing file or
// not.
func install(f *os.File, path string, exists bool) error {
	if !exists {
		// If somebody made it meanwhile, replace it.
		if err := link(f, path); err != unix.EEXIST {
			return err
		}
	}
	for n := os.Getpid(); ; n++ {
		name := temporary(filepath.Dir(path), n)
		stop := removeOnSignal(name)
		err := link(f, name)
		if err == nil {
			if err = exchange(name, path, true); err != nil {
				os.Remove(name)
			}
		}
		stop()
		if err != unix.EEXIST {
			return err
		}
	}
}

// link gives an unnamed file a name. Older kernels let only root do that by the
// descriptor alone, and everybody by way of /proc, which may not be mounted.
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

// exchange moves a file to where another one is, or nothing. The two exchange
// their names, and then the old one is removed: when a file is renamed over
// another, ext4 writes its contents to the disk first.
func exchange(from, to string, exists bool) error {
	if exists {
		err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_EXCHANGE)
		if err == nil {
			return unix.Unlink(from)
		}
		// The file system cannot, or the other file was removed meanwhile.
		if err != unix.EINVAL && err != unix.ENOSYS && err != unix.ENOENT {
			return err
		}
	}
	return unix.Rename(from, to)
}

// populate has the pages of a mapping made at once.
const populate = unix.MAP_POPULATE
