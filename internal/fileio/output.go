package fileio

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Write makes a file by way of a temporary one in the same directory: path gets
// all that write wrote, or stays as it was. System errors become an [Error]
// about path; an error of another kind, which write has a message for, is
// returned as it is.
func Write(path string, write func(*os.File) error) error {
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return failed(path, "cannot be written: is a directory", "give the path of a file")
	}
	f, err := createTemp(path)
	if err != nil {
		return writeError(path, err)
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = syscall.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return writeError(path, err)
	}
	return nil
}

// writeError makes an error of the system one about the file that is written.
func writeError(path string, err error) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err
	}
	return failed(path, "cannot be written: "+cause(err), "check that the directory exists, is writable and has room")
}

// createTemp creates a file for what becomes path, beside it. Unlike
// os.CreateTemp it gives it the permissions of any new file, as the umask has
// them.
func createTemp(path string) (*os.File, error) {
	prefix := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".")
	// The process's number is free unless another machine or container writes
	// to the directory, or a process was killed there.
	for n := os.Getpid(); ; n++ {
		name := prefix + strconv.Itoa(n)
		fd, err := syscall.Open(name, syscall.O_RDWR|syscall.O_CREAT|syscall.O_EXCL|syscall.O_CLOEXEC, 0o666)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), name), nil
		case syscall.EEXIST, syscall.EINTR:
		default:
			return nil, err
		}
	}
}
