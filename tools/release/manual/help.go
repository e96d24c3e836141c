// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// program is what a program says about itself.
type program struct {
	name     string
	summary  string // its first line of help, after the name; empty if that is a usage line
	version  string
	own      command // what it does without a command; no usage: nothing
	commands []command
	notes    []string // further lines
}

// command is what a program says about one of its commands.
type command struct {
	name     string
	usage    []string // without "usage: "
	text     []string
	options  []option
	examples []string // command lines
}

// option is an option of a command.
type option struct {
	names []string // with their hyphens
	value string   // what its value is called; empty: it has none
	text  string
}

// ask asks a program.
func ask(path string) (*program, error) {
	p := &program{name: filepath.Base(path)}
	text, err := output(path, "--version")
	if err != nil {
		return nil, err
	}
	p.version = strings.TrimSpace(text)
	if text, err = output(path, "--help"); err != nil {
		return nil, err
	}
	names := p.parseHelp(strings.Split(strings.TrimRight(text, "\n"), "\n"))
	for _, name := range names {
		if text, err = output(path, name, "--help"); err != nil {
			return nil, err
		}
		c := parseCommand(strings.Split(strings.TrimRight(text, "\n"), "\n"))
		c.name = name
		if len(c.usage) == 0 {
			return nil, errcode.ReleaseUnbuilt.Errorf("%s %s --help: no usage line", p.name, name)
		}
		p.commands = append(p.commands, c)
	}
	if len(p.commands) == 0 && len(p.own.usage) == 0 {
		return nil, errcode.ReleaseUnbuilt.Errorf("%s --help: neither commands nor a usage line", p.name)
	}
	return p, nil
}

// output runs a program and returns what it prints, wherever it prints it.
func output(path string, args ...string) (string, error) {
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		return "", errcode.ReleaseUnbuilt.Errorf("%s %s: %w: %s", filepath.Base(path), strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// parseHelp reads a program's own help and returns the names of its commands. A
// program with commands lists them below its summary, two blanks in; one that does
// something itself begins with a usage line, which may name commands with "see".
func (p *program) parseHelp(lines []string) (names []string) {
	if strings.HasPrefix(lines[0], "usage: ") {
		p.own = parseCommand(lines)
		for i, usage := range p.own.usage {
			if before, _, ok := strings.Cut(usage, "    see "); ok {
				p.own.usage[i] = before
				names = append(names, strings.Fields(before)[1])
			}
		}
		return names
	}
	p.summary = strings.TrimPrefix(lines[0], p.name+" ")
	for _, line := range lines[1:] {
		switch rest, ok := strings.CutPrefix(line, "  "+p.name+" "); {
		case ok && strings.HasPrefix(rest, "help "):
		case ok && !strings.HasPrefix(rest, "-"):
			names = append(names, strings.Fields(rest)[0])
		case !strings.HasPrefix(line, " "):
			p.notes = append(p.notes, line)
		}
	}
	return names
}

// optionLine is the first line of an option, as flag.PrintDefaults has it: the help
// of one with a name of one letter and no value is on the same line.
var optionLine = regexp.MustCompile(`^  (-[^\s,]+)(?: ([^\t]+))?(?:\t(.*))?$`)

// taken introduces a list of options without help, and examples the end of a help.
const (
	taken    = "taken are: "
	examples = "examples:"
)

// parseCommand reads the help of a command.
func parseCommand(lines []string) command {
	var c command
	if i := slices.Index(lines, examples); i >= 0 {
		for _, line := range lines[i+1:] {
			c.examples = append(c.examples, strings.TrimSpace(line))
		}
		lines = lines[:i]
	}
	for _, line := range lines {
		usage, isUsage := strings.CutPrefix(line, "usage: ")
		list, isList := strings.CutPrefix(line, taken)
		m := optionLine.FindStringSubmatch(line)
		switch {
		case isUsage:
			c.usage = append(c.usage, usage)
		case isList:
			for _, names := range strings.Split(list, ", ") {
				c.options = append(c.options, listed(names))
			}
		case m != nil:
			name := m[1]
			if len(name) > 2 && !strings.HasPrefix(name, "--") {
				name = "-" + name // Go's flags take one hyphen or two
			}
			c.options = append(c.options, option{names: []string{name}, value: m[2], text: m[3]})
		case len(c.options) > 0 && strings.HasPrefix(line, "    "):
			o := &c.options[len(c.options)-1]
			o.text = strings.TrimSpace(o.text + " " + strings.TrimSpace(line))
		case len(c.text) == 0 && strings.HasPrefix(line, "       "):
			c.usage = append(c.usage, strings.TrimSpace(line))
		case line != "":
			c.text = append(c.text, line)
		}
	}
	return c
}

// listed is an option of a list: its names with blanks between, then the value that it
// takes, if only one is taken, and a remark in parentheses.
func listed(text string) option {
	text, remark, _ := strings.Cut(text, " (")
	var o option
	for _, word := range strings.Fields(text) {
		if strings.HasPrefix(word, "-") {
			o.names = append(o.names, word)
		} else {
			o.value = word
		}
	}
	o.text = strings.TrimSuffix(remark, ")")
	return o
}
