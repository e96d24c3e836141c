// SPDX-License-Identifier: Apache-2.0

// Package cmdline has what the command lines of our programs have in common.
package cmdline

import (
	"flag"
	"strings"
)

// Parse parses a command's flags, which may be anywhere among its operands, and
// returns the operands. After "--" there are only operands. Errors are those of
// [flag.FlagSet.Parse], among them [flag.ErrHelp].
func Parse(flags *flag.FlagSet, args []string) ([]string, error) {
	var operands []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		left := flags.Args()
		if used := len(args) - len(left); used > 0 && args[used-1] == "--" {
			return append(operands, left...), nil
		}
		if len(left) == 0 {
			return operands, nil
		}
		operands, args = append(operands, left[0]), left[1:]
	}
}

// Defaults describes the flags, for a usage text: a line for each and one for what it
// means.
func Defaults(flags *flag.FlagSet) string {
	var b strings.Builder
	before := flags.Output()
	flags.SetOutput(&b)
	flags.PrintDefaults()
	flags.SetOutput(before)
	return strings.ReplaceAll(b.String(), "\t", "    ")
}

// Examples is the end of a usage text: command lines, with a heading.
func Examples(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		if i == 0 {
			b.WriteString("\nexamples:\n")
		}
		b.WriteString("  " + line + "\n")
	}
	return b.String()
}
