package buildfile

import (
	"fmt"
	"path"
	"slices"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// Repository returns the BUILD file of a kernel tree that takes the place of
// @linux by --override_repository: what a plan reads, and other files that
// exist in the tree, by name.
func Repository(plan *kbuild.Plan, headers []string, others ...string) []byte {
	exports := append([]string{".config", "BUILD.bazel"}, others...)
	for _, compile := range plan.Compiles {
		exports = append(exports, path.Clean(compile.Source))
	}
	if plan.Script.Source != "" {
		exports = append(exports, path.Clean(plan.Script.Source))
	}
	slices.Sort(exports)
	exports = slices.Compact(exports)
	file := &build.File{Path: "BUILD.bazel", Type: build.TypeBuild, Stmt: []build.Expr{
		&build.CommentBlock{Comments: build.Comments{
			Before: comments(fmt.Sprintf("What %s needs of this Linux %s tree. Written by hypgen -write-repo.", plan.Folder, plan.Release)),
		}},
		call("package", assign("default_visibility", list("//visibility:public"))),
		call("exports_files", lines(exports)),
		call("filegroup", assign("name", str(headersTarget)), assign("srcs", lines(headers))),
	}}
	return build.Format(file)
}

// lines returns a list with one value a line, unless there is only one.
func lines(values []string) *build.ListExpr {
	expr := list(values...)
	expr.ForceMultiLine = len(values) > 1
	return expr
}
