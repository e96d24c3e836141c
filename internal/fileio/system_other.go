//go:build !linux

package fileio

import (
	"errors"
	"os"
)

// errNoUnnamed says that the system has no unnamed files that can get a name.
var errNoUnnamed = errors.New("no unnamed files")

func unnamed(string) (*os.File, error) { return nil, errNoUnnamed }

func install(*os.File, string, bool) error { return errNoUnnamed }

// scratch creates a file that is gone when it is closed.
func scratch() (*os.File, error) {
	name, f, err := named(os.TempDir())
	if err == nil {
		err = os.Remove(name)
	}
	return f, err
}

// exchange moves a file to where another one is, or nothing.
func exchange(from, to string, _ bool) error { return os.Rename(from, to) }

// populate has the pages of a mapping made at once, which only Linux can.
const populate = 0
