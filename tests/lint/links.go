// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// indexPage is the page that leads to all others of docs/.
const indexPage = "README.md"

var (
	link    = regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]*))?\)`)
	heading = regexp.MustCompile(`^#{1,6} +(.*)$`)
	// shown is what a link in a heading shows.
	shown = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// Links finds links of Markdown pages to files and headings that do not exist, and
// pages of docs/ that README.md does not link to.
func Links(files []File) []Fault {
	tree := treeOf(files)
	pages := Select(files, isMarkdown)
	anchors := map[string][]string{}
	for _, file := range pages {
		anchors[file.Path] = headingsOf(file)
	}
	var faults []Fault
	linked := map[string]bool{}
	for _, file := range pages {
		for number, line := range proseLines(file) {
			for _, match := range link.FindAllStringSubmatch(line, -1) {
				target := path.Join(path.Dir(file.Path), match[1])
				if match[1] == "" {
					target = file.Path
				}
				switch {
				case strings.Contains(match[1], "://"):
				case !tree[target]:
					faults = append(faults, Fault{file.Path, number + 1, "links to " + target + ", which does not exist"})
				case match[2] != "" && isMarkdown(target) && !slices.Contains(anchors[target], match[2]):
					faults = append(faults, Fault{file.Path, number + 1, fmt.Sprintf("links to #%s, but %s has no such heading", match[2], target)})
				}
				if file.Path == indexPage {
					linked[target] = true
				}
			}
		}
	}
	for _, file := range pages {
		if path.Dir(file.Path) == "docs" && !linked[file.Path] {
			faults = append(faults, Fault{file.Path, 0, "is not linked from " + indexPage + "; add it to the list of pages"})
		}
	}
	return faults
}

// proseLines returns the lines of a page, with those of code blocks empty.
func proseLines(page File) []string {
	lines := strings.Split(string(page.Text), "\n")
	inCode := false
	for i, line := range lines {
		if fence := strings.HasPrefix(strings.TrimLeft(line, " "), "```"); fence || inCode {
			inCode = inCode != fence
			lines[i] = ""
		}
	}
	return lines
}

// headingsOf returns the anchors of a page's headings, as GitHub makes them.
func headingsOf(page File) []string {
	var anchors []string
	count := map[string]int{}
	for _, line := range proseLines(page) {
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, shown.ReplaceAllString(m[1], "$1"))
		if count[anchor]++; count[anchor] > 1 {
			anchor = fmt.Sprintf("%s-%d", anchor, count[anchor]-1)
		}
		anchors = append(anchors, anchor)
	}
	return anchors
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
