// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// checkPage returns an error if a page would replace one of the command's inputs.
func checkPage(page string, inputs ...string) error {
	for _, in := range inputs {
		if page != "" && in != "" && fileio.Same(page, in) {
			return usagef(errcode.OutputIsInput, "--html=%s would replace the input %s; give the page a file of its own", page, in)
		}
	}
	return nil
}

// writePage writes a page.
func writePage(page string, write func(io.Writer) error) error {
	return fileio.Write(page, func(f *os.File) error { return write(f) })
}
