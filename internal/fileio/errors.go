// SPDX-License-Identifier: Apache-2.0

// Package fileio reads and writes files: mapped input files, text files, and
// output files that are replaced atomically.
package fileio

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Error is an error about a file. It prints as one line: "path: what; what to
// do".
type Error struct {
	Code   errcode.Code
	Path   string
	Offset int64  // in bytes, or negative
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

// ErrorCode returns the kind of the error.
func (e *Error) ErrorCode() errcode.Code { return e.Code }

// newError returns an Error without an offset.
func newError(code errcode.Code, path, what, advice string) *Error {
	return &Error{Code: code, Path: path, Offset: -1, What: what, Advice: advice}
}

// cause returns a file error without its operation and path, which are in the
// message already.
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
