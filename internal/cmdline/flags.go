// SPDX-License-Identifier: Apache-2.0

package cmdline

import (
	"flag"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Dashes are what a program's help and messages write before the names of long
// options. Go's flags take both.
type Dashes string

// Dashes of the programs.
const (
	Two Dashes = "--"
	One Dashes = "-" // hypgen
)

// Metavariable returns what a help calls the value of a flag: the word in
// backquotes in the flag's usage, N for a number, or "" if there is no value. In a
// usage such as "`FILE`: the policy" the word is for the value's name only, and the
// text is what comes after it.
func Metavariable(f *flag.Flag) (name, text string) {
	name, text = flag.UnquoteUsage(f)
	if name != "" {
		text = strings.TrimPrefix(text, name+": ")
	}
	switch name {
	case "int", "uint", "float":
		name = "N"
	}
	return name, text
}

// NamesFile reports whether the value of a flag is the name of a file, a directory
// or a program, by its metavariable.
func NamesFile(f *flag.Flag) bool {
	name, _ := Metavariable(f)
	switch strings.ToUpper(name) {
	case "FILE", "OBJ", "LDS", "DIRECTORY", "PROGRAM":
		return true
	}
	return false
}

// EmptyName is the error about an option whose value should name a file, and is
// empty. That is nearly always a shell variable that is not set.
func EmptyName() error {
	return errcode.OptionValue.Errorf("want the name of a file or directory; set the variable that it comes from, or leave the option out")
}

// RefuseEmpty makes flags whose values are names of files refuse an empty one, which
// commands take for an option that is not given.
func RefuseEmpty(flags *flag.FlagSet) {
	flags.VisitAll(func(f *flag.Flag) {
		if _, done := f.Value.(named); !done && NamesFile(f) {
			f.Value = named{f.Value}
		}
	})
}

// named is a flag's value that is not empty.
type named struct{ flag.Value }

func (n named) Set(value string) error {
	if value == "" {
		return EmptyName()
	}
	return n.Value.Set(value)
}

// Defaults describes the flags, for a usage text: a line for each and one for what it
// means.
func Defaults(flags *flag.FlagSet, dashes Dashes) string {
	var b strings.Builder
	flags.VisitAll(func(f *flag.Flag) {
		before := dashes
		if len(f.Name) == 1 {
			before = One
		}
		fmt.Fprintf(&b, "  %s%s", before, f.Name)
		value, text := Metavariable(f)
		if value != "" {
			b.WriteString(" " + value)
		}
		b.WriteString("\n        " + strings.ReplaceAll(text, "\n", "\n        "))
		switch f.DefValue {
		case "", "0", "false":
		default:
			fmt.Fprintf(&b, " (default %s)", f.DefValue)
		}
		b.WriteString("\n")
	})
	return b.String()
}
