// SPDX-License-Identifier: Apache-2.0

// Package generate makes the files that describe one object of a kernel to
// Bazel, from a prepared tree or the transcript of a dry run.
package generate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
	"github.com/rules-hyp/rules_hyp/internal/kernel/clangd"
	"github.com/rules-hyp/rules_hyp/internal/kernel/headers"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/stamp"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
	"github.com/rules-hyp/rules_hyp/internal/kernel/undefined"
)

// Request says which files to make. Files without a name are not made.
type Request struct {
	// Names of the BUILD file, the header manifest, the list of symbols that the object may leave undefined, and the transcript of the
	// dry run. The BUILD file expects the two lists in its directory.
	BuildFile, Headers, Undefined, Transcript string
	// CompileCommands is the name of the compilation database, which has paths of this machine.
	CompileCommands string
	// Build has the parts of the BUILD file that do not come from kbuild. The names above are added to its Undefined and Exports.
	Build buildfile.Options
	// LibraryOnly asks for a hyp_library only, for directories without a partial link.
	LibraryOnly bool
	// Configured asks for a header manifest that is for the tree's configuration alone. That of a kernel which is downloaded is for its Makefiles.
	Configured bool
	// Repository asks for BUILD.bazel and REPO.bazel in the tree, for --override_repository.
	Repository bool
}

// File is a file to write.
type File struct {
	Name string
	Text []byte
}

// Transcribe asks kbuild what it would do in a directory of a prepared tree.
// arguments are make's, such as CROSS_COMPILE=…. The tree's compiler must be that of the arguments, and compilers' target.
func Transcribe(ctx context.Context, t *tree.Tree, make, dir string, arguments []string, compilers Compilers) (*kbuild.Transcript, error) {
	if err := t.CheckPrepared(); err != nil {
		return nil, err
	}
	if err := checkDirectory(t, dir); err != nil {
		return nil, err
	}
	if dir == DefaultDir {
		if err := t.CheckHypervisor(); err != nil {
			return nil, err
		}
	}
	if err := t.CheckPlugins(dir); err != nil {
		return nil, err
	}
	if err := compilers.checkTarget(t); err != nil {
		return nil, err
	}
	release, err := t.Release()
	if err != nil {
		return nil, err
	}
	transcript, err := ask(ctx, t, make, dir, dir, release, arguments)
	if err == nil && transcript.Compiler() == "" && path.Dir(dir) != "." {
		// The hypervisor's part of a pKVM module is no goal of its own directory
		// (Makefile.module): the module's directory makes it.
		if above, fail := ask(ctx, t, make, path.Dir(dir), dir, release, arguments); fail == nil && above.Compiler() != "" {
			transcript = above
		}
	}
	if err != nil {
		return nil, err
	}
	transcript.ReplaceRoot(t.Objects)
	config, err := t.Configuration()
	if err != nil {
		return nil, err
	}
	transcript.LLD = config.LLD()
	return transcript, compilers.checkGiven(ctx, t, transcript)
}

// ask asks kbuild what it would do in a directory, and keeps what is about one below it, or the same.
func ask(ctx context.Context, t *tree.Tree, make, in, dir, release string, arguments []string) (*kbuild.Transcript, error) {
	text, err := t.DryRun(ctx, make, in, arguments)
	if err != nil {
		return nil, err
	}
	return kbuild.FromDryRun(text, dir, t.Source, release)
}

// Unlike returns an error that tells in what the object differs from kbuild's, although it does the same; nil if they are equal.
func Unlike(transcript *kbuild.Transcript) error {
	if !transcript.LTO() {
		return nil
	}
	return errcode.LinkTimeOptimization.Errorf("%s: kbuild's compiler writes intermediate code here, for link-time optimization (LTO); the BUILD file has it write machine code: "+
		"the object does the same as kbuild's, and has other bytes; with CONFIG_LTO_NONE=y they are equal", transcript.Dir)
}

