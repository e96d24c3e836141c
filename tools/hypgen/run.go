package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
	"github.com/rules-hyp/rules_hyp/internal/kernel/headers"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
	"github.com/rules-hyp/rules_hyp/internal/kernel/undefined"
)

// usageError is an error of the command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, arguments ...any) error {
	return &usageError{fmt.Sprintf(format, arguments...)}
}

// config is what the command line asks for.
type config struct {
	folder, transcript, make string
	repository, rules, name  string
	libraryOnly, check       bool
	update, writeRepo        bool
	out, headers, undefined  string
	writeTranscript, rerun   string
	treeDir                  string
	makeArguments            []string
}

// defaultFolder is where the kernel keeps the hypervisor of nVHE.
const defaultFolder = "arch/arm64/kvm/hyp/nvhe"

func parse(arguments []string, stderr io.Writer) (*config, error) {
	c := &config{}
	flags := flag.NewFlagSet("hypgen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: hypgen [options] TREE [MAKE-ARGUMENT…]\n       hypgen -transcript FILE [options] [TREE]\n\n"+
			"TREE is a kernel tree, or an object tree of O=, in which `make ARCH=arm64 … prepare` has run.\n"+
			"MAKE-ARGUMENTs are what kbuild is run with, such as CROSS_COMPILE=aarch64-linux-gnu- or LLVM=1.\n\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&c.folder, "folder", defaultFolder, "the `folder` of the tree to read")
	flags.StringVar(&c.transcript, "transcript", "", "read this `file`, of -write-transcript, instead of running make")
	flags.StringVar(&c.make, "make", "make", "the make `program`")
	flags.StringVar(&c.repository, "repository", "linux", "the `name` of the kernel's repository in labels")
	flags.StringVar(&c.rules, "rules", "@rules_hyp//rules:defs.bzl", "the `label` to load the rules from")
	flags.StringVar(&c.name, "name", "hyp_o", "the `name` of the hyp_object")
	flags.BoolVar(&c.libraryOnly, "library-only", false, "write a hyp_library of what the folder compiles, for folders with no partial link")
	flags.BoolVar(&c.check, "check", false, "write nothing; fail where a file would change")
	flags.BoolVar(&c.update, "update", false, "write all files of this project's default kernel")
	flags.BoolVar(&c.writeRepo, "write-repo", false, "write BUILD.bazel and REPO.bazel into TREE, for --override_repository")
	flags.StringVar(&c.out, "out", "", "the BUILD `file` to write; - is standard output, which is also the default")
	flags.StringVar(&c.headers, "headers", "", "the header manifest to write, a `file`")
	flags.StringVar(&c.undefined, "undefined", "", "the list of symbols that the object may leave undefined, a `file` to write")
	flags.StringVar(&c.writeTranscript, "write-transcript", "", "the `file` to write what was read to, without paths of this machine")
	flags.StringVar(&c.rerun, "rerun", "hypgen", "the `command` that the head of the BUILD file gives for writing it again")
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, usagef("%v", err)
	}
	if flags.NArg() > 0 {
		c.treeDir, c.makeArguments = flags.Arg(0), flags.Args()[1:]
	}
	return c, c.complete()
}

// complete checks what belongs together and fills in what -update stands for.
func (c *config) complete() error {
	c.folder = path.Clean(strings.TrimSuffix(c.folder, "/"))
	if c.treeDir == "" && (c.transcript == "" || c.headers != "" || c.undefined != "" || c.writeRepo || c.update) {
		return usagef("no TREE; give a prepared kernel tree, or -h for help")
	}
	for _, argument := range c.makeArguments {
		if strings.HasPrefix(argument, "-") || !strings.Contains(argument, "=") {
			return usagef("got %q behind TREE, want NAME=VALUE for make; options go before TREE", argument)
		}
	}
	if c.update {
		root := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
		if root == "" {
			root = "."
		}
		if _, err := os.Stat(filepath.Join(root, defaultPackage)); err != nil {
			return usagef("-update: no %s here; run it in the root of rules_hyp, or as bazel run //tools/hypgen:update -- TREE", defaultPackage)
		}
		c.setDefaultKernel(root)
	}
	// bazel run starts programs in a folder of its own.
	if dir := os.Getenv("BUILD_WORKING_DIRECTORY"); dir != "" {
		for _, name := range []*string{&c.treeDir, &c.transcript, &c.out, &c.headers, &c.undefined, &c.writeTranscript} {
			if *name != "" && *name != "-" && !filepath.IsAbs(*name) {
				*name = filepath.Join(dir, *name)
			}
		}
	}
	return nil
}

// Files of the default kernel, relative to the workspace's root.
const (
	defaultPackage    = "kernels/6.1"
	defaultTranscript = "kernels/6.1/dryrun.txt"
	defaultLock       = "packages.lock.json"
	defaultRerun      = "bazel run //tools/hypgen:update -- TREE"
)

