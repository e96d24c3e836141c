// SPDX-License-Identifier: Apache-2.0

package execlog

import (
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Error is an error in a log. It prints as one line: "file: +0xOFF: what; what to
// do".
type Error struct {
	Code   errcode.Code
	File   string
	Offset int64 // in bytes, in a compact log of the unpacked contents; or negative
	What   string
	Advice string // may be empty
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File + ": ")
	if e.Offset >= 0 {
		fmt.Fprintf(&b, "+%#x: ", e.Offset)
	}
	b.WriteString(e.What)
	if e.Advice != "" {
		b.WriteString("; " + e.Advice)
	}
	return b.String()
}

// ErrorCode returns the kind of the error.
func (e *Error) ErrorCode() errcode.Code { return e.Code }

// Advice of errors.
const (
	adviceForeign = "name a file that --execution_log_json_file, --execution_log_binary_file or --execution_log_compact_file of Bazel wrote"
	adviceCut     = "Bazel was ended before it had written all of it, or the copy is not complete; build again"
	adviceVersion = "known are the logs of " + Known
	adviceDamaged = "the file is damaged, or no log of " + Known
	adviceLarge   = "write a compact log, which names each input once; or build less at a time"
)

// problem is an error without its place.
type problem struct {
	code         errcode.Code
	what, advice string
}

func (p *problem) Error() string { return p.what }

func (p *problem) ErrorCode() errcode.Code { return p.code }

func damaged(format string, args ...any) error {
	return &problem{errcode.LogDamaged, fmt.Sprintf(format, args...), adviceDamaged}
}

// at makes an Error of a problem.
func at(name string, offset int64, err error) error {
	if p, ok := err.(*problem); ok {
		return &Error{p.code, name, offset, p.what, p.advice}
	}
	return err
}
