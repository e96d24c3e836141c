// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"flag"
	"io"
	"strings"

	errpages "github.com/rules-hyp/rules_hyp/docs/errors"
	"github.com/rules-hyp/rules_hyp/internal/check"
	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/textline"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

// Exit codes.
const (
	exitOK    = 0
	exitInput = 1 // the input is wrong, or a check failed
	exitUsage = 2 // the command line is wrong
)

// command is a subcommand.
type command struct {
	name, args, summary string
	run                 func(c *context) error
	examples            []string // whole command lines, for the end of the help
	gnu                 bool     // replaces a GNU tool, and reads @FILE as GNU tools do
}

// context is what a command runs with.
type context struct {
	cmd    *command
	args   []string
	stdout *textline.Writer
	stderr *textline.Writer
	json   io.Writer // standard output, for JSON only: it escapes names itself
	flags  *flag.FlagSet
}

// usageError is a mistake in the command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// errSilent ends a command whose output says already what is wrong.
var errSilent = errors.New("")

func usagef(code errcode.Code, format string, args ...any) error {
	return &usageError{code.Errorf(format, args...)}
}

// run runs one of the commands with the given arguments and returns the exit
// code. Where standard output cannot be written that is an error as well.
func run(commands []command, args []string, stdout, stderr io.Writer) int {
	out := bufio.NewWriterSize(stdout, outputBuffer)
	messages := textline.NewWriter(stderr)
	code := runCommand(commands, args, out, messages)
	// bufio.Writer remembers the first error: a report that is lost must not look
	// like success.
	if err := out.Flush(); err != nil && code == exitOK {
		messages.Line("hyplink: " + errcode.Text(cmdline.OutputLost(err)))
		return exitInput
	}
	return code
}

// outputBuffer is how many bytes of standard output are written at once.
const outputBuffer = 32 << 10

func runCommand(commands []command, args []string, out io.Writer, stderr *textline.Writer) int {
	stdout := textline.NewWriter(out)
	expand := expandParamFiles
	if c := find(commands, args); c != nil && c.gnu {
		expand = func(args []string) ([]string, error) { return expandResponseFiles(args, 0) }
	}
	args, err := expand(args)
	if err != nil {
		stderr.Line("hyplink: " + errcode.Text(err))
		return exitUsage
	}
	if len(args) == 0 {
		usage(commands, stderr)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		if len(args) > 1 {
			if c := find(commands, args[1:]); c != nil {
				return runCommand(commands, []string{c.name, "--help"}, out, stderr)
			}
			return explain(args[1], stdout, stderr)
		}
		usage(commands, stdout)
		return exitOK
	case "version", "-version", "--version":
		stdout.Line(version.Text("hyplink"))
		return exitOK
	}
	c := find(commands, args)
	if c == nil {
		stderr.Line(errcode.Text(errcode.UnknownCommand.Errorf("hyplink: no command %q; 'hyplink help' lists them", args[0])))
		return exitUsage
	}
	ctx := newContext(c, args[1:])
	ctx.stdout, ctx.stderr, ctx.json = stdout, stderr, cmdline.Report(out)
	return report(c, elfobj.Guard("hyplink "+c.name, func() error { return c.run(ctx) }), stderr)
}

// find returns the command that the arguments begin with, or nil.
func find(commands []command, args []string) *command {
	if len(args) > 0 {
		for i := range commands {
			if commands[i].name == args[0] {
				return &commands[i]
			}
		}
	}
	return nil
}

func newContext(c *command, args []string) *context {
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return &context{cmd: c, args: args, flags: f}
}

// report prints what a command returned and turns it into an exit code.
func report(c *command, err error, stderr *textline.Writer) int {
	var u *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err == errSilent:
		return exitInput
	case errors.As(err, &u):
		stderr.Linef("hyplink %s: %s", c.name, errcode.Text(u))
		stderr.Linef("usage: hyplink %s %s", c.name, c.args)
		return exitUsage
	}
	for _, line := range errcode.Lines(err) {
		stderr.Line(line)
	}
	return exitInput
}

