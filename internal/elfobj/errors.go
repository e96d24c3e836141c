// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Error is an error in an object. It prints as one line: "file: section+0xOFF:
// what; what to do".
type Error struct {
	Code    errcode.Code
	File    string // the object, or archive(member)
	Section string // may be empty
	Offset  int64  // in bytes, from the start of Section or, without a Section, of File; or negative
	What    string // what is wrong
	Advice  string // what to do about it; may be empty
}

// Error formats e as one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		b.WriteString(": ")
	}
	switch {
	case e.Section != "" && e.Offset >= 0:
		fmt.Fprintf(&b, "%s+%#x: ", e.Section, e.Offset)
	case e.Section != "":
		fmt.Fprintf(&b, "%s: ", e.Section)
	case e.Offset >= 0:
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

// errorf returns an Error at an offset in a file, or without one if negative.
func errorf(code errcode.Code, file string, offset int64, advice, format string, args ...any) *Error {
	return &Error{Code: code, File: file, Offset: offset, What: fmt.Sprintf(format, args...), Advice: advice}
}
