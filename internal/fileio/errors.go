// Package fileio reads and writes the files that programs are given: inputs in
// mapped memory, text, and outputs that are replaced in one step.
package fileio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Error says what is wrong with a file, and what to do about it. It prints as
// one line: "path: what; what to do".
type Error struct {
	Path   string
	Offset int64  // bytes into the file; negative when there is no place in it
	What   string // what is wrong
	Advice string // what to do about it; may be empty
}

// Error formats e as one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	b.WriteString(": ")
	if e.Offset >= 0 {
		fmt.Fprintf(&b, "+%#x: ", e.Offset)
	}
	b.WriteString(e.What)
	if e.Advice != "" {
		b.WriteString("; ")
		b.WriteString(e.Advice)
	}
	return b.String()
}

// failed is an Error about the whole of a file.
func failed(path, what, advice string) *Error {
	return &Error{Path: path, Offset: -1, What: what, Advice: advice}
}

// cause is the reason of a file error without its operation and path, which the
// message names already.
func cause(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err.Error()
	}
	return err.Error()
}
