// SPDX-License-Identifier: Apache-2.0

package fileio

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Output is a file to be written. How depends on what the path is:
//
//   - A regular file is replaced atomically. It keeps its permissions and, if
//     the system permits it, its owner.
//   - A symbolic link stays; its target is replaced or created.
//   - A device, a FIFO or an open descriptor (/dev/stdout, /dev/fd/3) is written
//     to, after all contents have been generated.
//   - A directory is an error.
type Output struct {
	Path string
}

// Write writes an output.
func Write(path string, write func(*os.File) error) error { return Output{Path: path}.Write(write) }

// WriteBytes writes the contents of an output.
func WriteBytes(path string, contents []byte) error {
	return Write(path, func(f *os.File) error {
		_, err := f.Write(contents)
		return err
	})
}

// Write calls write, which may write the contents in any order. System errors
// are returned as an [Error] with the path, other errors of write unchanged.
// Errors and fatal signals leave no partial output or temporary file.
func (o Output) Write(write func(*os.File) error) error {
	if fd, ok := descriptor(o.Path); ok {
		return o.wrapError(stream(write, func() (*os.File, error) { return duplicate(fd, o.Path) }))
	}
	path, st, err := target(o.Path)
	switch {
	case err != nil:
		return o.wrapError(err)
	case st != nil && st.IsDir():
		return newError(errcode.FileKind, o.Path, "cannot be written: is a directory", "give the path of a file")
	case st != nil && !st.Mode().IsRegular():
		return o.wrapError(stream(write, func() (*os.File, error) { return os.OpenFile(path, os.O_WRONLY, 0) }))
	}
	return o.wrapError(o.replace(path, st, write))
}

// wrapError turns a system error into an Error.
func (o Output) wrapError(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err
	}
	return newError(errcode.FileNotWritten, o.Path, "cannot be written: "+cause(err), "check that the directory exists, is writable and has room")
}

// descriptor returns the descriptor that a path refers to. The open file must
// not be replaced, whatever it is.
func descriptor(path string) (fd int, ok bool) {
	switch path {
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if number, found := strings.CutPrefix(path, dir); found {
			n, err := strconv.Atoi(number)
			return n, err == nil && n >= 0
		}
	}
	return 0, false
}

// duplicate duplicates a descriptor.
func duplicate(fd int, path string) (*os.File, error) {
	n, err := syscall.Dup(fd)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(n), path), nil
}

// Same reports whether two paths of outputs are one regular file, which need not
// exist yet.
func Same(a, b string) bool {
	pathA, stA, errA := target(a)
	pathB, stB, errB := target(b)
	switch {
	case errA != nil || errB != nil:
		return false // writing reports it
	case stA != nil && stB != nil:
		return os.SameFile(stA, stB) && stA.Mode().IsRegular()
	case stA != nil || stB != nil || filepath.Base(pathA) != filepath.Base(pathB):
		return false
	}
	dirA, errA := os.Stat(filepath.Dir(pathA))
	dirB, errB := os.Stat(filepath.Dir(pathB))
	return errA == nil && errB == nil && os.SameFile(dirA, dirB)
}

// maxLinks is the maximum number of symbolic links to follow, as in Linux.
const maxLinks = 40

// target follows symbolic links, even to a file that does not exist. Then st is
// nil.
func target(path string) (resolved string, st fs.FileInfo, err error) {
	for range maxLinks {
		st, err = os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return path, nil, nil
		case err != nil:
			return path, nil, err
		case st.Mode()&fs.ModeSymlink == 0:
			return path, st, nil
		}
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil, err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path, nil, syscall.ELOOP
}

// stream writes to a file that cannot be replaced and may not be seekable. The
// contents are written to a scratch file first.
func stream(write func(*os.File) error, open func() (*os.File, error)) error {
	temp, err := scratch()
	if err != nil {
		return err
	}
	defer temp.Close()
	if err := write(temp); err != nil {
		return err
	}
	out, err := open()
	if err != nil {
		return err
	}
	err = copyFile(out, temp)
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}

// replace creates a file, or replaces the one that st describes.
func (o Output) replace(path string, st fs.FileInfo, write func(*os.File) error) error {
	dir := filepath.Dir(path)
	f, err := unnamed(dir)
	if err == nil {
		defer f.Close()
		if err := o.fill(f, st, write); err != nil {
			return err
		}
		err = install(f, path, st)
		if !errors.Is(err, errNoUnnamed) {
			return err
		}
		return o.replaceNamed(path, st, func(named *os.File) error { return copyFile(named, f) })
	}
	if !errors.Is(err, errNoUnnamed) {
		return err
	}
	return o.replaceNamed(path, st, write)
}

// replaceNamed is replace for file systems without unnamed files. The temporary
// file is removed on a signal.
func (o Output) replaceNamed(path string, st fs.FileInfo, write func(*os.File) error) error {
	name, f, err := named(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer removeOnSignal(name)()
	err = o.fill(f, st, write)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = exchange(name, path, st != nil)
	}
	if err != nil {
		os.Remove(name)
	}
	return err
}

// fill writes a temporary file and sets its permissions and owner.
func (o Output) fill(f *os.File, st fs.FileInfo, write func(*os.File) error) error {
	if err := write(f); err != nil {
		return err
	}
	return o.permissions(f, st)
}

// copyFile copies the contents of a file.
func copyFile(to, from *os.File) error {
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(to, from)
	return err
}

// permissions sets the permissions and the owner of a new file to those of the
// file that it replaces. If the system does not permit a change of owner, the new
// file belongs to the current user.
func (o Output) permissions(f *os.File, st fs.FileInfo) error {
	if st != nil {
		if old, ok := st.Sys().(*syscall.Stat_t); ok && (int(old.Uid) != os.Geteuid() || int(old.Gid) != os.Getegid()) {
			_ = f.Chown(int(old.Uid), int(old.Gid))
		}
	}
	if st != nil {
		return f.Chmod(st.Mode().Perm())
	}
	return nil
}

// newFile is the permissions of a new file before the umask.
const newFile = 0o666

// named creates a temporary file in a directory.
func named(dir string) (name string, f *os.File, err error) {
	// A file with this process's ID may exist if a process in another PID
	// namespace or on another machine uses the directory, or one was killed.
	for n := os.Getpid(); ; n++ {
		name = temporary(dir, n)
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, newFile)
		if !errors.Is(err, fs.ErrExist) {
			return name, f, err
		}
	}
}

// temporary returns the name of a temporary file. It does not contain the name of
// the output, which may have the maximum length.
func temporary(dir string, n int) string { return filepath.Join(dir, ".tmp-"+strconv.Itoa(n)) }
