// SPDX-License-Identifier: Apache-2.0

package cmdline

import (
	"io"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// OutputLost says that standard output cannot be written: a report that is lost must
// not look like success.
//
// A program whose standard output is closed when it starts cannot tell. The runtime
// of Go opens /dev/null for reading and writing in its place, before any code of the
// program runs, and that is what programs get as well whose output nobody wants
// (Python's subprocess.DEVNULL).
func OutputLost(err error) error {
	return errcode.StdoutLost.Errorf("standard output cannot be written: %w; give it room, or another file", err)
}

// Report is standard output for reports: its errors are those of OutputLost.
func Report(w io.Writer) io.Writer { return reportWriter{w} }

type reportWriter struct{ w io.Writer }

func (r reportWriter) Write(b []byte) (int, error) {
	n, err := r.w.Write(b)
	if err != nil {
		err = OutputLost(err)
	}
	return n, err
}
