// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// usageError is an error of the command line.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

func usagef(code errcode.Code, format string, arguments ...any) error {
	return &usageError{code.Errorf(format, arguments...)}
}

// config is what the command line asks for.
type config struct {
	request          *generate.Request
	dir              string
	transcript, make string
	check, update    bool
	kernel           string
	version          bool
	// compiler is the value of -compiler.
	compiler      string
	treeDir       string
	makeArguments []string
}

// examples are command lines for the end of the help.
var examples = []string{
	"hypgen -out hyp/BUILD.bazel -headers hyp/headers.txt ~/linux CROSS_COMPILE=aarch64-linux-gnu-",
	"hypgen -check -out hyp/BUILD.bazel ~/linux LLVM=-19",
	"hypgen -compile-commands compile_commands.json -out hyp/BUILD.bazel ~/linux CROSS_COMPILE=aarch64-linux-gnu-",
}

func parse(arguments []string, stderr io.Writer) (*config, error) {
	c := &config{request: &generate.Request{}}
	r := c.request
	flags := flag.NewFlagSet("hypgen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: hypgen init [options] [TREE] [MAKE-VARIABLE…]    see hypgen init -h\n       hypgen [options] TREE [MAKE-ARGUMENT…]\n       hypgen -transcript FILE [options] [TREE]\n       hypgen help CODE\n\n"+
			"Writes BUILD files for a namespaced object of the Linux kernel, from kbuild's dry run.\n"+
			"TREE is a kernel tree, or an object tree of O=, in which `make ARCH=arm64 … prepare` has run.\n"+
			"MAKE-ARGUMENTs are the arguments of kbuild, such as CROSS_COMPILE=aarch64-linux-gnu- or LLVM=1.\n"+
			"CODE is the identifier at the end of a message, such as E6004; help says what its cause is, and what to do.\n\n")
		fmt.Fprint(stderr, cmdline.Defaults(flags, cmdline.One), cmdline.Examples(examples))
	}
	flags.StringVar(&c.dir, "dir", generate.DefaultDir, "the `directory` in the tree")
	flags.StringVar(&c.transcript, "transcript", "", "read this `file`, written with -write-transcript, instead of running make")
	flags.StringVar(&c.make, "make", "make", "the make `program`")
	flags.StringVar(&r.Build.Repository, "repository", "linux", "the `name` of the kernel's repository in labels")
	flags.StringVar(&r.Build.Rules, "rules", "@rules_hyp//rules:defs.bzl", "the `label` to load the rules from")
	flags.StringVar(&r.Build.Name, "name", "hyp_o", "the `name` of the hyp_object")
	flags.BoolVar(&r.LibraryOnly, "library-only", false, "write a hyp_library only, for directories without a partial link")
	flags.BoolVar(&c.check, "check", false, "write nothing; fail if a file would change")
	flags.BoolVar(&c.update, "update", false, "write all files of a kernel of rules_hyp, in rules_hyp itself")
	flags.StringVar(&c.kernel, "kernel", generate.DefaultVersion, "with -update, the kernel's `version`: a directory of kernels/")
	flags.StringVar(&r.Build.Platform, "platform", "", "the `label` of the platform of the hyp_object; default: that of rules_hyp with the tree's compiler")
	flags.StringVar(&c.compiler, "compiler", "", "the compiler of the C toolchain that the BUILD file is for, as `gcc-VERSION` or clang-VERSION, or any to check nothing; "+
		"default: that of -platform")
	flags.BoolVar(&r.Repository, "write-repo", false, "write BUILD.bazel and REPO.bazel into TREE, for --override_repository")
	flags.StringVar(&r.BuildFile, "out", "", "the BUILD `file` to write; - is standard output, the default")
	flags.StringVar(&r.Headers, "headers", "", "the header manifest to write, a `file`")
	flags.StringVar(&r.Undefined, "undefined", "", "the list of symbols that the object may leave undefined to write, a `file`")
	flags.StringVar(&r.CompileCommands, "compile-commands", "", "the compilation database for clangd to write, a `file`: kbuild's commands, with the tree's paths")
	flags.StringVar(&r.Transcript, "write-transcript", "", "the `file` to write kbuild's commands to, without paths of this machine")
	flags.StringVar(&r.Build.Command, "rerun", "", "the `command` in the head of the BUILD file for regenerating it; default: this one")
	flags.BoolVar(&c.version, "version", false, "say which version this is")
	cmdline.RefuseEmpty(flags)
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, &usageError{cmdline.Coded(flags, err)}
	}
	if c.version {
		return c, nil
	}
	if flags.NArg() > 0 {
		c.treeDir, c.makeArguments = flags.Arg(0), flags.Args()[1:]
	}
	if r.Build.Command == "" {
		r.Build.Command = commandLine(arguments)
	}
	return c, c.complete()
}

