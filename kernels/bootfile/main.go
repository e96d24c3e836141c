// SPDX-License-Identifier: Apache-2.0

// Command bootfile makes kbuild.bzl of a kernel for boot tests from the BUILD file that hypgen writes for its tree: the same sources and options as constants,
// for macros that add sources of their own.
//
//	bootfile -build=BUILD.bazel -out=kbuild.bzl
//
// bazel run //kernels/VERSION/boot:update runs it with the BUILD file of the kernel's tree.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/kernel/keep"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "bootfile: %s\n", errcode.Text(err))
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("bootfile", flag.ContinueOnError)
	from := flags.String("build", "", "the BUILD file of hypgen, a `FILE`")
	out := flags.String("out", "", "the `FILE` to write, in the workspace")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *from == "" || *out == "" {
		return errcode.OptionsDisagree.Errorf("want -build and -out; see --help")
	}
	text, err := os.ReadFile(*from)
	if err != nil {
		return err
	}
	constants, err := convert(*from, text, command(*out))
	if err != nil {
		return err
	}
	// bazel run changes the working directory.
	if root := os.Getenv("BUILD_WORKSPACE_DIRECTORY"); root != "" {
		*out = filepath.Join(root, *out)
	}
	return fileio.Write(*out, func(f *os.File) error {
		_, err := f.Write(constants)
		return err
	})
}

// command is the command that writes a file.
func command(out string) string {
	return fmt.Sprintf("bazel run //%s:update", filepath.ToSlash(filepath.Dir(out)))
}

// constant is an attribute that becomes a constant.
type constant struct{ rule, attribute, name, comment string }

var constants = []constant{
	{"hyp_library", "srcs", "SRCS", "# Link order: do not sort."},
	{"hyp_library", "asmopts", "ASMOPTS", ""},
	{"hyp_library", "copts", "COPTS", ""},
	{"hyp_library", "per_file_copts", "PER_FILE_COPTS", ""},
	{"hyp_linker_script", "src", "LDS", ""},
	{"hyp_linker_script", "copts", "LDS_COPTS", ""},
}

// treeOptions is the one constant that the BUILD file has as well.
const treeOptions = "TREE_OPTIONS"

// convert returns the file of constants.
func convert(name string, text []byte, command string) ([]byte, error) {
	file, err := keep.ParseBuild(name, text)
	if err != nil {
		return nil, err
	}
	result := &build.File{Type: build.TypeBzl, Stmt: []build.Expr{&build.StringExpr{
		TripleQuote: true,
		Value:       "What kbuild does in arch/arm64/kvm/hyp/nvhe of the kernel for boot tests: its sources, their order and every option.\n\nGenerated; do not edit. To regenerate it: " + command + "\n",
	}}}
	if options := assigned(file, treeOptions); options != nil {
		result.Stmt = append(result.Stmt, options)
	}
	for _, c := range constants {
		rules := file.Rules(c.rule)
		if len(rules) != 1 || rules[0].Attr(c.attribute) == nil {
			return nil, errcode.GeneratedFileForeign.Errorf("%s: got %d rules %s, want one with %s; generate it with hypgen for a prepared tree", name, len(rules), c.rule, c.attribute)
		}
		value := labels(rules[0].Attr(c.attribute))
		value.Comment().Before = nil
		assignment := &build.AssignExpr{LHS: &build.Ident{Name: c.name}, Op: "=", RHS: value}
		if c.comment != "" {
			assignment.Comment().Before = []build.Comment{{Token: c.comment}}
		}
		result.Stmt = append(result.Stmt, assignment)
	}
	return build.FormatWithoutRewriting(result), nil
}

// assigned returns the assignment of a name, or nil.
func assigned(file *build.File, name string) *build.AssignExpr {
	for _, statement := range file.Stmt {
		if a, ok := statement.(*build.AssignExpr); ok {
			if ident, ok := a.LHS.(*build.Ident); ok && ident.Name == name {
				return a
			}
		}
	}
	return nil
}

// labels makes strings that are labels of a repository labels of this one, as the constants are used from others.
func labels(value build.Expr) build.Expr {
	switch v := value.(type) {
	case *build.StringExpr:
		if strings.HasPrefix(v.Value, "@") {
			return &build.CallExpr{X: &build.Ident{Name: "Label"}, List: []build.Expr{v}}
		}
	case *build.ListExpr:
		for i := range v.List {
			v.List[i] = labels(v.List[i])
		}
	}
	return value
}
