// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// objcopyOptions are the options of objcopy that hyplink objcopy takes, with the
// option of hyplink prefix that does the same.
var objcopyOptions = []struct {
	names  []string
	value  valueKind
	prefix string
}{
	{[]string{"--prefix-symbols"}, hasValue, "symbol-prefix"},
	{[]string{"--prefix-sections"}, hasValue, "section-prefix"},
	{[]string{"--prefix-alloc-sections"}, hasValue, "alloc-section-prefix"},
	{[]string{"--rename-section"}, hasValue, "rename-section"},
	{[]string{"--redefine-sym"}, hasValue, "redefine-sym"},
	{[]string{"--redefine-syms"}, hasValue, "redefine-syms"},
	{[]string{"-R", "--remove-section"}, hasValue, "remove-section"},
	{[]string{"-L", "--localize-symbol"}, hasValue, "localize-symbol"},
	{[]string{"--localize-symbols"}, hasValue, "localize-symbols"},
	{[]string{"-G", "--keep-global-symbol"}, hasValue, "keep-global-symbol"},
	{[]string{"--keep-global-symbols"}, hasValue, "keep-global-symbols"},
	{[]string{"--globalize-symbol"}, hasValue, "globalize-symbol"},
	{[]string{"--globalize-symbols"}, hasValue, "globalize-symbols"},
	{[]string{"-W", "--weaken-symbol"}, hasValue, "weaken-symbol"},
	{[]string{"--weaken-symbols"}, hasValue, "weaken-symbols"},
	{[]string{"--localize-hidden"}, noValue, "localize-hidden"},
	{[]string{"-g", "--strip-debug"}, noValue, "strip-debug"},
	{[]string{"--strip-unneeded"}, noValue, "strip-unneeded"},
}

// runObjcopy does what objcopy does, as far as kbuild needs it for the directories
// whose symbols it prefixes. Without OUT it changes IN.
func runObjcopy(c *context) error {
	fs := flag.NewFlagSet(c.cmd.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	f := rename.AddFlags(fs)
	cmdline.RefuseEmpty(fs)
	f.Literal, f.LiteralRenames = true, true
	version := false
	options := []gnuOption{
		{[]string{"-w", "--wildcard"}, noValue, func(string) error { f.Literal = false; return nil }},
		{[]string{"-V", "--version"}, noValue, func(string) error { version = true; return nil }},
		{[]string{"-h", "--help"}, noValue, func(string) error {
			c.help("taken are: " + takenByObjcopy())
			return flag.ErrHelp
		}},
	}
	for _, o := range objcopyOptions {
		options = append(options, gnuOption{o.names, o.value, func(v string) error {
			if o.value == noValue {
				v = "true"
			}
			if err := fs.Set(o.prefix, v); err != nil {
				return &usageError{valueError(o.names[len(o.names)-1], v, err)}
			}
			return nil
		}})
	}
	var operands []string
	err := parseGNU(c.args, options, func(s string) error { operands = append(operands, s); return nil }, refuseObjcopy)
	if err != nil {
		return err
	}
	if version {
		c.stdout.Line(gnuVersion("GNU objcopy"))
		return nil
	}
	opts, err := renameOptions(f)
	if err != nil {
		return err
	}
	if len(operands) < 1 || len(operands) > 2 {
		return usagef(errcode.Operands, "%d files, want IN or IN OUT", len(operands))
	}
	return c.rewrite(operands[0], operands[len(operands)-1], c.rename(opts))
}

// valueError is an error of an option's value, which may have a code of its own.
func valueError(option, value string, err error) error {
	if errcode.Of(err) == "" {
		return errcode.OptionValue.Errorf("%s=%s: %w", option, value, err)
	}
	return fmt.Errorf("%s=%s: %w", option, value, err)
}

func refuseObjcopy(option string) error {
	return usagef(errcode.UnknownOption, "option %s is not taken; use objcopy of GNU binutils for it (taken are: %s)", option, takenByObjcopy())
}

func takenByObjcopy() string {
	var names []string
	for _, o := range objcopyOptions {
		names = append(names, strings.Join(o.names, " "))
	}
	return strings.Join(names, ", ") + ", -w --wildcard"
}
