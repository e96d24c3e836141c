// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "want VERSION/NAME and REFERENCE.tar"},
		{[]string{"-tags=a", "6.1/a", "b"}, 2, "flag provided but not defined"},
		{[]string{"-h"}, 0, "-platform label"},
		{[]string{"6.1/a", "/nonexistent/a.tar"}, 1, "/nonexistent/a.tar: no such file"},
		{[]string{"-islands=6.1"}, 2, "want VERSION/NAME and REFERENCE.tar"},
		{[]string{"-islands=6.1", "/nonexistent/a.tar"}, 1, "/nonexistent/a.tar: no such file"},
	} {
		var errs bytes.Buffer
		if code := run(test.args, &errs); code != test.code || !strings.Contains(errs.String(), test.want) {
			t.Errorf("%q: got %d, %s, want %d, %q", test.args, code, errs.String(), test.code, test.want)
		}
	}
}
