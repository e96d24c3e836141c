// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// loadStatement is a load, and its loadedName names.
	loadStatement = regexp.MustCompile(`\bload\(([^)]*)\)`)
	loadedName    = regexp.MustCompile(`"([^"]*)"`)
	// ruleCall is a target of one of this repository's rules.
	ruleCall = regexp.MustCompile(`^(hyp_\w+|pkvm_\w+)\($`)
)

// Loads finds code blocks of Markdown pages that use a rule of this repository which no block of the page loads: a copy of them is an error.
func Loads(files []File) []Fault {
	var faults []Fault
	for _, page := range Select(files, isMarkdown) {
		loaded := map[string]bool{}
		for _, load := range loadStatement.FindAllStringSubmatch(string(page.Text), -1) {
			for _, name := range loadedName.FindAllStringSubmatch(load[1], -1) {
				loaded[name[1]] = true
			}
		}
		inBlock := false
		for i, line := range strings.Split(string(page.Text), "\n") {
			if strings.HasPrefix(line, "```") {
				inBlock = line == "```starlark"
			}
			if m := ruleCall.FindStringSubmatch(line); inBlock && m != nil && !loaded[m[1]] {
				faults = append(faults, Fault{page.Path, i + 1, fmt.Sprintf("uses %s, which no code block of the page loads", m[1])})
			}
		}
	}
	return faults
}
