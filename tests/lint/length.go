// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"fmt"
	"path"
)

// A file should be short enough to read in one sitting.
const (
	goLines       = 499
	starlarkLines = 299
	shellLines    = 299
)

// Length finds files with too many lines.
func Length(files []File) []Fault {
	var faults []Fault
	for _, file := range files {
		var limit int
		switch {
		case path.Ext(file.Path) == ".go":
			limit = goLines
		case path.Ext(file.Path) == ".bzl":
			limit = starlarkLines
		case isShell(file):
			limit = shellLines
		default:
			continue
		}
		if lines := bytes.Count(file.Text, []byte("\n")); lines > limit {
			faults = append(faults, Fault{file.Path, 0, fmt.Sprintf("%d lines, at most %d; split it by concern", lines, limit)})
		}
	}
	return faults
}
