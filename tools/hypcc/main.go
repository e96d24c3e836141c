// SPDX-License-Identifier: Apache-2.0

// Command hypcc runs one compiler command for a Bazel action, reports which of the action's headers it did not read, and fails if it read a file
// that is not an input of the action.
//
//	hypcc --unused=FILE [--system-include=DIRECTORY]… --headers=LIST [--generated=HEADER]… [--archive=ARCHIVE] -- COMPILER ARG… SOURCE
//	hypcc archive-headers OUT LIST
//	hypcc header-names OUT LIST LIST [-- OPTION…]
//	hypcc check-tree --manifest=FILE --root=DIRECTORY --label=LABEL --output=FILE [--regenerate=COMMAND] FILE…
//	hypcc --help
//	hypcc --version
//
// LIST has the headers that the action may read, besides each HEADER, one path per line, as in a multiline parameter file of Bazel. hypcc has the preprocessor and the
// assembler list the files that they read, and writes to FILE the headers that are not among them: Bazel's `unused_inputs_list`. A change of
// one of these does not rerun the action. GNU's assembler has `--MD` for that; for another one, hypcc searches its input for `.include` and `.incbin`.
//
// ARCHIVE has headers by their paths in the execution root, which are unpacked only if the compile needs one of them; otherwise it is in FILE too.
// archive-headers writes an archive of the headers in LIST. With an archive, the list of --headers is in FILE as well, unless a file asks for headers
// with __has_include; header-names writes the headers of two lists, the second one the compiler's, that an #include may find under the name of another one, so that nothing
// else in that list matters; the OPTIONs have the include directories.
//
// check-tree compares files of the kernel tree in DIRECTORY with the stamps in a header manifest of hypgen, and makes a file if they fit.
//
// A file outside the working directory is an input only if it is in a DIRECTORY, which has the compiler's own headers, or is the same file as one
// in the working directory.
//
// The compiler's working directory is given as /proc/self/cwd, so that debug information has no path of the sandbox.
//
// Exit codes: 0 done; 1 the compiler could not be run, wrote no dependency file, or read a file that is not an input; 2 the command line is
// wrong; otherwise the compiler's own.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/compile"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/textline"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

// usage is printed for a wrong command line.
const usage = "usage: hypcc --unused=FILE [--system-include=DIRECTORY]… --headers=LIST [--generated=HEADER]… [--archive=ARCHIVE] -- COMPILER ARG… SOURCE\n" +
	"       hypcc archive-headers OUT LIST\n" +
	"       hypcc header-names OUT LIST LIST [-- OPTION…]\n" +
	"       hypcc check-tree --manifest=FILE --root=DIRECTORY --label=LABEL --output=FILE [--regenerate=COMMAND] FILE…"

// help is what --help prints after the usage.
const help = `
Runs one compiler command for an action of rules_hyp, writes to the FILE of --unused which headers of LIST it did not read, and fails if it read a file that
is not an input of the action. You need not run it yourself: hyp_library and hyp_linker_script do.

  --unused=FILE
        where to write the headers that were not read, for Bazel's unused_inputs_list
  --headers=LIST
        file with the headers that the action may read, one path per line
  --generated=HEADER
        another header that the action may read; may be repeated
  --archive=ARCHIVE
        headers that are unpacked only if the compile needs one of them
  --system-include=DIRECTORY
        directory of the compiler's own headers, outside the working directory; may be repeated

archive-headers writes the ARCHIVE of the headers in LIST; header-names the headers of two lists, the second one the compiler's, that an #include
may find under the name of another one, by the include directories in the OPTIONs; check-tree an empty file, if the kernel tree in DIRECTORY is the one that the header manifest was written for.

Exit codes: 0 done; 1 failed; 2 wrong command line; otherwise the compiler's own.`

// examples are command lines for the end of the help.
var examples = []string{
	"hypcc --unused=a.unused --headers=a.headers -- aarch64-linux-gnu-gcc -c -o a.o a.c",
	"hypcc archive-headers headers.tar headers.list",
	"hypcc check-tree --manifest=headers.txt --root=linux --label=@linux//:tree --output=tree.stamp Makefile",
}

// usageError is an error of the command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// parse separates hypcc's options from the compiler's command.
func parse(args []string) (*compile.Command, error) {
	c := &compile.Command{}
	for i, a := range args {
		if name, value, ok := strings.Cut(a, "="); ok && value == "" && strings.HasPrefix(a, "--") {
			return nil, fmt.Errorf("%s: %w", name, cmdline.EmptyName()) // all options name files
		}
		switch {
		case a == "--":
			c.Args = args[i+1:]
			if len(c.Args) == 0 {
				return nil, errcode.Operands.Errorf("no compiler after --; name it and its arguments")
			}
			if c.Unused == "" || c.Headers == "" {
				return nil, errcode.OptionsDisagree.Errorf("--unused and --headers are both needed; give them before --")
			}
			return c, nil
		case strings.HasPrefix(a, "--unused="):
			c.Unused = strings.TrimPrefix(a, "--unused=")
		case strings.HasPrefix(a, "--system-include="):
			c.SystemIncludes = append(c.SystemIncludes, strings.TrimPrefix(a, "--system-include="))
		case strings.HasPrefix(a, "--headers="):
			c.Headers = strings.TrimPrefix(a, "--headers=")
		case strings.HasPrefix(a, "--generated="):
			c.Generated = append(c.Generated, strings.TrimPrefix(a, "--generated="))
		case strings.HasPrefix(a, "--archive="):
			c.Archive = strings.TrimPrefix(a, "--archive=")
		case a == "help" && i == 0:
			return nil, errcode.UnknownCommand.Errorf("hypcc explains no errors; run 'hyplink help %s'", strings.Join(args[1:], " "))
		default:
			return nil, errcode.UnknownOption.Errorf("unknown option %q; the compiler's options go after --", a)
		}
	}
	return nil, errcode.Operands.Errorf("no -- before the compiler's command; write one")
}

// run does what the package comment says and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 1 && args[0] == "--version" {
		return show(version.Text("hypcc")+"\n", stdout, stderr)
	}
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-help" || args[0] == "-h") {
		return show(usage+"\n"+help+"\n"+cmdline.Examples(examples), stdout, stderr)
	}
	err := dispatch(args, stdout, stderr)
	var (
		usageErr *usageError
		exit     *exec.ExitError
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usageErr):
		textline.NewWriter(stderr).Text(fmt.Sprintf("hypcc: %s\n%s", errcode.Text(err), usage))
		return exitUsage
	// A compiler that exits has printed what is wrong; one that is killed by a signal has not.
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	}
	textline.NewWriter(stderr).Text("hypcc: " + errcode.Text(err))
	return exitFailed
}

// show prints a text and returns the exit code.
func show(text string, stdout, stderr io.Writer) int {
	if _, err := io.WriteString(cmdline.Report(stdout), text); err != nil {
		textline.NewWriter(stderr).Text("hypcc: " + errcode.Text(err))
		return exitFailed
	}
	return 0
}

// dispatch runs the command that the first argument names, or else a compiler.
func dispatch(args []string, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "archive-headers":
			return writeFromList(args, compile.WriteArchive)
		case "header-names":
			return writeNames(args)
		case "check-tree":
			return checkTree(args[1:])
		}
	}
	command, err := parse(args)
	if err != nil {
		return &usageError{err}
	}
	command.Stdout, command.Stderr = stdout, stderr
	return command.Run()
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
