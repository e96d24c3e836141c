// Package buildfile writes the BUILD file that does what kbuild does in a folder.
package buildfile

import (
	"fmt"
	"path"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// Options are what the BUILD file says that kbuild does not.
type Options struct {
	// Repository is the apparent name of the kernel's repository, without @.
	Repository string
	// Rules is the label of the file that the rules are loaded from.
	Rules string
	// Name is the hyp_object's name.
	Name string
	// Undefined is the file that lists what the object may leave undefined, in the BUILD file's folder; empty for none.
	Undefined string
	// Exports are further files of the folder that other packages use.
	Exports []string
	// Command is what writes the file again; it stands in the file's head.
	Command string
}

const (
	treeOptions   = "TREE_OPTIONS"
	scriptName    = "hyp_lds"
	platform      = "@platforms//cpu:aarch64"
	headersTarget = "headers"
)

// Write returns the BUILD file of a plan. A plan without a linker script gives a hyp_library alone.
func Write(plan *kbuild.Plan, options Options) ([]byte, error) {
	var c, asm []kbuild.Compile
	for _, compile := range plan.Compiles {
		switch path.Ext(compile.Source) {
		case ".c":
			c = append(c, compile)
		case ".S":
			asm = append(asm, compile)
		default:
			return nil, fmt.Errorf("%s: hypgen knows .c and .S sources only", compile.Source)
		}
	}
	sharedC, err := kbuild.Share(c)
	if err != nil {
		return nil, err
	}
	sharedAsm, err := kbuild.Share(asm)
	if err != nil {
		return nil, err
	}
	for _, shared := range []*kbuild.Shared{sharedC, sharedAsm} {
		if debug := kbuild.DebugMap(shared.Common); debug != nil {
			shared.Common = append(shared.Common, debug)
		}
	}
	w := &writer{options: options, plan: plan}
	w.common = commonHead(sharedC.Common, sharedAsm.Common, plan.Script.Options)
	return w.file(sharedC, sharedAsm), nil
}

// commonHead returns the longest head that all given lists share; empty ones do not count.
func commonHead(lists ...[]kbuild.Option) []kbuild.Option {
	var head []kbuild.Option
	first := true
	for _, list := range lists {
		if len(list) == 0 {
			continue
		}
		if first {
			head, first = list, false
			continue
		}
		n := 0
		for n < len(head) && n < len(list) && head[n].String() == list[n].String() {
			n++
		}
		head = head[:n]
	}
	return head
}

type writer struct {
	options Options
	plan    *kbuild.Plan
	common  []kbuild.Option
}

func (w *writer) file(c, asm *kbuild.Shared) []byte {
	file := &build.File{Path: "BUILD.bazel", Type: build.TypeBuild}
	rules := []string{"hyp_library"}
	linked := w.plan.Script.Source != ""
	if linked {
		rules = append(rules, "hyp_linker_script", "hyp_object")
	}
	head := fmt.Sprintf("What kbuild does in %s of Linux %s: its sources, their order and every option.\n\n"+
		"Written by hypgen; do not edit. To write it again: %s\n", w.plan.Folder, w.plan.Release, w.options.Command)
	file.Stmt = append(file.Stmt, &build.StringExpr{Value: head, TripleQuote: true})

	load := call("load", str(w.options.Rules))
	for _, rule := range rules {
		load.List = append(load.List, str(rule))
	}
	file.Stmt = append(file.Stmt, load, call("package", assign("default_visibility", list("//visibility:public"))))
	if len(w.options.Exports) > 0 {
		file.Stmt = append(file.Stmt, call("exports_files", list(w.options.Exports...)))
	}

	if len(w.common) > 0 {
		constant := assign(treeOptions, words(w.common))
		constant.Comments.Before = comments("Options that every command begins with: where headers are, what is included before all else.")
		file.Stmt = append(file.Stmt, constant)
	}
	file.Stmt = append(file.Stmt, w.library(c, asm))
	if linked {
		file.Stmt = append(file.Stmt, w.script(), w.object())
	}
	return build.Format(file)
}

func (w *writer) library(c, asm *kbuild.Shared) build.Expr {
	srcs := &build.ListExpr{ForceMultiLine: true}
	seen := map[string]int{}
	for _, compile := range w.plan.Compiles {
		seen[path.Base(compile.Source)]++
		srcs.List = append(srcs.List, str(w.label(path.Clean(compile.Source))))
	}
	rule := call("hyp_library", assign("name", str(w.libraryName())))
	srcsAttr := assign("srcs", srcs)
	srcsAttr.Comments.Before = comments("Link order: do not sort.")
	rule.List = append(rule.List, srcsAttr)
	if len(asm.Common) > 0 {
		rule.List = append(rule.List, assign("asmopts", w.behindCommon(asm.Common)))
	}
	if len(c.Common) > 0 {
		rule.List = append(rule.List, assign("copts", w.behindCommon(c.Common)))
	}
	if dict := perSource(w.plan.Compiles, seen, c, asm); len(dict.List) > 0 {
		rule.List = append(rule.List, assign("per_file_copts", dict))
	}
	rule.List = append(rule.List, w.shared()...)
	return rule
}

// shared are the attributes of every target that runs the compiler.
func (w *writer) shared() []build.Expr {
	toolchain := assign("toolchain_flags", &build.Ident{Name: "False"})
	toolchain.Comments.Before = comments("kbuild's options are complete.")
	return []build.Expr{
		assign("hdrs", list(w.label(headersTarget))),
		assign("target_compatible_with", list(platform)),
		toolchain,
		assign("tree", str(w.label("BUILD.bazel"))),
	}
}

func (w *writer) script() build.Expr {
	rule := call("hyp_linker_script",
		assign("name", str(scriptName)),
		assign("src", str(w.label(path.Clean(w.plan.Script.Source)))),
		assign("copts", w.behindCommon(w.plan.Script.Options)))
	rule.List = append(rule.List, w.shared()...)
	return rule
}

func (w *writer) object() build.Expr {
	rule := call("hyp_object", assign("name", str(w.options.Name)))
	if w.options.Undefined != "" {
		rule.List = append(rule.List, assign("allowed_undefined", list(w.options.Undefined)))
	}
	if w.plan.HypRelocations {
		rule.List = append(rule.List, assign("hyp_relocations", &build.Ident{Name: "True"}))
	}
	rule.List = append(rule.List, assign("linker_script", str(":"+scriptName)))
	if w.plan.OrphanHandling != "" {
		rule.List = append(rule.List, assign("orphan", str(w.plan.OrphanHandling)))
	}
	rule.List = append(rule.List,
		assign("symbol_prefix", str(w.plan.SymbolPrefix)),
		assign("deps", list(":"+w.libraryName())))
	return rule
}

func (w *writer) libraryName() string { return path.Base(w.plan.Folder) }

func (w *writer) label(name string) string { return "@" + w.options.Repository + "//:" + name }

// behindCommon returns TREE_OPTIONS + [what follows it].
func (w *writer) behindCommon(options []kbuild.Option) build.Expr {
	if len(w.common) == 0 {
		return words(options)
	}
	return &build.BinaryExpr{X: &build.Ident{Name: treeOptions}, Op: "+", Y: words(options[len(w.common):])}
}

// perSource returns the dict of per_file_copts in link order. A key is the
// base name, or the whole path where two sources share that.
func perSource(compiles []kbuild.Compile, names map[string]int, shared ...*kbuild.Shared) *build.DictExpr {
	dict := &build.DictExpr{ForceMultiLine: true}
	for _, compile := range compiles {
		source := path.Clean(compile.Source)
		for _, s := range shared {
			options := s.PerSource[source]
			if len(options) == 0 {
				continue
			}
			key := path.Base(source)
			if names[key] > 1 {
				key = source
			}
			dict.List = append(dict.List, &build.KeyValueExpr{Key: str(key), Value: words(options)})
		}
	}
	return dict
}

func str(value string) *build.StringExpr { return &build.StringExpr{Value: value} }

func list(values ...string) *build.ListExpr {
	expr := &build.ListExpr{}
	for _, value := range values {
		expr.List = append(expr.List, str(value))
	}
	return expr
}

// words returns options as a list, one word a line.
func words(options []kbuild.Option) *build.ListExpr {
	expr := &build.ListExpr{ForceMultiLine: true}
	for _, option := range options {
		for _, word := range option {
			expr.List = append(expr.List, str(word))
		}
	}
	return expr
}

func assign(name string, value build.Expr) *build.AssignExpr {
	return &build.AssignExpr{LHS: &build.Ident{Name: name}, Op: "=", RHS: value}
}

func call(name string, arguments ...build.Expr) *build.CallExpr {
	return &build.CallExpr{X: &build.Ident{Name: name}, List: arguments, ForceMultiLine: len(arguments) > 1}
}

func comments(line string) []build.Comment {
	return []build.Comment{{Token: "# " + line}}
}
