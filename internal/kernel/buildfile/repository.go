// SPDX-License-Identifier: Apache-2.0

package buildfile

import (
	"path"
	"slices"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// headersName is the variable with the header manifest in a tree's own BUILD file.
const headersName = "HEADERS"

// optionalGlob are headers that linux_repository has in :optional_headers, besides those in the directories of the manifest's.
const optionalGlob = "arch/arm64/kvm/**/*.h"

// optionalGlobs returns the globs of :optional_headers.
func optionalGlobs(headers []string) []string {
	globs := []string{optionalGlob}
	for _, header := range headers {
		globs = append(globs, path.Dir(header)+"/*.h")
	}
	slices.Sort(globs)
	return slices.Compact(globs)
}

// Repository returns the BUILD file of a kernel tree that replaces @linux with --override_repository: the targets of linux_repository, and those of
// Write. headers are those of the manifest, and kbuildFiles those that hyp_tree compares; others are files of the tree that other packages use.
func Repository(plan *kbuild.Plan, options Options, headers, kbuildFiles []string, others ...string) ([]byte, error) {
	options.Repository = ""
	exports := append([]string{configName, rootTarget}, others...)
	for _, compile := range plan.Compiles {
		exports = append(exports, path.Clean(compile.Source))
	}
	if plan.Script.Source != "" {
		exports = append(exports, path.Clean(plan.Script.Source))
	}
	slices.Sort(exports)
	options.Exports = slices.Compact(exports)
	text, err := Write(plan, options)
	if err != nil {
		return nil, err
	}
	file, err := build.ParseBuild(rootTarget, text)
	if err != nil {
		return nil, err
	}
	file.Stmt = append(file.Stmt,
		assign(headersName, lines(headers)),
		call("filegroup", assign("name", str(headersTarget)), assign("srcs", &build.Ident{Name: headersName})),
		call("filegroup", assign("name", str(optionalTarget)), assign("srcs", &build.CallExpr{
			X:    &build.Ident{Name: "glob"},
			List: []build.Expr{lines(optionalGlobs(headers)), assign("exclude", &build.Ident{Name: headersName})},
		})),
		call("filegroup", assign("name", str(kbuildTarget)), assign("srcs", lines(kbuildFiles))),
	)
	return build.Format(file), nil
}

// lines returns a list with one value per line, unless there is only one.
func lines(values []string) *build.ListExpr {
	expr := list(values...)
	expr.ForceMultiLine = len(values) > 1
	return expr
}
