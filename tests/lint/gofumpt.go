// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"regexp"
	"strings"

	"mvdan.cc/gofumpt/format"
)

// goDirective is the language version in go.mod, which some of gofumpt's rules need.
var goDirective = regexp.MustCompile(`(?m)^go (\S+)$`)

// Gofumpt finds Go files that gofumpt would change.
func Gofumpt(files []File) []Fault {
	options := format.Options{ModulePath: strings.TrimSuffix(module, "/")}
	for _, file := range files {
		if match := goDirective.FindSubmatch(file.Text); file.Path == "go.mod" && match != nil {
			options.LangVersion = "go" + string(match[1])
		}
	}
	var faults []Fault
	for _, file := range Select(files, isGo) {
		formatted, err := format.Source(file.Text, options)
		if err != nil {
			faults = append(faults, Fault{file.Path, 0, err.Error()})
		} else if !bytes.Equal(formatted, file.Text) {
			faults = append(faults, Fault{file.Path, 0, "not formatted; run go tool gofumpt -w on it"})
		}
	}
	return faults
}
