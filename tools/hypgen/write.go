package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/kernel/headers"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
	"github.com/rules-hyp/rules_hyp/internal/kernel/undefined"
)

// writeAll writes the files, or with -check says which ones differ.
func (c *config) writeAll(files []output, stdout, stderr io.Writer) error {
	var different []string
	for _, file := range files {
		if file.name == "-" {
			if _, err := stdout.Write(file.text); err != nil {
				return err
			}
			continue
		}
		before, err := os.ReadFile(file.name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && bytes.Equal(before, file.text) {
			continue
		}
		if c.check {
			different = append(different, file.name)
			continue
		}
		if err := writeFile(file.name, file.text); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "hypgen: wrote %s\n", file.name)
	}
	if len(different) > 0 {
		return fmt.Errorf("%s: not what hypgen writes; run it without -check", strings.Join(different, ", "))
	}
	return nil
}

// writeFile writes a file in one step: it is there whole, or as it was.
func writeFile(name string, text []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(text)
	if err == nil {
		err = temporary.Chmod(0o644)
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.Rename(temporary.Name(), name)
}

// repositoryFiles returns what a tree needs to stand in for @linux by
// --override_repository. Only a tree that holds both its sources and what
// kbuild made can: Bazel sees one folder.
func repositoryFiles(t *tree.Tree, plan *kbuild.Plan, found *headers.Result) []output {
	exports := map[string]bool{".config": true, "BUILD.bazel": true}
	for _, compile := range plan.Compiles {
		exports[path.Clean(compile.Source)] = true
	}
	if plan.Script.Source != "" {
		exports[path.Clean(plan.Script.Source)] = true
	}
	if _, ok := t.Path(undefined.ListFile); ok {
		exports[undefined.ListFile] = true
	}
	names := make([]string, 0, len(exports))
	for name := range exports {
		names = append(names, name)
	}
	sort.Strings(names)

	file := &build.File{Path: "BUILD.bazel", Type: build.TypeBuild, Stmt: []build.Expr{
		&build.CommentBlock{Comments: build.Comments{Before: []build.Comment{
			{Token: fmt.Sprintf("# What %s needs of this Linux %s tree. Written by hypgen -write-repo.", plan.Folder, plan.Release)},
		}}},
		callOf("package", "default_visibility", []string{"//visibility:public"}),
		&build.CallExpr{X: &build.Ident{Name: "exports_files"}, List: []build.Expr{stringList(names)}},
		callOf("filegroup", "srcs", found.Headers),
	}}
	group := file.Stmt[3].(*build.CallExpr)
	group.List = append([]build.Expr{&build.AssignExpr{
		LHS: &build.Ident{Name: "name"}, Op: "=", RHS: &build.StringExpr{Value: "headers"},
	}}, group.List...)
	group.ForceMultiLine = true
	return []output{
		{filepath.Join(t.Objects, "BUILD.bazel"), build.Format(file)},
		{filepath.Join(t.Objects, "REPO.bazel"), []byte("# Marks the tree as a Bazel repository. Written by hypgen -write-repo.\n")},
	}
}

func callOf(name, attribute string, values []string) *build.CallExpr {
	return &build.CallExpr{X: &build.Ident{Name: name}, List: []build.Expr{
		&build.AssignExpr{LHS: &build.Ident{Name: attribute}, Op: "=", RHS: stringList(values)},
	}}
}

func stringList(values []string) *build.ListExpr {
	expr := &build.ListExpr{ForceMultiLine: len(values) > 1}
	for _, value := range values {
		expr.List = append(expr.List, &build.StringExpr{Value: value})
	}
	return expr
}