// ReadTranscript reads a transcript from a file.
func ReadTranscript(name string) (*kbuild.Transcript, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	transcript, err := kbuild.ParseTranscript(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return transcript, nil
}

// NeedsTree tells whether the files cannot be made from a transcript alone.
func (r *Request) NeedsTree() bool {
	return r.CompileCommands != "" || r.Headers != "" || r.Undefined != "" || r.Repository
}

// Files makes the files of a request. The tree may be nil unless NeedsTree.
func (r *Request) Files(transcript *kbuild.Transcript, t *tree.Tree) ([]File, error) {
	plan, err := r.plan(transcript)
	var uncompiled *kbuild.UncompiledError
	if errors.As(err, &uncompiled) && t != nil {
		if missing := t.MissingSource(uncompiled.Object); missing != nil {
			return nil, missing
		}
	}
	if err != nil {
		return nil, err
	}
	var files []File
	if r.BuildFile != "" {
		text, err := buildfile.Write(plan, r.options())
		if err != nil {
			return nil, err
		}
		files = append(files, File{r.BuildFile, text})
	}
	if r.Transcript != "" {
		files = append(files, File{r.Transcript, []byte(transcript.Format())})
	}
	if r.Undefined != "" && len(plan.Islands) > 0 {
		return nil, errcode.RequestMismatch.Errorf("%s: its objects are renamed one by one, and may leave anything to each other; leave out -undefined", plan.Dir)
	}
	if r.Undefined != "" {
		list, err := undefined.List(t, plan.Release, plan.SymbolPrefix)
		if err != nil {
			return nil, err
		}
		files = append(files, File{r.Undefined, list})
	}
	if r.CompileCommands != "" {
		database, err := clangd.Database(transcript, t)
		if err != nil {
			return nil, err
		}
		files = append(files, File{r.CompileCommands, database})
	}
	if r.Headers == "" && !r.Repository {
		return files, nil
	}
	// A repository is one directory, so both the sources and kbuild's files must be in the tree.
	if r.Repository && t.Source != t.Objects {
		return nil, errcode.RequestMismatch.Errorf("%s: its sources are in %s, and a Bazel repository is one directory; use linux_repository with path and source_path",
			t.Objects, t.Source)
	}
	found, err := headers.Scan(t, plan)
	if err != nil {
		return nil, err
	}
	stamps, err := stamp.Of(t.Source, t.Objects, plan.Dir, r.Configured)
	if err != nil {
		return nil, err
	}
	manifest := found.Manifest(plan, stamps)
	if r.Headers != "" {
		files = append(files, File{r.Headers, manifest})
	}
	if r.Repository {
		more, err := r.repositoryFiles(plan, t, found.Headers, stamps)
		if err != nil {
			return nil, err
		}
		files = append(append(files, more...), File{filepath.Join(t.Objects, treeManifest), manifest})
	}
	return files, nil
}

func (r *Request) plan(transcript *kbuild.Transcript) (*kbuild.Plan, error) {
	if r.LibraryOnly {
		return kbuild.Libraries(transcript)
	}
	return kbuild.NewPlan(transcript)
}

// options returns Build with the names of the lists.
func (r *Request) options() buildfile.Options {
	options := r.Build
	options.Exports = slices.Clone(options.Exports)
	if r.Headers != "" {
		options.Manifest = filepath.Base(r.Headers)
		options.Exports = append(options.Exports, options.Manifest)
	}
	if r.Undefined != "" {
		options.Undefined = filepath.Base(r.Undefined)
		options.Exports = append(options.Exports, options.Undefined)
	}
	slices.Sort(options.Exports)
	return options
}

// Lists in a tree that has its own BUILD file.
const (
	treeManifest  = "hypgen.headers.txt"
	treeUndefined = "hypgen.undefined.txt"
)

// repositoryFiles returns the files that make a tree a replacement of @linux, with hyp_o, but for the manifest.
func (r *Request) repositoryFiles(plan *kbuild.Plan, t *tree.Tree, headers []string, stamps []stamp.Stamp) ([]File, error) {
	options := r.Build
	options.Manifest, options.Undefined = treeManifest, ""
	files := []File{
		{filepath.Join(t.Objects, "REPO.bazel"), []byte("# Marks the tree as a Bazel repository. Generated by hypgen -write-repo.\n")},
	}
	others := []string{treeManifest}
	if _, ok := t.Path(undefined.ListFile); ok {
		list, err := undefined.List(t, plan.Release, plan.SymbolPrefix)
		if err != nil {
			return nil, err
		}
		options.Undefined = treeUndefined
		others = append(others, undefined.ListFile, treeUndefined)
		files = append(files, File{filepath.Join(t.Objects, treeUndefined), list})
	}
	var kbuildFiles []string
	for _, s := range stamps {
		kbuildFiles = append(kbuildFiles, s.Name)
	}
	text, err := buildfile.Repository(plan, options, headers, kbuildFiles, others...)
	if err != nil {
		return nil, err
	}
	return append(files, File{filepath.Join(t.Objects, "BUILD.bazel"), text}), nil
}
