// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"go/format"
)

// Gofmt finds Go files that gofmt would change.
func Gofmt(files []File) []Fault {
	var faults []Fault
	for _, file := range Select(files, isGo) {
		formatted, err := format.Source(file.Text)
		if err != nil {
			faults = append(faults, Fault{file.Path, 0, err.Error()})
		} else if !bytes.Equal(formatted, file.Text) {
			faults = append(faults, Fault{file.Path, 0, "not formatted; run gofmt -w on it"})
		}
	}
	return faults
}
