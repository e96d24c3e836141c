// Package compile runs one compiler command of a Bazel action and lists which of the action's headers it did not read.
package compile

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/depfile"
)

// Command is one compiler command.
type Command struct {
	// Args are the compiler and its arguments. They must not make a dependency file; Run asks for one.
	Args []string
	// Headers is the file that lists the headers which the action may read, one path a line.
	Headers string
	// Unused is the file to write: the headers of the list that the compiler did not read.
	Unused string
	// Stdout and Stderr get the compiler's messages as they come.
	Stdout, Stderr io.Writer
}

// Run runs the compiler and writes Unused. Where the compiler ran and failed, the error wraps its *exec.ExitError. On an error there is no
// Unused.
func (c *Command) Run() error {
	depFile := c.Unused + ".d"
	defer os.Remove(depFile)

	args := append(append([]string{}, c.Args[1:]...), "-MD", "-MF", depFile)
	cmd := exec.Command(c.Args[0], args...)
	cmd.Stdout, cmd.Stderr = c.Stdout, c.Stderr
	// gcc, clang and gas believe PWD where it names the working directory, and this name is the same on every machine: no path of the
	// sandbox reaches debug information.
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
