// SPDX-License-Identifier: Apache-2.0

package buildfile

import (
	"path"
	"slices"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// Variables in a tree's own BUILD file: the header manifest, the sources, and those of them that are there.
const (
	headersName = "HEADERS"
	sourcesName = "SOURCES"
	presentName = "PRESENT"
	// sourcesTarget is linux_repository's target with all sources.
	sourcesTarget = "sources"
	missingRule   = "hyp_missing_source"
)

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
	options.Repository, options.more = "", []string{missingRule}
	sources := plan.Sources()
	exports := append([]string{configName, rootTarget}, others...)
	exports = slices.DeleteFunc(exports, func(name string) bool { return slices.Contains(sources, name) })
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
	// By glob, as in linux_repository: a file that the tree no longer has is an error of hyp_tree, of the compiler or of hyp_missing_source, which say more
	// than Bazel.
	file.Stmt = append(file.Stmt,
		assign(sourcesName, lines(sources)),
		assign(presentName, glob(&build.Ident{Name: sourcesName})),
		call("exports_files", &build.Ident{Name: presentName}),
		missing(),
		call("filegroup", assign("name", str(sourcesTarget)), assign("srcs", &build.Ident{Name: sourcesName})),
		assign(headersName, lines(headers)),
		call("filegroup", assign("name", str(headersTarget)), assign("srcs", glob(&build.Ident{Name: headersName}))),
		call("filegroup", assign("name", str(optionalTarget)), assign("srcs", &build.CallExpr{
			X:    &build.Ident{Name: "glob"},
			List: []build.Expr{lines(optionalGlobs(headers)), assign("exclude", &build.Ident{Name: headersName})},
		})),
		call("filegroup", assign("name", str(kbuildTarget)), assign("srcs", glob(lines(kbuildFiles)))),
	)
	return build.Format(file), nil
}

// glob returns a glob of files that need not be there.
func glob(files build.Expr) build.Expr {
	return &build.CallExpr{X: &build.Ident{Name: "glob"}, List: []build.Expr{files, assign("allow_empty", &build.Ident{Name: "True"})}}
}

// missing returns [hyp_missing_source(name = source) for source in SOURCES if source not in PRESENT].
func missing() build.Expr {
	source := &build.Ident{Name: "source"}
	return &build.Comprehension{
		Body: call(missingRule, assign("name", source)),
		Clauses: []build.Expr{
			&build.ForClause{Vars: source, X: &build.Ident{Name: sourcesName}},
			&build.IfClause{Cond: &build.BinaryExpr{X: source, Op: "not in", Y: &build.Ident{Name: presentName}}},
		},
	}
}

// lines returns a list with one value per line, unless there is only one.
func lines(values []string) *build.ListExpr {
	expr := list(values...)
	expr.ForceMultiLine = len(values) > 1
	return expr
}
