package generate

import (
	"path/filepath"

	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
)

// The directory of the nVHE hypervisor in a kernel tree, and the package of rules_hyp for the default kernel's version.
const (
	DefaultDir     = "arch/arm64/kvm/hyp/nvhe"
	DefaultPackage = "kernels/6.1"
)

// Files of a package of //kernels.
const (
	buildName      = "BUILD.bazel"
	headersName    = "headers.txt"
	undefinedName  = "undefined.txt"
	transcriptName = "dryrun.txt"
	lockName       = "packages.lock.json"
)

// DefaultKernel returns the request for all generated files of DefaultPackage.
// root is the root directory of rules_hyp.
func DefaultKernel(root string) *Request {
	in := func(name string) string { return filepath.Join(root, DefaultPackage, name) }
	return &Request{
		BuildFile:  in(buildName),
		Headers:    in(headersName),
		Undefined:  in(undefinedName),
		Transcript: in(transcriptName),
		Build: buildfile.Options{
			Repository: "linux",
			Rules:      "//rules:defs.bzl",
			Name:       "hyp_o",
			Command:    "bazel run //tools/hypgen:update -- TREE",
			// linux_repository reads the lock, which is written by hand.
			Exports: []string{buildName, transcriptName, lockName},
		},
	}
}
