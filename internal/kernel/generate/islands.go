// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/reference"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// IslandDirs are the directories that an archive of kbuild_islands has.
var IslandDirs = []string{"arch/arm64/kernel/pi", "arch/arm64/kernel/vdso", "drivers/firmware/efi/libstub"}

// filesName is the list of what the objects of a directory are made from, in an archive of kbuild_islands.
const filesName = "files.txt"

// IslandPackage is the package of rules_hyp with the BUILD file of one of IslandDirs.
func IslandPackage(version, dir string) string {
	return path.Join("kernels", version, "islands", path.Base(dir))
}

// IslandBuildFile returns the BUILD file of one of IslandDirs of a kernel of rules_hyp, for an archive that kbuild_islands made.
func IslandBuildFile(version, dir, archive string) ([]byte, error) {
	kernel, err := KernelOf(version)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(IslandDirs, dir) {
		return nil, errcode.Operands.Errorf("got the directory %q, want one of %s", dir, strings.Join(IslandDirs, ", "))
	}
	dryRun, files := path.Join(dir, reference.DryRunName), path.Join(dir, filesName)
	texts, err := reference.Read(archive, func(name string) bool { return name == dryRun || name == files || name == "Makefile" })
	if err != nil {
		return nil, err
	}
	for _, name := range []string{dryRun, files, "Makefile"} {
		if len(texts[name]) == 0 {
			return nil, errcode.ReferenceDamaged.Errorf("%s: it has no %s, or an empty one", archive, name)
		}
	}
	release, err := tree.ReleaseOf(archive+": Makefile", texts["Makefile"])
	if err != nil {
		return nil, err
	}
	transcript, err := kbuild.FromDryRun(string(texts[dryRun]), dir, reference.Tree, release)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	// A vDSO is linked by other programs than those that hypgen knows.
	request := &Request{LibraryOnly: path.Base(dir) == "vdso"}
	plan, err := request.plan(transcript)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	sources := map[string]bool{}
	for _, compile := range plan.Compiles {
		sources[path.Clean(compile.Source)] = true
	}
	headers := slices.DeleteFunc(strings.Fields(string(texts[files])), func(name string) bool { return sources[name] })
	return buildfile.Write(plan, buildfile.Options{
		Rules:       "//rules:defs.bzl",
		Platform:    kernel.Platform,
		Reference:   "//" + path.Dir(IslandPackage(version, dir)) + ":reference",
		HeaderPaths: headers,
		Exports:     []string{buildName},
		Command:     "bazel run //" + path.Dir(IslandPackage(version, dir)) + ":update",
	})
}
