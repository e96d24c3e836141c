// Package generate makes the files that describe one object of a kernel to
// Bazel, out of a prepared tree or the transcript of a dry run.
package generate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
	"github.com/rules-hyp/rules_hyp/internal/kernel/headers"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
	"github.com/rules-hyp/rules_hyp/internal/kernel/undefined"
)

// Request says which files to make. A file with an empty name is not made.
type Request struct {
	// BuildFile is the name of the BUILD file; Headers, of the header manifest; Undefined, of the list of symbols that the object may
	// leave undefined; Transcript, of what kbuild printed. The BUILD file expects the two lists in its own directory.
	BuildFile, Headers, Undefined, Transcript string
	// Build is what the BUILD file says that kbuild does not. Its Undefined and Exports get the names above.
	Build buildfile.Options
	// LibraryOnly asks for a hyp_library of what is compiled, for directories with no partial link.
	LibraryOnly bool
	// Repository asks for BUILD.bazel and REPO.bazel in the tree itself, for --override_repository.
	Repository bool
}

// File is a file to write.
type File struct {
	Name string
	Text []byte
}

// Transcribe asks kbuild what it would do in a directory of a prepared tree.
// arguments are make's, such as CROSS_COMPILE=….
func Transcribe(ctx context.Context, t *tree.Tree, make, folder string, arguments []string) (*kbuild.Transcript, error) {
	if err := t.CheckPrepared(); err != nil {
		return nil, err
	}
	release, err := t.Release()
	if err != nil {
		return nil, err
	}
	text, err := t.DryRun(ctx, make, folder, arguments)
	if err != nil {
		return nil, err
	}
	return kbuild.FromDryRun(text, folder, t.Source, release)
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

// NeedsTree tells whether the files asked for cannot be made from a transcript alone.
func (r *Request) NeedsTree() bool {
	return r.Headers != "" || r.Undefined != "" || r.Repository
}

// Files makes the files of a request. The tree is used where NeedsTree says so, and may be nil otherwise.
func (r *Request) Files(transcript *kbuild.Transcript, t *tree.Tree) ([]File, error) {
	plan, err := r.plan(transcript)
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
	if r.Undefined != "" {
		list, err := undefined.List(t, plan.Release, plan.SymbolPrefix)
		if err != nil {
			return nil, err
		}
		files = append(files, File{r.Undefined, list})
	}
	if r.Headers == "" && !r.Repository {
		return files, nil
	}
	// A repository is one directory, so the tree must hold both its sources and what kbuild made.
	if r.Repository && t.Source != t.Objects {
		return nil, fmt.Errorf("%s: its sources are in %s, and a Bazel repository is one directory; use linux_repository with path and source_path",
			t.Objects, t.Source)
	}
	found, err := headers.Scan(t, plan)
	if err != nil {
		return nil, err
	}
	if r.Headers != "" {
		files = append(files, File{r.Headers, found.Manifest(plan)})
	}
	if r.Repository {
		files = append(files, repositoryFiles(plan, t, found)...)
	}
	return files, nil
}

func (r *Request) plan(transcript *kbuild.Transcript) (*kbuild.Plan, error) {
	if r.LibraryOnly {
		return kbuild.Libraries(transcript)
	}
	return kbuild.NewPlan(transcript)
}

// options returns Build with the names of the files that go with the BUILD file.
func (r *Request) options() buildfile.Options {
	options := r.Build
	options.Exports = slices.Clone(options.Exports)
	if r.Headers != "" {
		options.Exports = append(options.Exports, filepath.Base(r.Headers))
	}
	if r.Undefined != "" {
		options.Undefined = filepath.Base(r.Undefined)
		options.Exports = append(options.Exports, options.Undefined)
	}
	slices.Sort(options.Exports)
	return options
}

// repositoryFiles returns what makes a tree a repository that takes the place of @linux.
func repositoryFiles(plan *kbuild.Plan, t *tree.Tree, found *headers.Result) []File {
	var others []string
	if _, ok := t.Path(undefined.ListFile); ok {
		others = append(others, undefined.ListFile)
	}
	return []File{
		{filepath.Join(t.Objects, "BUILD.bazel"), buildfile.Repository(plan, found.Headers, others...)},
		{filepath.Join(t.Objects, "REPO.bazel"), []byte("# Marks the tree as a Bazel repository. Written by hypgen -write-repo.\n")},
	}
}
