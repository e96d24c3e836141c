// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"path"
	"regexp"
	"strings"
)

var link = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)

// Links finds links of Markdown pages to files that do not exist.
func Links(files []File) []Fault {
	tree := treeOf(files)
	var faults []Fault
	for _, file := range Select(files, isMarkdown) {
		for number, line := range strings.Split(string(file.Text), "\n") {
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				target := path.Join(path.Dir(file.Path), match[1])
				if !strings.Contains(match[1], "://") && !tree[target] {
					faults = append(faults, Fault{file.Path, number + 1, "links to " + target + ", which does not exist"})
				}
			}
		}
	}
	return faults
}

func isMarkdown(name string) bool { return path.Ext(name) == ".md" }

// treeOf returns the paths of all files and of the directories that they are in.
func treeOf(files []File) map[string]bool {
	tree := map[string]bool{}
	for _, file := range files {
		for p := file.Path; p != "." && !tree[p]; p = path.Dir(p) {
			tree[p] = true
		}
	}
	return tree
}
