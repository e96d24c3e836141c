// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// versionFile has the version that the others repeat.
const versionFile = "internal/version/version.go"

var versionNumber = regexp.MustCompile(`(?m)^const Number = "([^"]+)"$`)

// versions are the files that have to repeat it, because what reads them takes
// a literal only: the first group is the version.
var versions = map[string]*regexp.Regexp{
	"CHANGELOG.md":                   regexp.MustCompile(`(?m)\A(?:[^#]|#[^#])*^## (\S+)`),
	"MODULE.bazel":                   regexp.MustCompile(`(?m)^module\(\n    name = "rules_hyp",\n    version = "([^"]*)",$`),
	"tools/release/dist/BUILD.bazel": regexp.MustCompile(`(?m)^VERSION = "([^"]*)"$`),
}

// dependency is how a workspace, or a page that shows one, names rules_hyp.
var dependency = regexp.MustCompile(`bazel_dep\(name = "rules_hyp", version = "([^"]*)"`)

func isVersioned(name string) bool { return name == versionFile }

// Version finds versions of rules_hyp that are not that of internal/version.
func Version(files []File) []Fault {
	texts := map[string]string{}
	for _, file := range files {
		texts[file.Path] = string(file.Text)
	}
	match := versionNumber.FindStringSubmatch(texts[versionFile])
	if match == nil {
		return []Fault{{versionFile, 0, "has no line const Number = \"VERSION\"; restore it"}}
	}
	want := match[1]
	var faults []Fault
	for _, file := range files {
		expression, text := versions[file.Path], string(file.Text)
		if expression != nil && !expression.MatchString(text) {
			faults = append(faults, Fault{file.Path, 0, fmt.Sprintf("has no version; write %s, or adapt tests/lint/version.go", want)})
		}
		if path.Base(file.Path) == "MODULE.bazel" || isMarkdown(file.Path) {
			faults = append(faults, otherVersions(file.Path, text, dependency, want)...)
		}
		if expression != nil {
			faults = append(faults, otherVersions(file.Path, text, expression, want)...)
		}
	}
	return faults
}

// otherVersions finds where the first group of the expression is not the version.
func otherVersions(name, text string, expression *regexp.Regexp, want string) []Fault {
	var faults []Fault
	for _, at := range expression.FindAllStringSubmatchIndex(text, -1) {
		// The entry of a registry with a release's programs; see tools/release/publish.
		if got := text[at[2]:at[3]]; strings.TrimSuffix(got, ".prebuilt") != want {
			line := strings.Count(text[:at[2]], "\n") + 1
			faults = append(faults, Fault{name, line, fmt.Sprintf("version %s, want %s of %s", got, want, versionFile)})
		}
	}
	return faults
}
