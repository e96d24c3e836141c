package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
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
}

var commands = []command{
	{"link", "--script=LDS -o OUT OBJ…", "link objects into one relocatable object", runLink},
	{"hyprel", "-o OUT IN", "add the hyp relocation table", runHyprel},
	{"prefix", "--symbol-prefix=P [OPTION…] -o OUT IN", "prefix and rename symbols and sections (docs/rename.md)", runPrefix},
	{"check", "[--symbol-prefix=P] [--allowed-undefined=FILE]… [--script=LDS] [--stamp=FILE] [--json] IN", "hold an object to the rules of a hypervisor object", runCheck},
	{"compare", "[--ignore=debug,comment,…] [--json] A B", "say how two objects differ, by function, variable and symbol", runCompare},
	{"layout", "[--json] [--map=FILE.json] OBJ", "say what is where in an object", runLayout},
	{"object", "--script=LDS [--hyp-relocations] --symbol-prefix=P -o OUT OBJ…", "link, add relocations and prefix in one go", runObject},
	{"ld", "-r [-T LDS] -o OUT OBJ…", "stand in for ld -r of GNU binutils (docs/kbuild.md)", runLd},
	{"objcopy", "[OPTION…] IN [OUT]", "stand in for objcopy of GNU binutils (docs/kbuild.md)", runObjcopy},
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

// run runs hyplink with the given arguments and returns its exit code.
func run(args []string, stdout, stderr io.Writer) int {
	expand := expandParamFiles
	if len(args) > 0 && isGNUCommand(args[0]) {
		expand = func(args []string) ([]string, error) { return expandResponseFiles(args, 0) }
	}
	args, err := expand(args)
	if err != nil {
		fmt.Fprintf(stderr, "hyplink: %v\n", err)
		return exitUsage
	}
	if len(args) == 0 {
		usage(stderr)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(stdout)
		return exitOK
	}
	for i := range commands {
		if c := &commands[i]; c.name == args[0] {
			ctx := newContext(c, args[1:], stdout, stderr)
			return report(c, elfobj.Guard("hyplink "+c.name, func() error { return c.run(ctx) }), stderr)
		}
	}
	fmt.Fprintf(stderr, "hyplink: no command %q; 'hyplink help' lists them\n", args[0])
	return exitUsage
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

func usage(w io.Writer) {
	fmt.Fprintln(w, "hyplink builds namespaced ELF objects.")
	for _, c := range commands {
		fmt.Fprintf(w, "  hyplink %s %s\n        %s\n", c.name, c.args, c.summary)
	}
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

// given tells which options stand on the command line.
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
