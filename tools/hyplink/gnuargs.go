// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// maxResponseDepth is how deep response files may name each other.
const maxResponseDepth = 8

// expandResponseFiles replaces each @FILE by the words of the file: blanks
// separate them, and quotes and backslashes work as in a shell ("Using as",
// "@FILE"). A file may name others. What is no file stays as it is.
func expandResponseFiles(args []string, depth int) ([]string, error) {
	var out []string
	for _, a := range args {
		path, ok := strings.CutPrefix(a, "@")
		if !ok {
			out = append(out, a)
			continue
		}
		if _, err := os.Stat(path); os.IsNotExist(err) {
			out = append(out, a)
			continue
		}
		text, err := fileio.ReadText(path, "a response file")
		if err != nil {
			return nil, err
		}
		if depth == maxResponseDepth {
			return nil, errcode.ResponseFiles.Errorf("response file %s: more than %d files name each other", path, maxResponseDepth)
		}
		words, err := expandResponseFiles(splitWords(string(text)), depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, words...)
	}
	return out, nil
}

// splitWords splits the text of a response file (buildargv of libiberty).
func splitWords(text string) []string {
	var words []string
	var word strings.Builder
	inWord, quote := false, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			inWord = true
		case quote != 0:
			if c == quote {
				quote = 0
			} else {
				word.WriteByte(c)
			}
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case strings.IndexByte(" \t\n\r\v\f", c) >= 0:
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}

// gnuVersion is what a command that replaces a GNU tool prints for --version.
// kbuild's scripts/ld-version.sh wants the tool's name first and its version
// last; it is the version whose behaviour hyplink follows.
func gnuVersion(tool string) string {
	return tool + " compatible hyplink (rules_hyp) 2.40"
}

// gnuOption is an option of a GNU tool: its names with their dashes, whether it
// has a value, and what it does.
type gnuOption struct {
	names []string
	value valueKind
	set   func(value string) error
}

// valueKind says whether an option has a value.
type valueKind uint8

const (
	noValue       valueKind = iota
	hasValue                // joined, or the next argument
	optionalValue           // joined by "=" only; set gets "" without one
)

// parseGNU goes through the arguments as getopt_long does: a value may be
// joined to a short option or follow it; that of a long one follows or is
// joined by "=". Other arguments go to operand. refused makes the error about
// an option that is not taken.
func parseGNU(args []string, options []gnuOption, operand func(string) error, refused func(string) error) error {
	find := func(name string) *gnuOption {
		for i := range options {
			for _, n := range options[i].names {
				if n == name {
					return &options[i]
				}
			}
		}
		return nil
	}
	next := func(name string) (string, error) {
		if len(args) == 0 {
			return "", usagef(errcode.OptionSyntax, "%s needs a value", name)
		}
		v := args[0]
		args = args[1:]
		return v, nil
	}
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		var err error
		switch {
		case a == "--":
			for _, o := range args {
				if err := operand(o); err != nil {
					return err
				}
			}
			return nil
		case len(a) < 2 || a[0] != '-':
			err = operand(a)
		default:
			err = parseOption(a, find, next, refused)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// parseOption handles one argument that starts with a dash.
func parseOption(a string, find func(string) *gnuOption, next func(string) (string, error), refused func(string) error) error {
	if o := find(a); o != nil {
		if o.value != hasValue {
			return o.set("")
		}
		v, err := next(a)
		if err != nil {
			return err
		}
		return o.set(v)
	}
	if name, v, ok := strings.Cut(a, "="); ok && strings.HasPrefix(a, "--") {
		if o := find(name); o != nil && o.value != noValue {
			return o.set(v)
		}
		return refused(name)
	}
	if strings.HasPrefix(a, "--") {
		return refused(a)
	}
	// A short option with its value joined, or several in one argument.
	for rest := a[1:]; rest != ""; {
		o := find("-" + rest[:1])
		if o == nil {
			return refused(a)
		}
		rest = rest[1:]
		if o.value == hasValue {
			if rest == "" {
				v, err := next(a)
				if err != nil {
					return err
				}
				rest = v
			}
			return o.set(rest)
		}
		if err := o.set(""); err != nil {
			return err
		}
	}
	return nil
}
