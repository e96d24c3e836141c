// SPDX-License-Identifier: Apache-2.0

// Publish puts the files of a release into a directory, and its entry into a Bazel registry.
//
//	bazel run --config=release //tools/release/publish -- [-url PREFIX] [-registry DIR] DIRECTORY
//
// It prints what a consumer writes into MODULE.bazel. The source archive may have only files of the commit that is checked out. Files that are there and differ are an error: a version has one content. The entry's address is
// that of .bcr/source.template.json, or below -url.
//
// Exit codes: 0 success, 1 failure, 2 wrong command line.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

func main() {
	flags := flag.NewFlagSet("publish", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: publish [-url PREFIX] [-registry DIR] DIRECTORY\nput the files of a release into a directory, and its entry into a Bazel registry.")
		flags.PrintDefaults()
	}
	prefix := flags.String("url", "", "the `URL` of the directory; empty: that of .bcr/source.template.json")
	registry := flags.String("registry", "", "a `directory` with a Bazel registry, which gets an entry")
	switch err := flags.Parse(os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(0)
	case err != nil:
		os.Exit(2)
	case flags.NArg() != 1:
		flags.Usage()
		os.Exit(2)
	}
	files, err := runfiles()
	if err == nil {
		p := &publisher{files: files, url: strings.TrimSuffix(*prefix, "/"), workspace: os.Getenv("BUILD_WORKSPACE_DIRECTORY")}
		if p.git, err = filepath.Abs(os.Getenv("GIT")); err != nil || os.Getenv("GIT") == "" {
			p.git = "git"
		}
		err = p.publish(atStart(flags.Arg(0)), atStart(*registry))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "publish:", errcode.Text(err))
		os.Exit(1)
	}
}

// atStart returns a path relative to where the user ran bazel.
func atStart(name string) string {
	if dir := os.Getenv("BUILD_WORKING_DIRECTORY"); dir != "" && name != "" && !filepath.IsAbs(name) {
		return filepath.Join(dir, name)
	}
	return name
}

// runfiles returns the paths of this program's data by their names. `bazel run` starts it in the main repository's runfiles.
func runfiles() (map[string]string, error) {
	files := map[string]string{toolchainFile: toolchainFile}
	for _, dir := range []string{"tools/release", "tools/release/dist", ".bcr", "."} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, errcode.ReleaseUnbuilt.Errorf("no files of a release here; start this by `bazel run`: %w", err)
		}
		for _, e := range entries {
			files[e.Name()] = filepath.Join(dir, e.Name())
		}
	}
	return files, nil
}

// publisher publishes a release.
type publisher struct {
	files map[string]string // paths by name
	url   string

	workspace string // the repository's directory
	git       string // the path of git
}

// described is what is read of a release's description; see tools/release/pack.
type described struct {
	Version string
	Commit  string // empty if the build was not stamped
	Files   []struct{ Name, SHA256 string }
}

// publish publishes the release in a directory and, unless its path is empty, in a registry.
func (p *publisher) publish(dir, registry string) error {
	var r described
	description := "rules_hyp-" + version.Number + ".release.json"
	if err := p.readJSON(description, &r); err != nil {
		return err
	}
	if err := p.checkTracked(r); err != nil {
		return err
	}
	names := []string{description, "SHA256SUMS"}
	for _, f := range r.Files {
		names = append(names, f.Name)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, name := range names {
		data, err := p.read(name)
		if err != nil {
			return err
		}
		if err := put(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	source, err := p.source(r.Version)
	if err != nil {
		return err
	}
	if registry != "" {
		if err := p.register(registry, r, source); err != nil {
			return err
		}
	}
	p.printUse(r, source)
	return nil
}

// read returns the contents of a file of the release or of the repository.
func (p *publisher) read(name string) ([]byte, error) {
	file, ok := p.files[name]
	if !ok {
		return nil, errcode.ReleaseUnbuilt.Errorf("%s: not built; start this by `bazel run`", name)
	}
	return os.ReadFile(file)
}

func (p *publisher) readJSON(name string, v any) error {
	data, err := p.read(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return errcode.ReleaseUnbuilt.Errorf("%s: %w", name, err)
	}
	return nil
}

// put writes a file that is not there yet, or has these contents.
func put(name string, data []byte) error {
	old, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileio.WriteBytes(name, data)
	case err != nil:
		return err
	case string(old) != string(data):
		return errcode.ReleaseDiffers.Errorf("%s: is there, with other contents; a version that was published does not change: remove it, or raise the version", name)
	}
	return nil
}

// printUse prints what a consumer writes.
func (p *publisher) printUse(r described, s *source) {
	fmt.Printf("# From a registry that has it, with programs from source:\nbazel_dep(name = \"rules_hyp\", version = %q)\n\n", r.Version)
	fmt.Printf("# Or with the programs of the release, without Go and rules_go:\nbazel_dep(name = \"rules_hyp\", version = %q)\n\n", r.Version+prebuiltSuffix)
	fmt.Printf("# Without a registry, besides the first of these lines:\narchive_override(\n    module_name = \"rules_hyp\",\n    integrity = %q,\n    strip_prefix = %q,\n    urls = [%q],\n)\n\n",
		s.Integrity, s.StripPrefix, s.URL)
	fmt.Print("# And with the programs of the release, without Go:\nhyp = use_extension(\"@rules_hyp//rules:extensions.bzl\", \"hyp\")\n")
	for _, a := range toolArchives(r, s) {
		fmt.Println(build.FormatString(a.tag()))
	}
	fmt.Print("use_repo(hyp, \"hyp_prebuilt_tools\")\n\nregister_toolchains(\"@hyp_prebuilt_tools//:all\")\n")
}
