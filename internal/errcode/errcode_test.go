// SPDX-License-Identifier: Apache-2.0

package errcode

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"testing"
)

type foreign struct{ error }

func (foreign) ErrorCode() Code { return "E9999" }

func TestOf(t *testing.T) {
	const c = Code("E1003")
	err := c.Errorf("a.o: %w", io.ErrUnexpectedEOF)
	for _, test := range []struct {
		err  error
		want Code
		text string
	}{
		{err, c, "a.o: unexpected EOF [E1003]"},
		{fmt.Errorf("lib.a: %w", err), c, "lib.a: a.o: unexpected EOF [E1003]"},
		{Code("E2000").Errorf("first: %w", err), "E2000", "first: a.o: unexpected EOF [E2000]"},
		{errors.Join(io.EOF, err), c, "EOF\na.o: unexpected EOF [E1003]"},
		{foreign{io.EOF}, "E9999", "EOF [E9999]"},
		{io.EOF, "", "EOF"},
		{&fs.PathError{Op: "open", Path: "a", Err: fs.ErrNotExist}, FileNotOpened, "open a: file does not exist [E5102]"},
		{fmt.Errorf("b: %w", &fs.PathError{Op: "read", Path: "a", Err: fs.ErrInvalid}), FileNotRead, "b: read a: invalid argument [E5103]"},
		{&fs.PathError{Op: "mkdir", Path: "a", Err: fs.ErrExist}, FileNotWritten, "mkdir a: file already exists [E5105]"},
		{&os.LinkError{Op: "rename", Old: "a", New: "b", Err: fs.ErrExist}, FileNotWritten, "rename a b: file already exists [E5105]"},
		{c.Errorf("%w", &fs.PathError{Op: "open", Path: "a", Err: fs.ErrNotExist}), c, "open a: file does not exist [E1003]"},
	} {
		if got := Of(test.err); got != test.want {
			t.Errorf("code of %q is %q, want %q", test.err, got, test.want)
		}
		if got := Text(test.err); got != test.text {
			t.Errorf("got %q, want %q", got, test.text)
		}
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the wrapped error is lost")
	}
}

func TestLines(t *testing.T) {
	const c = Code("E1003")
	a, b := c.Errorf("a"), errors.New("b")
	for _, test := range []struct {
		err  error
		want []string
	}{
		{a, []string{"a [E1003]"}},
		{b, []string{"b"}},
		{errors.Join(b, errors.Join(a, b), a), []string{"b", "a [E1003]", "b", "a [E1003]"}},
		{fmt.Errorf("%w and %w", b, a), []string{"b and a [E1003]"}},
		{fmt.Errorf("x: %w", errors.Join(a, b)), []string{"x: a\nb [E1003]"}},
	} {
		if got := Lines(test.err); !slices.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.err, got, test.want)
		}
	}
}
