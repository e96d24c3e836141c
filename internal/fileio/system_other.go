// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package fileio

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// errNoUnnamed means that unnamed files are not supported.
var errNoUnnamed = errors.New("no unnamed files")

func unnamed(string) (*os.File, error) { return nil, errNoUnnamed }

func install(*os.File, string, fs.FileInfo) error { return errNoUnnamed }

// scratch creates a file that is deleted when it is closed.
func scratch() (*os.File, error) {
	name, f, err := named(os.TempDir())
	if err == nil {
		err = os.Remove(name)
	}
	return f, err
}

// exchange renames a file, which may replace another one.
func exchange(from, to string, _ bool) error { return os.Rename(from, to) }

// Populate reads mapped memory ahead of its first access, in Linux only.
func Populate([]byte) {}

// modified is when a file was written to last.
func modified(st *syscall.Stat_t) syscall.Timespec { return st.Mtimespec }
