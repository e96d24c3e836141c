// SPDX-License-Identifier: Apache-2.0

// Package cmdline has what the command lines of our programs have in common.
package cmdline

import (
	"errors"
	"flag"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Parse parses a command's flags, which may be anywhere among its operands, and
// returns the operands. After "--" there are only operands. Errors are those of
// [flag.FlagSet.Parse] with a code, and [flag.ErrHelp].
// Names of files must not be empty, see RefuseEmpty.
func Parse(flags *flag.FlagSet, args []string) ([]string, error) {
	RefuseEmpty(flags)
	var operands []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, Coded(flags, err)
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

// Coded gives an error of [flag.FlagSet.Parse] its code, but for [flag.ErrHelp].
// Errors differ in their text alone, even those of a [flag.Value] that has a code.
func Coded(flags *flag.FlagSet, err error) error {
	switch text := err.Error(); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case strings.HasPrefix(text, "flag provided but not defined"):
		return errcode.UnknownOption.Errorf("%w", err)
	case strings.HasPrefix(text, "invalid "):
		if code := errcode.Of(setAgain(flags, text)); code != "" {
			return code.Errorf("%w", err)
		}
		return errcode.OptionValue.Errorf("%w", err)
	}
	return errcode.OptionSyntax.Errorf("%w", err)
}

// setAgain gives a flag the value that it did not take, and returns what is wrong
// with it. The text is "invalid value "V" for flag -NAME: …".
func setAgain(flags *flag.FlagSet, text string) error {
	quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(text, "invalid value "))
	if err != nil {
		return nil
	}
	value, _ := strconv.Unquote(quoted)
	_, rest, _ := strings.Cut(text, quoted+" for flag -")
	name, _, _ := strings.Cut(rest, ":")
	if f := flags.Lookup(name); f != nil {
		return f.Value.Set(value)
	}
	return nil
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
