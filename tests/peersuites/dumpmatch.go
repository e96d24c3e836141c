// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"regexp"
	"strings"
)

// isPatternCommand says whether a line that starts with # has a meaning in a pattern.
func isPatternCommand(line string) bool {
	return line == "#pass" || line == "#failif" || strings.HasPrefix(line, "#...") || strings.HasPrefix(line, "#?") || strings.HasPrefix(line, "#!")
}

// matchDump compares the output of a program with the regular expressions of a dump
// test, one a line. Empty lines do not count, on either side. "#..." skips lines until
// the next expression matches, "#pass" accepts the rest, "#?" precedes an expression
// that need not match, "!" one that must not, "#failif" turns the result round.
func matchDump(output string, pattern []string) error {
	var lines []string
	for _, l := range strings.Split(output, "\n") {
		if l != "" {
			lines = append(lines, l)
		}
	}
	negate := false
	err := matchLines(lines, pattern, &negate)
	if negate {
		if err == nil {
			return fmt.Errorf("the output matches what it must not match")
		}
		return nil
	}
	return err
}

func matchLines(lines, pattern []string, negate *bool) error {
	skip := false
	for _, p := range pattern {
		switch {
		case p == "":
			continue
		case p == "#pass":
			return nil
		case p == "#failif":
			*negate = true
			continue
		case strings.HasPrefix(p, "#..."):
			skip = true
			continue
		case strings.HasPrefix(p, "#?"):
			ok, err := matchLine(p[2:], lines)
			if err != nil {
				return err
			}
			if ok {
				lines = lines[1:]
			}
			continue
		case strings.HasPrefix(p, "#"):
			continue
		}
		for {
			if len(lines) == 0 {
				return fmt.Errorf("no line matches %q", p)
			}
			ok, err := matchLine(p, lines)
			if err != nil {
				return err
			}
			if ok {
				break
			}
			if !skip {
				return fmt.Errorf("%q does not match %q", lines[0], p)
			}
			lines = lines[1:]
		}
		lines = lines[1:]
		skip = false
	}
	if len(lines) > 0 && !skip {
		return fmt.Errorf("more than wanted: %q", lines[0])
	}
	return nil
}

// matchLine says whether the first line matches an expression.
func matchLine(p string, lines []string) (bool, error) {
	if len(lines) == 0 {
		return false, nil
	}
	p, not := strings.CutPrefix(p, "!")
	re, err := regexp.Compile("^(?:" + p + ")$")
	if err != nil {
		return false, err
	}
	return re.MatchString(lines[0]) != not, nil
}
