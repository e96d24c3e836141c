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
)

// Output is a file to be written. What is there already is respected:
//
//   - A regular file is replaced in one step: it has all that was written, or
//     what it had before. It keeps its permissions and, where the system lets it,
//     its owner.
//   - A symbolic link stays; what it leads to is replaced or made.
//   - A device, a FIFO or an open descriptor (/dev/stdout, /dev/fd/3) is written
//     to, once all is there to be written.
//   - A directory is an error.
type Output struct {
	Path string
	// Mode has the permissions that the file gets; 0 stands for those of the
	// file that is replaced, and for those that the umask gives a new one.
	Mode fs.FileMode
}

// Write writes an output with permissions that nobody asks for.
func Write(path string, write func(*os.File) error) error { return Output{Path: path}.Write(write) }

// WriteBytes writes an output that is in memory.
func WriteBytes(path string, contents []byte) error {
	return Write(path, func(f *os.File) error {
		_, err := f.Write(contents)
		return err
	})
}

// Write makes the file of what write writes, in any order. System errors become
// an [Error] about the path; an error of another kind, which write has a message
// for, is returned as it is. After an error, and after a signal that ends the
// process, nothing is left of what was written.
func (o Output) Write(write func(*os.File) error) error {
	if fd, ok := descriptor(o.Path); ok {
		return o.failed(stream(write, func() (*os.File, error) { return duplicate(fd, o.Path) }))
	}
	path, st, err := target(o.Path)
	switch {
	case err != nil:
		return o.failed(err)
	case st != nil && st.IsDir():
		return failed(o.Path, "cannot be written: is a directory", "give the path of a file")
	case st != nil && !st.Mode().IsRegular():
		return o.failed(stream(write, func() (*os.File, error) { return os.OpenFile(path, os.O_WRONLY, 0) }))
	}
	return o.failed(o.replace(path, st, write))
}

// failed makes an error of the system one about the output.
func (o Output) failed(err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err
	}
	return failed(o.Path, "cannot be written: "+cause(err), "check that the directory exists, is writable and has room")
}

// descriptor returns the number of the open file that a path stands for. The
// file itself may be anything, and must not be replaced under whoever opened it.
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

// duplicate opens a descriptor again, sharing its offset.
func duplicate(fd int, path string) (*os.File, error) {
	n, err := syscall.Dup(fd)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(n), path), nil
}

// maxLinks is how many symbolic links may follow each other, as for Linux.
const maxLinks = 40

// target follows symbolic links, also to a file that is not there yet. st is nil
// where there is none.
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

// stream writes to something that cannot be replaced, and may not be written in
// any order: all is written to a file without a name first.
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

// replace puts a new file in the place of what st describes, or where nothing is.
func (o Output) replace(path string, st fs.FileInfo, write func(*os.File) error) error {
	dir := filepath.Dir(path)
	f, err := unnamed(dir)
	if err == nil {
		defer f.Close()
		if err := o.fill(f, st, write); err != nil {
			return err
		}
		err = install(f, path, st != nil)
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

// replaceNamed does what replace does where a file needs a name to be there: a
// signal has to remove it.
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

// fill writes a temporary file, and gives it the permissions and the owner of
// what it replaces.
func (o Output) fill(f *os.File, st fs.FileInfo, write func(*os.File) error) error {
	if err := write(f); err != nil {
		return err
	}
	return o.permissions(f, st)
}

// copyFile copies all of a file into an empty one.
func copyFile(to, from *os.File) error {
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(to, from)
	return err
}

// permissions makes a new file look like the one that it replaces. Only the owner
// of a file may give it away, and not everybody may do even that: then the new
// file belongs to whoever wrote it, as with any other program.
func (o Output) permissions(f *os.File, st fs.FileInfo) error {
	if st != nil {
		if old, ok := st.Sys().(*syscall.Stat_t); ok && (int(old.Uid) != os.Geteuid() || int(old.Gid) != os.Getegid()) {
			_ = f.Chown(int(old.Uid), int(old.Gid))
		}
	}
	switch {
	case o.Mode != 0:
		return f.Chmod(o.Mode.Perm())
	case st != nil:
		return f.Chmod(st.Mode().Perm())
	}
	return nil
}

// newFile has the permissions of a new file, which the umask takes from.
const newFile = 0o666

// named creates a temporary file in a directory.
func named(dir string) (name string, f *os.File, err error) {
	// The process's number is free unless another machine or container writes to
	// the directory, or a process was killed there.
	for n := os.Getpid(); ; n++ {
		name = temporary(dir, n)
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, newFile)
		if !errors.Is(err, fs.ErrExist) {
			return name, f, err
		}
	}
}

// temporary is the name of a temporary file in a directory. It is short whatever
// that of the output is, which may be as long as the file system has it.
func temporary(dir string, n int) string { return filepath.Join(dir, ".tmp-"+strconv.Itoa(n)) }
