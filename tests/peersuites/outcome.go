// SPDX-License-Identifier: Apache-2.0

package main

import (
	"regexp"
	"strings"
)

// status is how a test ended.
type status int

const (
	passes status = iota
	// fails is any other result than the test wants.
	fails
	// notApplicable: the test is about something that hyplink does not offer, and says so:
	// an option, a machine, a class of ELF; or hyplink is not called at all.
	notApplicable
)

// outcome is the result of a test.
type outcome struct {
	status status
	detail string // one line: what is not offered, or what failed
	log    string // all that was printed
}

// result is the result of a named test.
type result struct {
	name string
	outcome
	reason string // why it fails, from the list of reasons
}

// What hyplink says about inputs that it does not support by design.
var unsupported = []struct {
	message *regexp.Regexp
	what    string
}{
	{regexp.MustCompile(`ELFCLASS32|32-bit ELF|ELF32`), "32-bit ELF"},
	{regexp.MustCompile(`machine [^;\n]*(not supported|unsupported)|unsupported machine|no machine`), "another machine"},
}

var (
	optionName  = regexp.MustCompile(`option (\S+?)(=\S*)? is not taken`)
	keywordName = regexp.MustCompile(`(-[zm] \S+?)(:| is not taken)`)
	orphanMode  = regexp.MustCompile(`(--orphan-handling=\S+) is not taken`)
)

// settle turns the success of a test into an outcome, by means of hyplink's calls.
func settle(ok bool, failure, log string, calls []call) outcome {
	for _, c := range calls {
		if c.Code == 2 {
			return outcome{notApplicable, "not offered: " + usage(c.Stderr), log}
		}
		for _, u := range unsupported {
			if c.Code == 1 && u.message.MatchString(c.Stderr) {
				return outcome{notApplicable, u.what, log}
			}
		}
	}
	switch {
	case len(calls) == 0:
		return outcome{notApplicable, "does not come to a partial link", log}
	case ok:
		return outcome{status: passes, log: log}
	}
	for _, c := range calls {
		if c.Code != 0 {
			failure = "refused: " + firstLine(c.Stderr)
		}
	}
	return outcome{fails, failure, log}
}

// usage is what of a command line hyplink does not take.
func usage(stderr string) string {
	for _, re := range []*regexp.Regexp{optionName, orphanMode, keywordName} {
		if m := re.FindStringSubmatch(stderr); m != nil {
			return m[1]
		}
	}
	return firstLine(stderr)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