func (c *config) setDefaultKernel(root string) {
	c.folder, c.repository, c.rules, c.name = defaultFolder, "linux", "//rules:defs.bzl", "hyp_o"
	c.rerun = defaultRerun
	c.out = filepath.Join(root, defaultPackage, "BUILD.bazel")
	c.headers = filepath.Join(root, defaultPackage, "headers.txt")
	c.undefined = filepath.Join(root, defaultPackage, "undefined.txt")
	if c.transcript == "" {
		c.writeTranscript = filepath.Join(root, defaultTranscript)
	}
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	c, err := parse(arguments, stderr)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	var t *tree.Tree
	if c.treeDir != "" {
		if t, err = tree.Open(c.treeDir); err != nil {
			return err
		}
	}
	transcript, err := c.readTranscript(ctx, t)
	if err != nil {
		return err
	}
	plan, err := c.plan(transcript)
	if err != nil {
		return err
	}
	files, err := c.outputs(transcript, plan, t)
	if err != nil {
		return err
	}
	return c.writeAll(files, stdout, stderr)
}

func (c *config) readTranscript(ctx context.Context, t *tree.Tree) (*kbuild.Transcript, error) {
	if c.transcript != "" {
		text, err := os.ReadFile(c.transcript)
		if err != nil {
			return nil, err
		}
		transcript, err := kbuild.ParseTranscript(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.transcript, err)
		}
		return transcript, nil
	}
	if err := t.CheckPrepared(); err != nil {
		return nil, err
	}
	release, err := t.Release()
	if err != nil {
		return nil, err
	}
	text, err := t.DryRun(ctx, c.make, c.folder, c.makeArguments)
	if err != nil {
		return nil, err
	}
	return kbuild.FromDryRun(text, c.folder, t.Source, release)
}

func (c *config) plan(transcript *kbuild.Transcript) (*kbuild.Plan, error) {
	if c.libraryOnly {
		return kbuild.Libraries(transcript)
	}
	return kbuild.NewPlan(transcript)
}

// output is a file to write.
type output struct {
	name string
	text []byte
}

func (c *config) outputs(transcript *kbuild.Transcript, plan *kbuild.Plan, t *tree.Tree) ([]output, error) {
	text, err := c.buildFile(plan)
	if err != nil {
		return nil, err
	}
	var files []output
	name := c.out
	if name == "" && !c.writeRepo {
		name = "-"
	}
	if name != "" {
		files = append(files, output{name, text})
	}
	if c.writeTranscript != "" {
		files = append(files, output{c.writeTranscript, []byte(transcript.Format())})
	}
	if c.undefined != "" {
		list, err := undefinedList(t, plan)
		if err != nil {
			return nil, err
		}
		files = append(files, output{c.undefined, list})
	}
	if c.headers == "" && !c.writeRepo {
		return files, nil
	}
	if c.writeRepo && t.Source != t.Objects {
		return nil, fmt.Errorf("%s: its sources are in %s, and Bazel wants both in one folder; use linux_repository with path and source_path", t.Objects, t.Source)
	}
	found, err := headers.Scan(t, plan)
	if err != nil {
		return nil, err
	}
	if c.headers != "" {
		files = append(files, output{c.headers, manifest(plan, found)})
	}
	if c.writeRepo {
		files = append(files, repositoryFiles(t, plan, found)...)
	}
	return files, nil
}

// buildFile returns the BUILD file of a plan.
func (c *config) buildFile(plan *kbuild.Plan) ([]byte, error) {
	options := buildfile.Options{Repository: c.repository, Rules: c.rules, Name: c.name, Command: c.rerun}
	if c.headers != "" {
		options.Exports = append(options.Exports, filepath.Base(c.headers))
	}
	if c.undefined != "" {
		options.Undefined = filepath.Base(c.undefined)
		options.Exports = append(options.Exports, options.Undefined)
	}
	if c.update {
		// The lock is not written here, but linux_repository reads it.
		options.Exports = append(options.Exports, "BUILD.bazel", filepath.Base(defaultTranscript), defaultLock)
		sort.Strings(options.Exports)
	}
	return buildfile.Write(plan, options)
}

// manifest returns the header manifest that linux_repository reads.
func manifest(plan *kbuild.Plan, found *headers.Result) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# The headers that %s of Linux %s may read, both sides of each #if. Written by hypgen.\n", plan.Folder, plan.Release)
	for _, computed := range found.Computed {
		fmt.Fprintf(&b, "# Not followed, because a macro names the file: %s\n", computed)
	}
	for _, header := range found.Headers {
		b.WriteString(header + "\n")
	}
	return []byte(b.String())
}

func undefinedList(t *tree.Tree, plan *kbuild.Plan) ([]byte, error) {
	name, ok := t.Path(undefined.ListFile)
	if !ok {
		return nil, fmt.Errorf("%s: it has no %s, which lists what the object may use of the kernel", t.Source, undefined.ListFile)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	symbols := undefined.Symbols(string(text), plan.SymbolPrefix)
	if len(symbols) == 0 {
		return nil, fmt.Errorf("%s: no symbol with the prefix %q", name, plan.SymbolPrefix)
	}
	head := fmt.Sprintf("# What %s of Linux %s lets the object use of the kernel. Written by hypgen.\n", undefined.ListFile, plan.Release)
	return []byte(head + strings.Join(symbols, "\n") + "\n"), nil
}
