// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"fmt"
	"strconv"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Pos is a place in a linker script. Line and Col count from 1; Col counts
// bytes of the text that was parsed. Where the C preprocessor left line markers
// (`# 12 "hyp.lds.S" 2`), File and Line are those of the original source, so
// that an error names the line a person can edit.
type Pos struct {
	File string
	Line int
	Col  int
}

// IsValid reports whether p was set by the parser.
func (p Pos) IsValid() bool { return p.Line > 0 }

// String formats p as file:line:col.
func (p Pos) String() string {
	if !p.IsValid() {
		if p.File == "" {
			return "-"
		}
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

// Error is a refused construct or a failed evaluation. What says what is wrong,
// Do says how to get rid of it (it may be empty where What leaves no choice).
type Error struct {
	Code errcode.Code
	Pos  Pos
	What string
	Do   string
}

// Error formats e as "file:line:col: what; what to do".
func (e *Error) Error() string {
	if e.Do == "" {
		return e.Pos.String() + ": " + e.What
	}
	return e.Pos.String() + ": " + e.What + "; " + e.Do
}

// ErrorCode returns the kind of the error.
func (e *Error) ErrorCode() errcode.Code { return e.Code }

// errorAt makes an *Error; what is a format for args.
func errorAt(code errcode.Code, pos Pos, do, what string, args ...any) *Error {
	return &Error{Code: code, Pos: pos, What: fmt.Sprintf(what, args...), Do: do}
}