// explain prints the entry of an error, or what a rule means.
func explain(id string, stdout, stderr *textline.Writer) int {
	text, ok := errpages.Entry(id)
	if !ok {
		text, ok = aboutRule(id)
	}
	if !ok {
		err := errcode.UnknownError.Errorf("hyplink: no command, error or rule is called %q; give a command such as layout, or an identifier from a message, such as E1003 or HYP003", id)
		stderr.Line(errcode.Text(err))
		return exitUsage
	}
	stdout.Text(text)
	return exitOK
}

// aboutRule says what a rule of 'hyplink check' means.
func aboutRule(id string) (text string, ok bool) {
	for _, r := range check.Rules {
		if r.ID == id {
			return r.ID + ": " + r.Name + "\n\nRule: " + r.What + ".\n\nOtherwise: " + r.Why + ".\n\n" +
				"Cure: each finding ends with what to do. docs/check-failures.md has examples, and says how to allow something on purpose.\n", true
		}
	}
	return "", false
}

func usage(commands []command, w *textline.Writer) {
	w.Line("hyplink builds namespaced ELF objects.")
	for _, c := range commands {
		w.Linef("  hyplink %s %s", c.name, c.args)
		w.Linef("        %s", c.summary)
	}
	w.Line("  hyplink help E1003")
	w.Line("        explain an error, or a rule such as HYP003, by the identifier in its message, and say what to do")
	w.Line("  hyplink --version")
	w.Line("        say which version this is")
	w.Line("'hyplink COMMAND --help' lists a command's options. An argument @FILE stands for the lines of FILE.")
}

// parse parses the command's flags, which may stand anywhere among its
// operands, and returns the operands.
func (c *context) parse() ([]string, error) {
	operands, err := cmdline.Parse(c.flags, c.args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		c.help(cmdline.Defaults(c.flags, cmdline.Two))
		return nil, err
	case err != nil:
		return nil, &usageError{err}
	}
	return operands, nil
}

// help prints the usage of a command and what its options are.
func (c *context) help(options string) {
	c.stdout.Linef("usage: hyplink %s %s", c.cmd.name, c.cmd.args)
	c.stdout.Linef("%s.", c.cmd.summary)
	for line := range strings.Lines(options + cmdline.Examples(c.cmd.examples)) {
		c.stdout.Line(strings.TrimSuffix(line, "\n"))
	}
}

// given tells which options are on the command line.
func (c *context) given() map[string]bool {
	names := map[string]bool{}
	c.flags.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
}

// expandParamFiles replaces each @FILE by the file's lines, as Bazel's
// multi-line parameter files have them. Lines are not expanded again.
func expandParamFiles(args []string) ([]string, error) {
	var out []string
	for _, a := range args {
		path, ok := strings.CutPrefix(a, "@")
		if !ok {
			out = append(out, a)
			continue
		}
		b, err := fileio.ReadText(path, "a parameter file")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(b)) {
			out = append(out, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		}
	}
	return out, nil
}

// stage changes an object.
type stage func(*elfobj.Object) error

// transform reads one object, changes it and writes it. The stage is made once
// the command line is parsed.
func (c *context) transform(prepare func() (stage, error)) error {
	out := c.flags.String("o", "", "`FILE`: output file")
	paths, err := c.parse()
	if err != nil {
		return err
	}
	change, err := prepare()
	if err != nil {
		return err
	}
	switch {
	case *out == "":
		return usagef(errcode.NoOutput, "no output; give -o FILE")
	case len(paths) != 1:
		return usagef(errcode.Operands, "%d input objects, want one", len(paths))
	}
	return c.rewrite(paths[0], *out, change)
}

// rewrite reads an object, changes it and writes it to another path.
func (c *context) rewrite(from, to string, change stage) error {
	o, _, err := elfobj.ReadFile(from)
	if err != nil {
		return err
	}
	if w := o.Warning(); w != nil {
		c.stderr.Line("warning: " + errcode.Text(w))
	}
	if err := change(o); err != nil {
		return err
	}
	return o.WriteFile(to)
}
