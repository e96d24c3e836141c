// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// A phrase is one that this repository does not use, and what it uses instead.
type phrase struct {
	pattern string // of whole words, in lower case
	instead string
	example string // of a line that has it
	allowed string // a pattern that is no such phrase although it looks like one
	under   string // the directory that the rule is for; "" for all
}

var phrases = []phrase{
	{`st(?:and|ands|ood|anding) (?:in|at|there|here|before|beside|behind|on|next to)`, `"is in", "is at", "replaces"`, "What stands in the section", "", ""},
	{`held (?:to|by|against)`, `"checked against", "checked by"`, "is held to its section", `\*\*held by\*\*|"held by"`, ""},
	{`holds? (?:it|them|\S+(?: \S+){0,3}) to (?:it|them|what|the|that|its|their|a|an)\b`, `"checks it against"`, "A test holds it to them", "", ""},
	{`behind`, `"after"`, "the bytes behind the table", `(?:left|leave|leaves|leaving) behind|behind (?:a|the) (?:firewall|proxy)`, ""},
	{`in (?:the|its|their) stead`, `"instead of"`, "in the stead of the other", "", ""},
	{`folders?`, `"directory"`, "a folder with", "", ""},
	{`(?:is|are|was|were|be|been) gone`, `"discarded", "removed"`, "symbols that are gone", "", ""},
	{`other one`, `"another"`, "some other one", "the other one", ""},
	{`pieces?`, `"input section"`, "the piece's offset", "", "internal/"},
	{`mentions?`, `"reference"`, "of all mentions", "", "internal/"},
	{`by the square`, `"quadratic"`, "takes time by the square", "", ""},
	{`(?:refuses?|refused) by name`, `"rejected"`, "All else is refused by name", "", ""},
	{`dies? of`, `"crashes"`, "what the hypervisor dies of", "", ""},
	{`without a word`, `"silently"`, "lost without a word", "", ""},
	{`whoever`, `"if you", "a linker that"`, "Whoever merges it", "", ""},
	{`anew`, `"again", "rewrite"`, "writes it anew", "", ""},
	// bazel run points bazel-bin to the output of what it runs before that starts.
	{`run [/@]\S+ -- .*[ /]bazel-bin`, `"$(realpath bazel-bin/…)"`, "bazel run @x//:y -- layout $PWD/bazel-bin/z", `\(realpath bazel-bin`, ""},
	{`falls? together`, `"clash"`, "when two names fall together", "", ""},
}

// Prose finds phrases that are not those of the field in what people read: docs,
// comments, messages.
func Prose(files []File) []Fault {
	var faults []Fault
	for _, p := range phrases {
		pattern := regexp.MustCompile(`(?i)\b(?:` + p.pattern + `)\b`)
		var allowed *regexp.Regexp
		if p.allowed != "" {
			allowed = regexp.MustCompile(`(?i)` + p.allowed)
		}
		for _, file := range Select(files, isProse) {
			if !strings.HasPrefix(file.Path, p.under) {
				continue
			}
			for number, line := range strings.Split(string(file.Text), "\n") {
				if allowed != nil {
					line = allowed.ReplaceAllString(line, "")
				}
				if found := pattern.FindString(line); found != "" {
					faults = append(faults, Fault{file.Path, number + 1, fmt.Sprintf("%q; write %s", found, p.instead)})
				}
			}
		}
	}
	return faults
}

// isProse tells whether a file has text for people. This table and its test have
// to name what they look for.
func isProse(name string) bool {
	switch path.Ext(name) {
	case ".go", ".bzl", ".md", ".sh", ".bazel", ".bazelrc", ".c", ".h", ".S", ".cc", "":
		return isText(name) && name != "tests/lint/prose.go" && name != "tests/lint/prose_test.go"
	}
	return false
}
