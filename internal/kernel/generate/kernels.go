// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
)

// DefaultDir is the directory of the nVHE hypervisor in a kernel tree.
const DefaultDir = "arch/arm64/kvm/hyp/nvhe"

// DefaultVersion is the version of the default kernel, one of Kernels.
const DefaultVersion = "6.1"

// Kernel is a kernel of rules_hyp. Its files are in Package.
type Kernel struct {
	// Version is that of the Debian package with its source, linux-source-VERSION.
	Version string
	// Repository is the apparent name of the repository with its tree.
	Repository string
	// Platform is the label of the platform with the compiler that Debian built the kernel with; empty for that of hyp_object.
	Platform string
	// Rolling says that the packages are of a suite that is not released, whose archive loses them: only targets that are named need them.
	Rolling bool
}

// Kernels are those that rules_hyp builds.
var Kernels = []Kernel{
	{Version: DefaultVersion, Repository: "linux"},
	{Version: "6.12", Repository: "linux_6.12", Platform: "//platforms:arm64_gcc14"},
	{Version: "7.2", Repository: "linux_7.2", Platform: "//platforms:arm64_gcc16", Rolling: true},
}

// KernelOf returns the kernel of a version.
func KernelOf(version string) (Kernel, error) {
	var versions []string
	for _, k := range Kernels {
		if k.Version == version {
			return k, nil
		}
		versions = append(versions, k.Version)
	}
	return Kernel{}, errcode.KernelUnknown.Errorf("no kernel %s, only %s; a new one goes into internal/kernel/generate/kernels.go", version, strings.Join(versions, ", "))
}

// Package is the package of rules_hyp with the kernel's files.
func (k Kernel) Package() string { return path.Join("kernels", k.Version) }

// Files of a package of //kernels.
const (
	buildName      = "BUILD.bazel"
	headersName    = "headers.txt"
	undefinedName  = "undefined.txt"
	transcriptName = "dryrun.txt"
	lockName       = "packages.lock.json"
)

// Request returns the request for all generated files of the kernel. root is the root directory of rules_hyp.
func (k Kernel) Request(root string) *Request {
	in := func(name string) string { return filepath.Join(root, filepath.FromSlash(k.Package()), name) }
	option := ""
	if k.Version != DefaultVersion {
		option = "-kernel=" + k.Version + " "
	}
	var tags []string
	if k.Rolling {
		tags = []string{"manual"}
	}
	return &Request{
		BuildFile:  in(buildName),
		Headers:    in(headersName),
		Undefined:  in(undefinedName),
		Transcript: in(transcriptName),
		Build: buildfile.Options{
			Repository: k.Repository,
			Rules:      "//rules:defs.bzl",
			Name:       "hyp_o",
			Platform:   k.Platform,
			Tags:       tags,
			Command:    "bazel run //tools/hypgen:update -- " + option + "TREE",
			// linux_repository reads the lock, which updatelock writes.
			Exports: []string{buildName, transcriptName, lockName},
		},
	}
}
