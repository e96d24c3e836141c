// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"bytes"
	"os"
	"slices"
	"syscall"
)

// wordSearch searches files for words. A compile reads hundreds of headers, so that it has one buffer for all, and makes no more system calls for a file
// than it must: os.ReadFile makes twice as many.
type wordSearch struct {
	words [][]byte
	// lower makes the case of the text not matter; the words are in lower case.
	lower bool

	buffer []byte
}

// inAny reports whether any of the files has any of the words.
func (s *wordSearch) inAny(files []string) (bool, error) {
	for _, name := range files {
		if found, err := s.in(name); err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// in reports whether a file has any of the words.
func (s *wordSearch) in(name string) (bool, error) {
	if err := s.read(name); err != nil {
		return false, &os.PathError{Op: "read", Path: name, Err: err}
	}
	if s.lower {
		for i, c := range s.buffer {
			if 'A' <= c && c <= 'Z' {
				s.buffer[i] = c + ('a' - 'A')
			}
		}
	}
	for _, w := range s.words {
		if bytes.Contains(s.buffer, w) {
			return true, nil
		}
	}
	return false, nil
}

// noFile are the errors for a name that is not a file's, such as a word in an option or that of a #line, and for a file that the compiler, as the same
// user, cannot have read.
var noFile = []error{syscall.ENOENT, syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.ELOOP, syscall.EACCES}

// read reads a file into the buffer. A name without a regular file has no text: nothing waits for a FIFO, or opens a device.
func (s *wordSearch) read(name string) error {
	s.buffer = s.buffer[:0]
	var info syscall.Stat_t
	if err := syscall.Stat(name, &info); slices.Contains(noFile, err) {
		return nil
	} else if err != nil || info.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return err
	}
	fd, err := retry(func() (int, error) { return syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0) })
	if slices.Contains(noFile, err) {
		return nil
	} else if err != nil {
		return err
	}
	defer syscall.Close(fd)
	s.buffer = slices.Grow(s.buffer, int(info.Size))
	for {
		if len(s.buffer) == cap(s.buffer) {
			s.buffer = slices.Grow(s.buffer, 1)
		}
		n, err := retry(func() (int, error) { return syscall.Read(fd, s.buffer[len(s.buffer):cap(s.buffer)]) })
		if err != nil {
			return err
		}
		s.buffer = s.buffer[:len(s.buffer)+n]
		// The whole file is read with one system call, not two.
		if n == 0 || int64(len(s.buffer)) == info.Size {
			return nil
		}
	}
}

// retry repeats a system call that a signal interrupts.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != syscall.EINTR {
			return n, err
		}
	}
}
