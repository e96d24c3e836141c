// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"flag"
	"io"
	"strings"

	errpages "github.com/rules-hyp/rules_hyp/docs/errors"
	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/textline"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

// Exit codes.
const (
	exitProven  = 0
	exitDiffers = 1 // or is not proven
	exitUsage   = 2 // the command line is wrong
	exitFailed  = 3 // the audit could not be made
)

// command is a subcommand.
type command struct {
	name, args, summary string
	run                 func(c *context) error
	examples            []string // whole command lines, for the end of the help
}

// context is what a command runs with.
type context struct {
	cmd    *command
	args   []string
	stdout *textline.Writer
	stderr io.Writer // for progress
	json   io.Writer // standard output, for JSON only: it escapes names itself
	flags  *flag.FlagSet
}

// usageError is a mistake in the command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usagef(code errcode.Code, format string, args ...any) error {
	return &usageError{code.Errorf(format, args...)}
}

// errDiffers ends a command whose output says already what differs.
var errDiffers = errors.New("")

// run runs one of the commands with the given arguments and returns the exit code.
func run(commands []command, args []string, stdout, stderr io.Writer) int {
	out := bufio.NewWriter(stdout)
	messages := textline.NewWriter(stderr)
	code := runCommand(commands, args, out, stderr, messages)
	// A report that is lost must not look like success.
	if err := out.Flush(); err != nil {
		messages.Line("hypaudit: " + errcode.Text(cmdline.OutputLost(err)))
		return exitFailed
	}
	return code
}

func runCommand(commands []command, args []string, out, progress io.Writer, stderr *textline.Writer) int {
	stdout := textline.NewWriter(out)
	if len(args) == 0 {
		usage(commands, stderr)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		if len(args) > 1 {
			for i := range commands {
				if commands[i].name == args[1] {
					return runCommand(commands, []string{args[1], "--help"}, out, progress, stderr)
				}
			}
			return helpError(args[1], stdout, stderr)
		}
		usage(commands, stdout)
		return exitProven
	case "version", "-version", "--version":
		stdout.Line(version.Text("hypaudit"))
		return exitProven
	}
	for i := range commands {
		c := &commands[i]
		if c.name == args[0] {
			f := flag.NewFlagSet(c.name, flag.ContinueOnError)
			f.SetOutput(io.Discard)
			ctx := &context{cmd: c, args: args[1:], stdout: stdout, stderr: progress, json: out, flags: f}
			return report(c, elfobj.Guard("hypaudit "+c.name, func() error { return c.run(ctx) }), stderr)
		}
	}
	stderr.Line(errcode.Text(errcode.UnknownCommand.Errorf("hypaudit: no command %q; 'hypaudit help' lists them", args[0])))
	return exitUsage
}

// report prints what a command returned and turns it into an exit code.
func report(c *command, err error, stderr *textline.Writer) int {
	var u *usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitProven
	case err == errDiffers:
		return exitDiffers
	case errors.As(err, &u):
		stderr.Linef("hypaudit %s: %s", c.name, errcode.Text(u))
		stderr.Linef("usage: hypaudit %s %s", c.name, c.args)
		return exitUsage
	}
	for _, text := range errcode.Lines(err) {
		for line := range strings.Lines(text) {
			stderr.Line(strings.TrimSuffix(line, "\n"))
		}
	}
	return exitFailed
}

// helpError prints the entry of an error.
func helpError(code string, stdout, stderr *textline.Writer) int {
	text, ok := errpages.Entry(code)
	if !ok {
		err := errcode.UnknownError.Errorf("hypaudit: no command or error is called %q; give a command such as rebuild, or an identifier from the end of a message, such as E8102", code)
		stderr.Line(errcode.Text(err))
		return exitUsage
	}
	stdout.Text(text)
	return exitProven
}

func usage(commands []command, w *textline.Writer) {
	w.Line("hypaudit gives evidence of what a hypervisor was made from.")
	for _, c := range commands {
		w.Linef("  hypaudit %s %s", c.name, c.args)
		w.Linef("        %s", c.summary)
	}
	w.Line("  hypaudit help E8102")
	w.Line("        explain an error by the identifier at the end of its message, and say what to do")
	w.Line("  hypaudit --version")
	w.Line("        say which version this is")
	w.Line("'hypaudit COMMAND --help' lists a command's options.")
	w.Line("Exit codes: 0 proven; 1 differs or not proven; 2 wrong command line; 3 the audit could not be made.")
}

// parse parses the command's flags, which may be anywhere among its operands, and
// returns the operands.
func (c *context) parse() ([]string, error) {
	operands, err := cmdline.Parse(c.flags, c.args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		c.help()
		return nil, err
	case err != nil:
		return nil, &usageError{err}
	}
	return operands, nil
}

// help prints the usage of a command and its options.
func (c *context) help() {
	c.stdout.Linef("usage: hypaudit %s %s", c.cmd.name, c.cmd.args)
	c.stdout.Linef("%s.", c.cmd.summary)
	for line := range strings.Lines(cmdline.Defaults(c.flags, cmdline.Two) + cmdline.Examples(c.cmd.examples)) {
		c.stdout.Line(strings.TrimSuffix(line, "\n"))
	}
}
