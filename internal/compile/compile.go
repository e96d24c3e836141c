// SPDX-License-Identifier: Apache-2.0

// Package compile runs one compiler command of a Bazel action, lists which of the action's headers it did not read, and rejects a compile that read
// files which are not inputs of the action.
package compile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/depfile"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// Command is one compiler command.
type Command struct {
	// Args are the compiler and its arguments, without options for a dependency file: Run adds them. The last one is the source.
	Args []string
	// Headers is the file with the list of headers that the action may read, one path per line.
	Headers string
	// Generated are further headers that the action may read.
	Generated []string
	// Archive is the file with the optional headers of the action, written by WriteArchive; empty for none.
	Archive string
	// SystemIncludes are the directories of the compiler's own headers. They need not be in the working directory.
	SystemIncludes []string
	// Unused is the file to write, with the headers of both lists that the compiler did not read, and the archive if it read none of that. With an
	// archive it also has the file Headers, unless a file asks which headers there are: a header that leaves the list is in the archive then.
	Unused string
	// Stdout and Stderr get the compiler's messages as they come.
	Stdout, Stderr io.Writer

	// regenerate is the command that lists the headers of a kernel tree again, from Headers; empty if it is not known.
	regenerate string
}

// Run runs the compiler and writes Unused. If the compiler fails, the error wraps its *exec.ExitError. Unused is not written on an error.
func (c *Command) Run() error {
	list, err := os.ReadFile(c.Headers)
	if err != nil {
		return err
	}
	headers, regenerate := splitHeaders(depfile.Lines(list))
	c.regenerate = regenerate
	headers = append(headers, c.Generated...)
	o, err := parseOptions(c.Args)
	if err != nil {
		return err
	}
	w, err := newWorkspace(c.SystemIncludes)
	if err != nil {
		return err
	}
	optional, err := openArchive(c.Archive)
	if err != nil {
		return err
	}
	defer optional.close()
	read, err := c.compileWith(optional, w, o, headers)
	if err != nil {
		return err
	}
	if err := checkInputs(w, o, read); err != nil {
		return err
	}
	all := w.relativeAll(slices.Concat(read.preprocessor, read.assembler, o.named))
	unused := depfile.Unread(headers, all)
	if optional != nil && !slices.ContainsFunc(all, optional.has) {
		unused = append(unused, c.Archive)
	}
	if optional != nil {
		asks, err := asksForHeaders(append(all, o.source))
		if err != nil {
			return err
		}
		if !asks {
			unused = append(unused, c.Headers)
		}
	}
	return writeList(c.Unused, unused)
}

// filesRead are the files that a compile read, by who names them.
type filesRead struct {
	preprocessor, assembler []string
}

// compile runs the compiler and returns the files that it read.
func (c *Command) compile(o *options, headers []string) (*filesRead, error) {
	asm := c.assembler(o)
	preprocessed, assembled := c.Unused+".d", c.Unused+".as.d"
	defer os.Remove(preprocessed)
	defer os.Remove(assembled)

	args := slices.Clone(c.Args[1:])
	if o.preprocesses {
		args = append(args, "-MD", "-MF", preprocessed)
	}
	if asm == gnuAssembler {
		// Not with -Wa, which splits its argument at commas.
		args = append(args, "-Xassembler", "--MD", "-Xassembler", assembled)
	}
	missing := missingFile{to: c.Stderr}
	cmd := c.command(args)
	cmd.Stdout, cmd.Stderr = c.Stdout, &missing
	if err := cmd.Run(); err != nil {
		missing.advise(c.Stderr, headers, c.regenerate)
		return nil, errcode.CompilerFailed.Errorf("%s: %w", c.Args[0], err)
	}

	read := &filesRead{}
	var err error
	if o.preprocesses {
		if read.preprocessor, err = readDepfile(preprocessed); err != nil {
			return nil, err
		}
	}
	switch asm {
	case gnuAssembler:
		if read.assembler, err = readDepfile(assembled); err == nil {
			read.assembler = withoutTemporaries(read.assembler)
		}
	case otherAssembler:
		read.assembler, err = c.scan(o, read.preprocessor)
	}
	return read, err
}

// command returns the compiler with other arguments.
func (c *Command) command(args []string) *exec.Cmd {
	cmd := exec.Command(c.Args[0], args...)
	// gcc, clang and gas use PWD if it is the working directory. This path is the same on every machine, so that debug information has no path
	// of the sandbox.
	cmd.Env = append(os.Environ(), "PWD=/proc/self/cwd")
	return cmd
}

// readDepfile returns the files that a dependency file names.
func readDepfile(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errcode.NoDependencyFile.Errorf("the compiler left no dependency file (%w); remove the option that undoes -MD", err)
	}
	if err != nil {
		return nil, err
	}
	files, err := depfile.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return files, nil
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
