// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"fmt"
	"path"
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
	files, err := reference.Read(archive, func(path string) bool { return path == reference.DryRunName || path == "Makefile" })
	if err != nil {
		return nil, err
	}
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
		Command:   "bazel run //kernels/configurations:update_" + target,
	})
}
