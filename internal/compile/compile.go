// Package compile runs one compiler command of a Bazel action and lists which of the action's headers it did not read.
package compile

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/depfile"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// Command is one compiler command.
type Command struct {
	// Args are the compiler and its arguments, without options for a dependency file: Run adds them.
	Args []string
	// Headers is the file with the list of headers that the action may read, one path per line.
	Headers string
	// Unused is the file to write, with the headers of the list that the compiler did not read.
	Unused string
	// Stdout and Stderr get the compiler's messages as they come.
	Stdout, Stderr io.Writer
}

// Run runs the compiler and writes Unused. If the compiler fails, the error wraps its *exec.ExitError. Unused is not written on an error.
func (c *Command) Run() error {
	depFile := c.Unused + ".d"
	defer os.Remove(depFile)

	args := append(append([]string{}, c.Args[1:]...), "-MD", "-MF", depFile)
	cmd := exec.Command(c.Args[0], args...)
	cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
	// gcc, clang and gas use PWD if it is the working directory. This path is the same on every machine, so that debug information has no path
	// of the sandbox.
	cmd.Env = append(os.Environ(), "PWD=/proc/self/cwd")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", c.Args[0], err)
	}

	text, err := os.ReadFile(depFile)
	if err != nil {
		return fmt.Errorf("the compiler left no dependency file (%w); remove the option that undoes -MD", err)
	}
	read, err := depfile.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", depFile, err)
	}
	list, err := os.ReadFile(c.Headers)
	if err != nil {
		return err
	}
	return writeList(c.Unused, depfile.Unread(depfile.Lines(list), read))
}

// writeList writes one path per line.
func writeList(path string, lines []string) error {
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(l)
		text.WriteByte('\n')
	}
	return fileio.WriteBytes(path, []byte(text.String()))
}
