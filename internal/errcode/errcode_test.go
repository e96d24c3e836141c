// SPDX-License-Identifier: Apache-2.0

package errcode

import (
	"errors"
	"fmt"
	"io"
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
