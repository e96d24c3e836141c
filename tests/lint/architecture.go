// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// architecturePage describes the layers, the passes of passesFile, and where things go.
const (
	architecturePage = "docs/architecture.md"
	passesFile       = "internal/link/link.go"
	passesHeading    = "## The passes of a link\n"
	layersHeading    = "## Layers\n"
	placesHeading    = "## Where does it go?\n"
)

var (
	quoted       = regexp.MustCompile("`([^`\\s]+)`")
	starlarkFile = regexp.MustCompile(`\b\w+\.bzl\b`)
	// passList is the list of passes in the function Link, passCall one of them.
	passList = regexp.MustCompile(`(?s)\[\]func\(\) error\{\n(.*?)\n\t\} \{`)
	passCall = regexp.MustCompile(`\bl\.(\w+)`)
	firstRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|")
)

// Architecture finds what docs/architecture.md says and the tree does not have:
// paths, packages, and passes of a link in their order; and packages of internal/
// that it leaves out.
func Architecture(files []File) []Fault {
	tree := treeOf(files)
	var page, passes string
	for _, file := range files {
		switch file.Path {
		case architecturePage:
			page = string(file.Text)
		case passesFile:
			passes = string(file.Text)
		}
	}
	var faults []Fault
	fault := func(line int, what string) { faults = append(faults, Fault{architecturePage, line, what}) }
	places := false
	for number, line := range strings.Split(page, "\n") {
		places = places || line+"\n" == placesHeading
		for _, match := range quoted.FindAllStringSubmatch(line, -1) {
			name := strings.TrimSuffix(strings.TrimPrefix(match[1], "//"), "/")
			if (places || strings.Contains(name, "/")) && !tree[name] && !tree["internal/"+name] {
				fault(number+1, name+" does not exist; name what does")
			}
		}
		for _, name := range starlarkFile.FindAllString(line, -1) {
			if !strings.Contains(line, "`") && !tree["rules/private/"+name] {
				fault(number+1, "rules/private/"+name+" does not exist; name what does")
			}
		}
		if cells := strings.Split(line, "|"); places && len(cells) == 4 && cells[1] != " what " && cells[1] != "---" && !quoted.MatchString(cells[2]) {
			fault(number+1, "no path for"+strings.TrimSuffix(cells[1], " ")+"; name one")
		}
	}
	layers := section(page, layersHeading)
	exist := packagesOf(files)
	for _, name := range exist {
		if !names(layers, name) {
			fault(0, "says nothing about internal/"+name+"; put it in its layer")
		}
	}
	for _, stack := range stacks {
		for _, layer := range stack {
			for _, name := range layer.packages {
				if names(layers, name) && !slices.Contains(exist, name) {
					fault(0, "has internal/"+name+" in a layer, which does not exist; take it out")
				}
			}
		}
	}
	described, made := firstGroups(firstRow, section(page, passesHeading)), passesOf(passes)
	if len(made) == 0 || !slices.Equal(described, made) {
		fault(0, "the passes of a link are "+strings.Join(described, ", ")+"; but those of "+passesFile+" are "+strings.Join(made, ", "))
	}
	return faults
}

// names tells whether a text has the name of a package as a word.
func names(text, name string) bool {
	return regexp.MustCompile(`(?m)(^|[^\w/])(internal/)?` + regexp.QuoteMeta(name) + `($|[^\w/])`).MatchString(text)
}

// packagesOf returns the packages of internal/, sorted and without internal/.
func packagesOf(files []File) []string {
	var packages []string
	for _, file := range Select(files, isGoCode) {
		name, ok := strings.CutPrefix(path.Dir(file.Path), "internal/")
		if ok && !strings.HasSuffix(file.Path, "_test.go") {
			packages = append(packages, name)
		}
	}
	slices.Sort(packages)
	return slices.Compact(packages)
}

// section returns the text of a page between a heading and the next.
func section(page, heading string) string {
	_, text, _ := strings.Cut(page, heading)
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// passesOf returns the names of the passes in the source text of Link.
func passesOf(text string) []string {
	list := passList.FindStringSubmatch(text)
	if list == nil {
		return nil
	}
	return firstGroups(passCall, list[1])
}

// firstGroups returns what the first group of the expression matches in the text, each time.
func firstGroups(expression *regexp.Regexp, text string) []string {
	var all []string
	for _, match := range expression.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}
