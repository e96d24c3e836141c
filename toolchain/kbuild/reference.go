// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/reference"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// fragments are the values of -fragment, which may be repeated.
type fragments []string

func (f *fragments) String() string { return strings.Join(*f, ",") }

func (f *fragments) Set(value string) error {
	*f = append(*f, value)
	return nil
}

// buildReference is the command reference.
func buildReference(args []string) error {
	flags := flag.NewFlagSet("reference", flag.ContinueOnError)
	packages := flags.String("packages", "", "a `FILE` at the top of the unpacked packages")
	source := flags.String("source", "", "the kernel's source, a `FILE` .tar.xz")
	base := flags.String("base", "defconfig", "make's `TARGET` for the configuration: defconfig, or allnoconfig")
	headers := flags.String("headers", "", "a `FILE` with paths of headers in the tree, one per line, that the archive has besides those that were read")
	out := flags.String("out", "", "`FILE` to write")
	jobs := flags.Int("jobs", runtime.NumCPU(), "`NUMBER` of compilers at once")
	var settings fragments
	flags.Var(&settings, "fragment", "settings on top, a `FILE` with lines CONFIG_NAME=VALUE and # CONFIG_NAME is not set; may be repeated")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := required(flags, "packages", "source", "headers", "out"); err != nil {
		return err
	}
	if *base != "defconfig" && *base != "allnoconfig" {
		return errcode.OptionValue.Errorf("reference: -base: got %q, want defconfig or allnoconfig", *base)
	}
	extra, err := readLines(*headers)
	if err != nil {
		return err
	}
	root, err := newRoot(*packages, *out)
	if err != nil {
		return err
	}
	defer root.remove()
	if err := root.add(*source, "source.tar.xz"); err != nil {
		return err
	}
	if err := addFragments(root, settings); err != nil {
		return err
	}
	if err := root.run(unpackPartScript); err != nil {
		return fmt.Errorf("unpack %s: %w", *source, err)
	}
	if err := root.run(baseScript, "BASE="+*base); err != nil {
		return fmt.Errorf("configure: %w", err)
	}
	for _, fragment := range settings {
		if err := checkConfig(root, fragment); err != nil {
			return err
		}
	}
	if err := root.run(objectScript, fmt.Sprintf("JOBS=%d", *jobs)); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	dryRun := shell.Quote(append(tree.DryRunArguments("/build", "/tmp"), reference.Dir+"/"))
	if err := root.run(referenceMake + dryRun + " > " + reference.DryRunName); err != nil {
		return fmt.Errorf("dry run: %w", err)
	}
	files, err := referenceFiles(root.tree(), extra)
	if err != nil {
		return err
	}
	return writeTar(root.tree(), files, *out)
}

// addFragments puts all fragments into one file, /in/fragment.
func addFragments(r *root, names []string) error {
	var all []byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		all = append(append(all, text...), '\n')
	}
	return os.WriteFile(filepath.Join(r.dir, "in", "fragment"), all, 0o644)
}

func readLines(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(text)), nil
}

// referenceFiles returns the files of a reference, sorted: kbuild's objects of the hypervisor, every file of the tree that they were made from, and the
// headers that the caller names.
func referenceFiles(dir string, headers []string) ([]string, error) {
	all, err := listFiles(dir)
	if err != nil {
		return nil, err
	}
	needed := map[string]bool{".config": true, "Makefile": true, reference.DryRunName: true}
	for _, header := range headers {
		needed[header] = true
	}
	for name := range all {
		switch {
		case strings.HasSuffix(name, reference.ObjectSuffix), name == reference.Linked:
			needed[name] = true
		case strings.HasSuffix(name, reference.ObjectSuffix+".cmd"), path.Dir(name) == reference.Dir && path.Ext(name) == ".cmd":
			if err := addDependencies(needed, all, filepath.Join(dir, name)); err != nil {
				return nil, err
			}
		}
	}
	maps.DeleteFunc(needed, func(name string, _ bool) bool {
		// kbuild's marks of settings, which are empty.
		return strings.HasPrefix(name, "include/config/")
	})
	for name := range needed {
		if !all[name] {
			return nil, errcode.KbuildFileMissing.Errorf("%s is not in the tree of this configuration; if it is a header of -headers, the configuration is too different from the one that the list is for", name)
		}
	}
	return slices.Sorted(maps.Keys(needed)), nil
}