// commandLine returns the command of arguments, without -check, which is not for writing.
func commandLine(arguments []string) string {
	words := []string{"hypgen"}
	for _, argument := range arguments {
		if name, _, _ := strings.Cut(argument, "="); name != "-check" && name != "--check" {
			words = append(words, argument)
		}
	}
	return shell.Quote(words)
}

// complete checks the command line and fills in the files of -update.
func (c *config) complete() error {
	c.dir = path.Clean(strings.TrimSuffix(c.dir, "/"))
	if c.treeDir == "" && (c.transcript == "" || c.request.NeedsTree() || c.update) {
		return usagef(errcode.Operands, "no TREE; give a prepared kernel tree, or -h for help")
	}
	for _, argument := range c.makeArguments {
		if strings.HasPrefix(argument, "-") || !strings.Contains(argument, "=") {
			return usagef(errcode.Operands, "got %q after TREE, want NAME=VALUE for make; options go before TREE", argument)
		}
	}
	if err := c.setCompiler(); err != nil {
		return err
	}
	if !c.update && c.kernel != generate.DefaultVersion {
		return usagef(errcode.OptionsDisagree, "-kernel is of -update; name the files to write with -out, -headers and -undefined")
	}
	if c.update {
		if err := c.setKernel(); err != nil {
			return err
		}
	}
	if c.request.BuildFile == "" && !c.request.Repository {
		c.request.BuildFile = standardOutput
	}
	// bazel run changes the working directory.
	if dir := os.Getenv("BUILD_WORKING_DIRECTORY"); dir != "" {
		r := c.request
		for _, name := range []*string{&c.treeDir, &c.transcript, &r.BuildFile, &r.Headers, &r.Undefined, &r.Transcript, &r.CompileCommands} {
			if *name != "" && *name != standardOutput && !filepath.IsAbs(*name) {
				*name = filepath.Join(dir, *name)
			}
		}
	}
	return nil
}

// anyCompiler is the value of -compiler for no check.
const anyCompiler = "any"

// setCompiler checks -compiler.
func (c *config) setCompiler() error {
	if c.compiler == "" || c.compiler == anyCompiler {
		return nil
	}
	if _, err := tree.ParseCompiler(c.compiler); err != nil {
		return usagef(errcode.OptionValue, "-compiler: %v; or any", err)
	}
	return nil
}

// target returns the compiler that the BUILD file will be built with; nil if it is not known or not to be checked.
func (c *config) target() *tree.Compiler {
	switch c.compiler {
	case anyCompiler:
		return nil
	case "":
		return generate.CompilerOf(c.request.Build.Platform)
	}
	compiler, err := tree.ParseCompiler(c.compiler)
	if err != nil {
		return nil
	}
	return &compiler
}

// choosePlatform sets the platform of the hyp_object to that of rules_hyp with the tree's compiler, if there is one and the command line does not say.
// A hyp_library has none, and a kernel of rules_hyp has its own.
func (c *config) choosePlatform(t *tree.Tree) {
	build := &c.request.Build
	if build.Platform != "" || c.compiler != "" || c.update || c.request.LibraryOnly {
		return
	}
	rules, _, _ := strings.Cut(build.Rules, "//")
	build.Platform, _ = generate.PlatformFor(t, strings.TrimPrefix(rules, "@"))
}

// compilers returns what the tree's configuration is checked against.
func (c *config) compilers() generate.Compilers {
	return generate.Compilers{Target: c.target(), Any: c.compiler == anyCompiler}
}

// setKernel requests the files of a kernel of rules_hyp.
func (c *config) setKernel() error {
	kernel, err := generate.KernelOf(c.kernel)
	if err != nil {
		return usagef(errcode.OptionValue, "-kernel: %v", err)
	}
	root := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	if root == "" {
		root = "."
	}
	if _, err := os.Stat(filepath.Join(root, kernel.Package())); err != nil {
		return usagef(errcode.RulesUnknown, "-update: no %s here; run it in the root directory of rules_hyp, or as bazel run //tools/hypgen:update -- TREE", kernel.Package())
	}
	repository := c.request.Repository
	c.dir, c.request = generate.DefaultDir, kernel.Request(root)
	c.request.Repository = repository
	if c.transcript != "" {
		c.request.Transcript = ""
	}
	return nil
}
