// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// ReadFile reads an object from a file. The object refers to the returned
// mapping and must not be used after that is closed.
func ReadFile(path string) (*Object, *fileio.Mapping, error) {
	m, err := fileio.Map(path)
	if err != nil {
		return nil, nil, err
	}
	o, err := Parse(path, m.Data)
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	o.Sources = []*fileio.Mapping{m}
	return o, m, nil
}

// Guard calls f. If a mapped file was truncated, reading beyond its end is a
// fault, which would crash the process; Guard turns it into an error about name.
// This covers the calling goroutine and those that package parallel starts.
func Guard(name string, f func() error) (err error) {
	if parallel.Fault(func() { err = f() }) != nil {
		err = &Error{Code: errcode.FileChanged, File: name, Offset: -1, What: "an input changed while it was read", Advice: "build again"}
	}
	return err
}
