// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
	"github.com/rules-hyp/rules_hyp/internal/kernel/prepare"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// initializer is a run of `hypgen init`.
type initializer struct {
	*initConfig
	place *prepare.Place
	log   *textline.Writer
	files *initFiles
}

func runInit(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	c, err := parseInit(arguments, stderr)
	if err != nil {
		return err
	}
	place, err := prepare.Locate(c.tree, c.objects)
	if err != nil {
		return err
	}
	r := &initializer{initConfig: c, place: place, log: textline.NewWriter(stderr)}
	if err := r.setCompilerVariables(); err != nil {
		return err
	}
	if r.files, err = r.openWorkspace(); err != nil {
		return err
	}
	if names, ok := r.upToDate(); ok && !c.check {
		r.log.Linef("hypgen: %s: nothing has changed since hypgen wrote its files", r.files.root)
		for _, name := range names {
			r.log.Linef("hypgen: unchanged %s", filepath.Join(r.files.root, name))
		}
		r.files.logKept(r.log)
		return r.finish(ctx, stdout, stderr)
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	if err := r.generate(ctx); err != nil {
		return err
	}
	if c.check {
		return r.files.check()
	}
	if err := r.files.write(r.log); err != nil {
		return err
	}
	if err := r.remember(); err != nil {
		r.log.Linef("hypgen: the next run will read the whole tree again: %s", errcode.Text(err))
	}
	return r.finish(ctx, stdout, stderr)
}

// setCompilerVariables adds make's variables for the compiler, if none is given: that of a prepared tree, or Debian's cross compiler.
func (r *initializer) setCompilerVariables() error {
	if prepare.NamesCompiler(r.makeArguments) {
		return nil
	}
	added := prepare.DefaultCompiler()
	if !r.place.Own {
		config, err := r.place.Tree().Configuration()
		if err != nil {
			return err
		}
		if added = prepare.CompilerVariables(config); added == nil {
			return nil
		}
	}
	r.makeArguments = append(added, r.makeArguments...)
	if len(added) > 0 {
		r.log.Linef("hypgen: no compiler is given; using %s", shell.Quote(added))
	}
	return nil
}

// prepare prepares the tree if it is not.
func (r *initializer) prepare(ctx context.Context) error {
	plan, err := r.place.NewPlan(prepare.Options{
		Make:      r.make,
		Arguments: r.makeArguments,
		Config:    r.config,
		Fragments: r.fragments,
		Jobs:      r.jobs,
		Progress:  func(line string) { r.log.Linef("hypgen: %s", line) },
		Configured: func(t *tree.Tree) error {
			_, compilers := r.platformOf(t)
			return compilers.CheckConfiguration(t)
		},
	})
	switch {
	case err != nil || plan.Reason == "":
		return err
	case r.check:
		return errcode.OutOfDate.Errorf("%s: has to be prepared: %s; run hypgen init without -check", r.place.Objects, plan.Reason)
	}
	r.log.Linef("hypgen: %s: preparing the kernel tree, which takes up to a minute: %s", r.place.Objects, plan.Reason)
	return plan.Run(ctx)
}

// platformOf returns the platform of the object, and what the tree's configuration is checked against. By default that is the platform
// with the tree's compiler, if there is one.
func (r *initializer) platformOf(t *tree.Tree) (string, generate.Compilers) {
	platform := r.platform
	if platform == "" && r.compiler == "" {
		platform, _ = generate.PlatformFor(t, r.files.rules)
	}
	compilers := generate.Compilers{Target: generate.CompilerOf(platform), Any: r.compiler == anyCompiler}
	if r.compiler != "" && !compilers.Any {
		// parseInit has parsed it.
		if compiler, err := tree.ParseCompiler(r.compiler); err == nil {
			compilers.Target = &compiler
		}
	}
	if compilers.Any {
		compilers.Target = nil
	}
	return platform, compilers
}

// generate makes the files.
func (r *initializer) generate(ctx context.Context) error {
	opened, err := tree.Open(r.place.Objects)
	if err != nil {
		return err
	}
	platform, compilers := r.platformOf(opened)
	transcript, err := generate.Transcribe(ctx, opened, r.make, generate.DefaultDir, r.makeArguments, compilers)
	if err != nil {
		return err
	}
	warn(r.log, transcript)
	request := r.files.request(platform)
	files, err := request.Files(transcript, opened)
	if err != nil {
		return err
	}
	r.compilerProgram = transcript.Compiler()
	return r.files.setGenerated(files)
}

// command returns the command that writes the files again, to be run in the workspace's root directory.
func (r *initializer) command() string {
	words := []string{"hypgen", initCommand, "-workspace", "."}
	option := func(name, value, preset string) {
		if value != preset {
			words = append(words, name, value)
		}
	}
	path := func(name string) string { return relativePath(r.files.root, name) }
	if !r.place.InPlace() && r.place.Given == r.place.Source && r.place.Objects != r.place.Source+prepare.ObjectsSuffix {
		words = append(words, "-objects", path(r.place.Objects))
	}
	if r.config != "" {
		words = append(words, "-config", path(r.config))
	}
	for _, name := range r.fragments {
		words = append(words, "-fragment", path(name))
	}
	option("-package", r.pkg, "hyp")
	option("-repository", r.repository, "linux")
	option("-name", r.name, "hyp_o")
	option("-platform", r.platform, "")
	option("-compiler", r.compiler, "")
	option("-make", r.make, "make")
	words = append(words, path(r.place.Given))
	return shell.Quote(append(words, r.makeArguments...))
}

// relativePath returns a path relative to a directory if it is near, else the absolute one.
func relativePath(from, name string) string {
	relative, err := filepath.Rel(from, name)
	if err != nil || strings.HasPrefix(relative, "../../../") {
		return name
	}
	return relative
}

// finish builds the object, or says how to.
func (r *initializer) finish(ctx context.Context, stdout, stderr io.Writer) error {
	if r.check {
		return nil
	}
	program := "bazel"
	if _, err := os.Stat(filepath.Join(r.files.root, bazelwName)); err == nil {
		program = "./" + bazelwName
	} else if _, err := exec.LookPath("bazelisk"); err == nil {
		program = "bazelisk"
	}
	target := "//" + r.pkg + ":" + r.name
	if !r.build {
		_, err := fmt.Fprintf(cmdline.Report(stdout), "cd %s && %s build %s\n", shell.Quote([]string{r.files.root}), program, target)
		return err
	}
	r.log.Linef("hypgen: %s: %s build %s", r.files.root, program, target)
	if strings.HasPrefix(program, "./") {
		program = filepath.Join(r.files.root, program)
	}
	command := exec.CommandContext(ctx, program, "build", target)
	command.Dir = r.files.root
	command.Stdout, command.Stderr = stdout, stderr
	// Bazel ends its build itself when it is interrupted.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	if err := command.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return errcode.NoBazel.Errorf("neither bazelisk nor bazel is on PATH; install one, or give -rules_hyp with a checkout of rules_hyp, whose bazelw provides Bazel")
		}
		return errcode.BuildFailed.Errorf("%s build %s: %w", program, target, err)
	}
	return nil
}
