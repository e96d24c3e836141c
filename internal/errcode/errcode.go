// SPDX-License-Identifier: Apache-2.0

// Package errcode gives errors stable identifiers, which programs print at the
// end of a message, in brackets: "a.o: truncated; copy it again [E1003]". A user
// finds cause and cure of each in docs/errors, by its identifier.
package errcode

import (
	"errors"
	"fmt"
	"strings"
)

// A Code identifies a kind of error: E and four digits, of which the first is the
// area. Codes are never reused. The text of a message may change, its code may not.
type Code string

// coded is an error with a code of its own.
type coded struct {
	error
	code Code
}

func (e *coded) ErrorCode() Code { return e.code }

func (e *coded) Unwrap() error { return e.error }

// Errorf is [fmt.Errorf] for an error of kind c. The code is not part of its text.
func (c Code) Errorf(format string, args ...any) error {
	return &coded{fmt.Errorf(format, args...), c}
}

// Of returns the code of the first error in err's tree that has one, or else that
// of an error of package os about a file, or "".
func Of(err error) Code {
	var e interface {
		error
		ErrorCode() Code
	}
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ofSystem(err)
}

// Text returns err's message as programs print it: with its code, if it has one.
func Text(err error) string {
	if c := Of(err); c != "" {
		return fmt.Sprintf("%v [%s]", err, c)
	}
	return err.Error()
}

// Lines returns the message of each error that [errors.Join] put together, as
// [Text] has it: programs print each on a line of its own. Errors that
// [fmt.Errorf] wraps are parts of a line.
func Lines(err error) []string {
	var lines []string
	for _, e := range joined(err) {
		lines = append(lines, Text(e))
	}
	return lines
}

// joined returns the errors that errors.Join put together.
func joined(err error) []error {
	list, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	var text []string
	for _, e := range list.Unwrap() {
		all = append(all, joined(e)...)
		text = append(text, e.Error())
	}
	if err.Error() != strings.Join(text, "\n") {
		return []error{err}
	}
	return all
}
