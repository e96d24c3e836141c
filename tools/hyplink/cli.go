package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
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
	gnu                 bool // replaces a GNU tool, and reads @FILE as GNU tools do
}

// context is what a command runs with.
type context struct {
	cmd    *command
	args   []string
	stdout io.Writer
	stderr io.Writer
	flags  *flag.FlagSet
}

// usageError is a mistake in the command line.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

// errSilent ends a command whose output says already what is wrong.
var errSilent = errors.New("")

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// run runs one of the commands with the given arguments and returns the exit
// code. Where standard output cannot be written that is an error as well.
func run(commands []command, args []string, stdout, stderr io.Writer) int {
	out := &checkedWriter{w: stdout}
	code := runCommand(commands, args, out, stderr)
	if out.err != nil && code == exitOK {
		fmt.Fprintf(stderr, "hyplink: standard output cannot be written: %v; give it room, or another file\n", out.err)
		return exitInput
	}
	return code
}

// checkedWriter remembers the first error of a writer: nobody looks at what
// fmt.Fprintf returns, and a report that is lost must not look like success.
type checkedWriter struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (w *checkedWriter) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

func runCommand(commands []command, args []string, stdout, stderr io.Writer) int {
	expand := expandParamFiles
	if c := find(commands, args); c != nil && c.gnu {
		expand = func(args []string) ([]string, error) { return expandResponseFiles(args, 0) }
	}
	args, err := expand(args)
	if err != nil {
		fmt.Fprintf(stderr, "hyplink: %v\n", err)
		return exitUsage
	}
	if len(args) == 0 {
		usage(commands, stderr)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(commands, stdout)
		return exitOK
	case "version", "-version", "--version":
		fmt.Fprintln(stdout, version.Text("hyplink"))
		return exitOK
	}
	c := find(commands, args)
	if c == nil {
		fmt.Fprintf(stderr, "hyplink: no command %q; 'hyplink help' lists them\n", args[0])
		return exitUsage
	}
	ctx := newContext(c, args[1:], stdout, stderr)
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

func newContext(c *command, args []string, stdout, stderr io.Writer) *context {
	f := flag.NewFlagSet(c.name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return &context{cmd: c, args: args, stdout: stdout, stderr: stderr, flags: f}
}

// report prints what a command returned and turns it into an exit code.
func report(c *command, err error, stderr io.Writer) int {
	var u *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err == errSilent:
		return exitInput
	case errors.As(err, &u):
		fmt.Fprintf(stderr, "hyplink %s: %s\nusage: hyplink %s %s\n", c.name, u.msg, c.name, c.args)
		return exitUsage
	}
	fmt.Fprintln(stderr, err)
	return exitInput
}

func usage(commands []command, w io.Writer) {
	fmt.Fprintln(w, "hyplink builds namespaced ELF objects.")
	for _, c := range commands {
		fmt.Fprintf(w, "  hyplink %s %s\n        %s\n", c.name, c.args, c.summary)
	}
	fmt.Fprintln(w, "  hyplink --version\n        say which version this is")
	fmt.Fprintln(w, "'hyplink COMMAND --help' lists a command's options. An argument @FILE stands for the lines of FILE.")
}

// parse parses the command's flags, which may stand anywhere among its
// operands, and returns the operands.
func (c *context) parse() ([]string, error) {
	var operands []string
	rest := c.args
	for {
		if err := c.flags.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				fmt.Fprintf(c.stdout, "usage: hyplink %s %s\n%s.\n", c.cmd.name, c.cmd.args, c.cmd.summary)
				c.flags.SetOutput(c.stdout)
				c.flags.PrintDefaults()
				return nil, err
			}
			return nil, usagef("%s", err)
		}
		left := c.flags.Args()
		if used := len(rest) - len(left); used > 0 && rest[used-1] == "--" {
			return append(operands, left...), nil
		}
		if len(left) == 0 {
			return operands, nil
		}
		operands = append(operands, left[0])
		rest = left[1:]
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
	out := c.flags.String("o", "", "output file")
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
		return usagef("no output; give -o FILE")
	case len(paths) != 1:
		return usagef("%d input objects, want one", len(paths))
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
		fmt.Fprintf(c.stderr, "warning: %v\n", w)
	}
	if err := change(o); err != nil {
		return err
	}
	return o.WriteFile(to)
}
