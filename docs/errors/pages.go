// SPDX-License-Identifier: Apache-2.0

// Package errpages has the pages of this directory, so that each program can
// print the entry of an error.
package errpages

import (
	"embed"
	"regexp"
	"strings"
	"sync"
)

//go:embed *.md
var pages embed.FS

// link is compiled on demand: a program that prints no entry starts without it.
var link = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`) })

// Entry returns the entry of a code, such as E1003, as plain text that ends with
// a newline. A code that no page has is not ok.
func Entry(code string) (text string, ok bool) {
	files, _ := pages.ReadDir(".")
	for _, file := range files {
		page, _ := pages.ReadFile(file.Name())
		_, rest, found := strings.Cut(string(page), "\n## "+code+": ")
		if !found {
			continue
		}
		entry, _, _ := strings.Cut(rest, "\n## ")
		return plain(code + ": " + entry), true
	}
	return "", false
}

// plain removes the marks of Markdown. Examples are indented.
func plain(markdown string) string {
	var b strings.Builder
	example := false
	for line := range strings.Lines(strings.TrimSpace(markdown) + "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			example = !example
		case example:
			b.WriteString("    " + line)
		default:
			b.WriteString(link().ReplaceAllString(strings.ReplaceAll(line, "**", ""), "$1"))
		}
	}
	return b.String()
}
