// SPDX-License-Identifier: Apache-2.0

package errcode

import (
	"errors"
	"io/fs"
	"os"
)

// ofSystem returns the code of an error of package os, by the operation that
// failed, or "". These errors say what and where by themselves, so that they are
// not always wrapped.
func ofSystem(err error) Code {
	var link *os.LinkError
	if errors.As(err, &link) {
		return FileNotWritten
	}
	var path *fs.PathError
	if !errors.As(err, &path) {
		return ""
	}
	switch path.Op {
	case "open", "stat", "lstat", "fstatat", "readlink", "openat":
		return FileNotOpened
	case "read", "readdirent", "readdir", "readdirnames", "seek", "fdopendir":
		return FileNotRead
	}
	return FileNotWritten
}
