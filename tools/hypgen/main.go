// SPDX-License-Identifier: Apache-2.0

// Hypgen writes Bazel BUILD files for a namespaced object of the Linux kernel.
//
// It runs kbuild's dry run (make -n V=1 DIR/) in a prepared tree and writes
// hyp_library, hyp_linker_script and hyp_object with the same sources, order and
// options. Nothing is compiled. `hypgen init` does everything from the tree to a
// workspace that builds the object.
//
//	hypgen init [options] [TREE] [MAKE-VARIABLE…]
//	hypgen [options] TREE [MAKE-ARGUMENT…]
//	hypgen -transcript FILE [options] [TREE]
//	hypgen help CODE
//
// Exit codes: 0 done, 1 the tree or a file is wrong, or -check found a
// difference, 2 the command line is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	errpages "github.com/rules-hyp/rules_hyp/docs/errors"
	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/stamp"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
	"github.com/rules-hyp/rules_hyp/internal/textline"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

func main() {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	// As after nohup.
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err == nil {
		return
	}
	messages := textline.NewWriter(os.Stderr)
	for _, text := range errcode.Lines(err) {
		messages.Text("hypgen: " + text + "\n")
	}
	var usage *usageError
	if errors.As(err, &usage) {
		os.Exit(2)
	}
	os.Exit(1)
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	err := dispatch(ctx, arguments, stdout, stderr)
	if os.Getenv("BUILD_WORKING_DIRECTORY") != "" && lacksProgram(err) {
		err = fmt.Errorf("%w; if the program is there, Bazel runs in a root directory of its own, as with bazelw, where programs of the host are not visible: "+
			"build //tools/hypgen and run the program outside of Bazel", err)
	}
	return err
}

// lacksProgram tells whether an error is about a program of the host that is not there.
func lacksProgram(err error) bool {
	switch errcode.Of(err) {
	case errcode.ProgramsMissing, errcode.CompilerNotFound, errcode.NoBazel:
		return true
	}
	var path *fs.PathError
	// make, by its path.
	return errors.Is(err, exec.ErrNotFound) || errors.As(err, &path) && path.Op == "fork/exec"
}

// dispatch runs the command that the first argument names, or else writes files.
func dispatch(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	if len(arguments) > 0 && arguments[0] == initCommand {
		if err := runInit(ctx, arguments[1:], stdout, stderr); !errors.Is(err, flag.ErrHelp) {
			return err
		}
		return nil
	}
	stdout = cmdline.Report(stdout)
	if len(arguments) == 2 && arguments[0] == "help" {
		if arguments[1] == initCommand {
			return run(ctx, []string{initCommand, "-h"}, stdout, stderr)
		}
		return helpError(arguments[1], stdout)
	}
	c, err := parse(arguments, stderr)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if c.version {
		_, err := fmt.Fprintln(stdout, version.Text("hypgen"))
		return err
	}
	var t *tree.Tree
	if c.treeDir != "" {
		if t, err = tree.Open(c.treeDir); err != nil {
			return err
		}
	}
	var transcript *kbuild.Transcript
	if c.transcript != "" {
		transcript, err = generate.ReadTranscript(c.transcript)
	} else {
		c.choosePlatform(t)
		transcript, err = generate.Transcribe(ctx, t, c.make, c.dir, c.makeArguments, c.compilers())
	}
	if err != nil {
		return err
	}
	warn(textline.NewWriter(stderr), transcript)
	// The trees of rules_hyp's kernels are downloaded.
	c.request.Configured = t != nil && !c.update && !stamp.Downloaded(t.Objects)
	files, err := c.request.Files(transcript, t)
	if err != nil {
		return err
	}
	return writeAll(files, c.check, stdout, stderr)
}

// helpError prints the entry of an error.
func helpError(code string, stdout io.Writer) error {
	text, ok := errpages.Entry(code)
	if !ok {
		return usagef(errcode.UnknownError, "no command or error is called %q; give init, or an identifier from the end of a message, such as E6004", code)
	}
	_, err := io.WriteString(stdout, text)
	return err
}
