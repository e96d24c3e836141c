// SPDX-License-Identifier: Apache-2.0

// Package howto reads the how-tos in docs/, so that tests can do what they say.
package howto

import (
	"fmt"
	"regexp"
	"strings"
)

// A Block is a fenced block of a page.
type Block struct {
	Language string // as the fence has it
	// Name is the file that the block shows, from the line before it: "`counter.c`:".
	// A name followed by "fixed" is Fixed.
	Name  string
	Fixed bool
	Text  string // with the last newline
	Line  int    // of the fence, from 1
}

// A Section is what is below a heading of a page, up to the next one.
type Section struct {
	Heading string // with its hashes
	Text    string
	Blocks  []Block
}

var (
	introduced = regexp.MustCompile("`([A-Za-z0-9_.-]+)`(, fixed)?:$")
	fence      = regexp.MustCompile("^ {0,3}```([a-z]*)$")
)

// Read splits a page into sections. What is before the first heading is left out.
func Read(page string) ([]Section, error) {
	var sections []Section
	var last string // the last line that is not empty
	var open *Block
	for i, line := range strings.Split(page, "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case open != nil && m == nil:
			open.Text += line + "\n"
			continue
		case open != nil:
			s := &sections[len(sections)-1]
			s.Blocks = append(s.Blocks, *open)
			open = nil
			continue
		case strings.HasPrefix(line, "#"):
			sections = append(sections, Section{Heading: line})
		case m != nil:
			if len(sections) == 0 {
				return nil, fmt.Errorf("line %d: a block before the first heading", i+1)
			}
			open = &Block{Language: m[1], Line: i + 1}
			if n := introduced.FindStringSubmatch(last); n != nil {
				open.Name, open.Fixed = n[1], n[2] != ""
			}
		case len(sections) > 0:
			sections[len(sections)-1].Text += line + "\n"
		}
		if line != "" {
			last = line
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: a block without an end", open.Line)
	}
	return sections, nil
}

// Unwrapped returns lines as they are printed: a page wraps long ones.
func Unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }
