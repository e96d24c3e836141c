// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"path"
)

// Shape finds binaries and stray white space in text files. That scripts, and
// only they, are executable is checked by .ci/run: Bazel does not keep the modes of
// inputs.
func Shape(files []File) []Fault {
	var faults []Fault
	for _, file := range Select(files, isText) {
		fault := func(line int, what string) { faults = append(faults, Fault{file.Path, line, what}) }
		if len(file.Text) == 0 {
			continue
		}
		if bytes.IndexByte(file.Text, 0) >= 0 {
			fault(0, "is binary; remove it, or move it below a directory testdata")
			continue
		}
		if bytes.ContainsRune(file.Text, '\r') {
			fault(0, "has a carriage return")
		}
		if !bytes.HasSuffix(file.Text, []byte("\n")) || bytes.HasSuffix(file.Text, []byte("\n\n")) {
			fault(0, "does not end with exactly one newline")
		}
		if path.Ext(file.Path) == ".go" {
			continue // gofumpt sees to them, and leaves those of string literals
		}
		for number, line := range bytes.Split(file.Text, []byte("\n")) {
			if len(line) != len(bytes.TrimRight(line, " \t")) {
				fault(number+1, "blanks at the end of the line")
			}
		}
	}
	return faults
}
