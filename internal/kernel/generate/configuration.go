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

// Configuration is a configuration of a kernel of rules_hyp, other than Debian's, one of kernels/configurations.bzl.
type Configuration struct {
	// Name is VERSION/NAME.
	Name string
	// Platform is the label of the platform with the compiler of the reference; empty for that of hyp_object.
	Platform string
	// Tags are those of all targets.
	Tags []string
	// Listed is the kernel's list of headers, kernels/VERSION/headers.txt. The BUILD file names those that the configuration has besides them.
	Listed []byte
}

// defaultPlatform is hyp_object's.
const defaultPlatform = "//platforms:arm64"

// Package is the package of rules_hyp with the configuration's BUILD file.
func (c Configuration) Package() string { return path.Join("kernels", c.Name) }

// BuildFile returns the BUILD file for a reference, the archive that kbuild_reference made.
func (c Configuration) BuildFile(archive string) ([]byte, error) {
	version, name, _ := strings.Cut(c.Name, "/")
	kernel, err := KernelOf(version)
	if err != nil {
		return nil, err
	}
	if name == "" || strings.Contains(name, "/") {
		return nil, errcode.KernelUnknown.Errorf("configuration %q: want VERSION/NAME", c.Name)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(c.Listed)) {
		listed[strings.TrimSpace(line)] = true
	}
	var more []string
	files, err := reference.Read(archive, func(name string) bool {
		if path.Ext(name) == ".h" && !listed[name] {
			more = append(more, name)
		}
		return name == reference.DryRunName || name == "Makefile"
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(more)
	release, err := tree.ReleaseOf(archive+": Makefile", files["Makefile"])
	if err != nil {
		return nil, err
	}
	transcript, err := kbuild.FromDryRun(string(files[reference.DryRunName]), reference.Dir, reference.Tree, release)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	plan, err := kbuild.NewPlan(transcript)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	platform := c.Platform
	if platform == defaultPlatform {
		platform = ""
	}
	target := version + "_" + name
	return buildfile.Write(plan, buildfile.Options{
		Rules:     "//rules:defs.bzl",
		Name:      "hyp_o",
		Platform:  platform,
		Tags:      c.Tags,
		Undefined: "//" + kernel.Package() + ":" + undefinedName,
		Reference: "//kernels/configurations:" + target,
		Headers:   "@" + kernel.Repository + "//:headers",
		Exports:   []string{buildName},

		HeaderPaths: more,
		Command:     "bazel run //kernels/configurations:update_" + target,
	})
}
