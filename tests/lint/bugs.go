// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// bugsPage has the table of bugs, after the heading.
const (
	bugsPage    = "docs/linker.md"
	bugsHeading = "## Bugs of other tools\n"
)

// bugRow is a line of the table: what the bug is, and the package and the name of
// its test.
var bugRow = regexp.MustCompile("(?m)^\\| (.+) \\| .+ \\| `([a-z]+): ([^`]+)` \\|$")

func isBugsOrTest(name string) bool {
	return name == bugsPage || strings.HasPrefix(name, "internal/") &&
		(strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/testdata/"))
}

// Bugs finds bugs of docs/linker.md without the test that the document names: a
// function, a case of one (Function/name_of_the_case), or a golden file, whose
// name may be cut by "…".
func Bugs(files []File) []Fault {
	var text string
	for _, f := range files {
		if f.Path == bugsPage {
			_, text, _ = strings.Cut(string(f.Text), bugsHeading)
		}
	}
	rows := bugRow.FindAllStringSubmatch(text, -1)
	// The heading of the table is a row without a test.
	if lines := strings.Count(text, "\n| "); lines != len(rows)+1 {
		return []Fault{{bugsPage, 0, fmt.Sprintf("%d rows, %d of which name a test; all but the heading must, in the form `package: Test`",
			lines, len(rows))}}
	}
	var faults []Fault
	for _, r := range rows {
		if bug, dir, test := r[1], "internal/"+r[2], r[3]; !hasTest(files, dir, test) {
			faults = append(faults, Fault{bugsPage, 0, fmt.Sprintf("%s: %s is not in %s", bug, test, dir)})
		}
	}
	return faults
}

// hasTest tells whether the package in dir has the test.
func hasTest(files []File, dir, name string) bool {
	function, subtest, _ := strings.Cut(name, "/")
	for _, f := range files {
		switch path.Dir(f.Path) {
		case dir:
			if strings.HasPrefix(name, "Test") && bytes.Contains(f.Text, []byte("func "+function+"(")) &&
				bytes.Contains(f.Text, []byte(`"`+strings.ReplaceAll(subtest, "_", " "))) {
				return true
			}
		case dir + "/testdata":
			golden := strings.TrimSuffix(path.Base(f.Path), ".txt")
			if prefix, cut := strings.CutSuffix(name, "…"); golden == name || cut && strings.HasPrefix(golden, prefix) {
				return true
			}
		}
	}
	return false
}
