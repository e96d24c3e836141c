// Command hypcc runs one compiler command for a Bazel action and reports which of the action's headers it did not read.
//
//	hypcc --unused=FILE --headers=LIST -- COMPILER ARG…
//
// LIST names the headers that the action may read, one path a line, as Bazel writes a multiline parameter file. hypcc adds
// `-MD -MF` to the command, reads the dependency file the compiler leaves, and writes to FILE the headers of LIST that
// do not stand in it: Bazel's `unused_inputs_list`. A later change of one of those does not run the action again.
//
// The compiler's working directory is told to it as /proc/self/cwd, so that no path of the sandbox reaches debug information.
//
// Exit codes: 0 done; 1 the compiler could not be run or left no dependency file; 2 the command line is wrong; otherwise the
// compiler's own.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/depfile"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

// usage is what a wrong command line is answered with.
const usage = "usage: hypcc --unused=FILE --headers=LIST -- COMPILER ARG…"

// options are hypcc's own arguments, the compiler's command set apart.
type options struct {
	unused  string   // where the list of unread headers goes
	headers string   // file that lists the candidates
	command []string // the compiler and its arguments
}

// parse splits hypcc's own options from the compiler's command.
func parse(args []string) (options, error) {
	var o options
	for i, a := range args {
		switch {
		case a == "--":
			o.command = args[i+1:]
			if len(o.command) == 0 {
				return o, errors.New("no compiler after --; name it and its arguments")
			}
			if o.unused == "" || o.headers == "" {
				return o, errors.New("--unused and --headers are both needed; give them before --")
			}
			return o, nil
		case strings.HasPrefix(a, "--unused="):
			o.unused = strings.TrimPrefix(a, "--unused=")
		case strings.HasPrefix(a, "--headers="):
			o.headers = strings.TrimPrefix(a, "--headers=")
		default:
			return o, fmt.Errorf("unknown option %q; the compiler's options stand after --", a)
		}
	}
	return o, errors.New("no -- before the compiler's command; write one")
}

// failure is an error with the exit code it asks for.
type failure struct {
	code int
	err  error // nil when the compiler has already said what is wrong
}

// run does what the package comment says; the compiler's own messages go to stdout and stderr as they come.
func run(args []string, stdout, stderr io.Writer) *failure {
	o, err := parse(args)
	if err != nil {
		return &failure{exitUsage, fmt.Errorf("%w\n%s", err, usage)}
	}
	depFile := o.unused + ".d"
	defer os.Remove(depFile)

	argv := append(append([]string{}, o.command[1:]...), "-MD", "-MF", depFile)
	cmd := exec.Command(o.command[0], argv...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	// gcc, clang and gas believe PWD where it names the working directory, and this name is the same on every machine.
	cmd.Env = append(os.Environ(), "PWD=/proc/self/cwd")
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() > 0 {
			return &failure{exit.ExitCode(), nil}
		}
		return &failure{exitFailed, fmt.Errorf("%s: %w", o.command[0], err)}
	}

	depText, err := os.ReadFile(depFile)
	if err != nil {
		return &failure{exitFailed, fmt.Errorf("the compiler left no dependency file (%w); -MD must not be undone by other options", err)}
	}
	read, err := depfile.Parse(depText)
	if err != nil {
		return &failure{exitFailed, fmt.Errorf("%s: %w", depFile, err)}
	}
	list, err := os.ReadFile(o.headers)
	if err != nil {
		return &failure{exitFailed, err}
	}
	unused := depfile.Unread(depfile.Lines(list), read)
	if err := writeList(o.unused, unused); err != nil {
		return &failure{exitFailed, err}
	}
	return nil
}

// writeList writes one path a line, under a temporary name first, so that an error leaves no half-written list.
func writeList(path string, lines []string) error {
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(l)
		text.WriteByte('\n')
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, []byte(text.String()), 0o644); err != nil {
		os.Remove(tmp)
		return err
	}
	return os.Rename(tmp, path)
}

func main() {
	if f := run(os.Args[1:], os.Stdout, os.Stderr); f != nil {
		if f.err != nil {
			fmt.Fprintf(os.Stderr, "hypcc: %v\n", f.err)
		}
		os.Exit(f.code)
	}
}
