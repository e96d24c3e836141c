// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// prebuiltSuffix makes the version of a registry's entry that has the release's programs in place of what builds them. Such an entry has to be the same module,
// since providers of two modules are different ones. Bazel takes it for newer than the version without the suffix, and for older than the next one
// (https://bazel.build/external/module#version_format): a build takes the programs if any module of it asks for them.
const prebuiltSuffix = ".prebuilt"

const (
	moduleFile = "MODULE.bazel"
	// toolchainFile has the flag that tells whether toolchains are built from source.
	toolchainFile = "toolchain/hyplink/BUILD.bazel"
)

// toolArchive is an archive of programs that Bazel's actions run.
type toolArchive struct{ platform, sha256, url string }

// toolArchives returns a release's archives of programs for the platforms that actions run on.
func toolArchives(r described, s *source) []toolArchive {
	var all []toolArchive
	for _, f := range r.Files {
		if platform, ok := strings.CutPrefix(strings.TrimSuffix(f.Name, ".tar.gz"), "rules_hyp_tools_"); ok && strings.HasPrefix(platform, "linux_") {
			all = append(all, toolArchive{platform, f.SHA256, s.URL[:strings.LastIndexByte(s.URL, '/')+1] + f.Name})
		}
	}
	return all
}

// overlay returns the files of the sources that are others in the entry with a release's programs.
func (p *publisher) overlay(r described, s *source) (map[string][]byte, error) {
	module, err := p.read(moduleFile)
	if err != nil {
		return nil, err
	}
	if module, err = prebuiltModule(module, toolArchives(r, s)); err != nil {
		return nil, err
	}
	toolchain, err := p.read(toolchainFile)
	if err != nil {
		return nil, err
	}
	if toolchain, err = prebuiltToolchain(toolchain); err != nil {
		return nil, err
	}
	files := map[string][]byte{moduleFile: module, toolchainFile: toolchain}
	for _, name := range []string{"hypaudit", "hypgen", "hyplink"} {
		files["tools/"+name+"/BUILD.bazel"] = prebuiltCommand(name)
	}
	return files, nil
}

// prebuiltCommand returns the BUILD file of a program that people run: `bazel run @rules_hyp//tools/NAME` runs the release's.
func prebuiltCommand(name string) []byte {
	return build.Format(&build.File{Path: "BUILD.bazel", Type: build.TypeBuild, Stmt: []build.Expr{&build.CallExpr{
		X: &build.Ident{Name: "alias"},
		List: []build.Expr{
			set("name", &build.StringExpr{Value: name}),
			set("actual", &build.StringExpr{Value: "@hyp_prebuilt_tools//:" + name}),
			set("visibility", &build.ListExpr{List: []build.Expr{&build.StringExpr{Value: "//visibility:public"}}}),
		},
		ForceMultiLine: true,
	}}})
}

// prebuiltModule returns a MODULE.bazel of the sources without rules_go and the extensions that need it, and with archives of programs. A repository
// that replaces rules_go has packages with programs load.
func prebuiltModule(text []byte, archives []toolArchive) ([]byte, error) {
	file, err := build.ParseModule(moduleFile, text)
	if err != nil {
		return nil, errcode.ReleaseUnbuilt.Errorf("%w", err)
	}
	var kept []build.Expr
	var versions, used, registered int
	ofGo := map[string]bool{} // names of extensions
	for _, stmt := range file.Stmt {
		name, of := statement(stmt)
		call, _ := stmt.(*build.CallExpr)
		switch {
		case name == "use_extension" && usesGo(stmt):
			ofGo[of] = true
			continue
		case ofGo[of] || name == "bazel_dep" && build.NewRule(call).AttrString("name") == "rules_go":
			continue
		case name == "module":
			rule := build.NewRule(call)
			rule.SetAttr("version", &build.StringExpr{Value: rule.AttrString("version") + prebuiltSuffix})
			versions++
		case name == "use_repo" && of == "hyp":
			for _, a := range archives {
				kept = append(kept, a.tag())
			}
			call.List = append(call.List, &build.StringExpr{Value: "hyp_prebuilt_tools"}, set("io_bazel_rules_go", &build.StringExpr{Value: "hyp_no_go"}))
			used++
		case name == "register_toolchains" && registered == 0:
			kept = append(kept, &build.CallExpr{X: &build.Ident{Name: name}, List: []build.Expr{&build.StringExpr{Value: "@hyp_prebuilt_tools//:all"}}})
			registered++
		}
		kept = append(kept, stmt)
	}
	if versions != 1 || used != 1 || registered != 1 {
		return nil, errcode.ReleaseUnbuilt.Errorf("%s: want a statement module(), use_repo(hyp, …) and register_toolchains(); adapt tools/release/publish", moduleFile)
	}
	file.Stmt = kept
	return build.Format(file), nil
}

// statement returns the name of the function that a statement calls, and the extension that it is about: the one that is assigned, whose
// tag it is, or whose repositories it uses.
func statement(stmt build.Expr) (name, extension string) {
	if assign, ok := stmt.(*build.AssignExpr); ok {
		if ident, ok := assign.LHS.(*build.Ident); ok {
			extension = ident.Name
		}
		stmt = assign.RHS
	}
	call, ok := stmt.(*build.CallExpr)
	if !ok {
		return "", extension
	}
	switch x := call.X.(type) {
	case *build.DotExpr:
		if ident, ok := x.X.(*build.Ident); ok {
			return x.Name, ident.Name
		}
	case *build.Ident:
		if x.Name == "use_repo" && len(call.List) > 0 {
			if ident, ok := call.List[0].(*build.Ident); ok {
				extension = ident.Name
			}
		}
		return x.Name, extension
	}
	return "", extension
}

// usesGo tells whether a statement takes an extension of rules_go, or the one that declares Go modules, which loads from it.
func usesGo(stmt build.Expr) bool {
	assign, ok := stmt.(*build.AssignExpr)
	if !ok {
		return false
	}
	call, ok := assign.RHS.(*build.CallExpr)
	if !ok || len(call.List) == 0 {
		return false
	}
	file, ok := call.List[0].(*build.StringExpr)
	return ok && (strings.HasPrefix(file.Value, "@io_bazel_rules_go//") || file.Value == "//rules/private:go_extension.bzl")
}

// set returns an argument with a name.
func set(name string, value build.Expr) build.Expr {
	return &build.AssignExpr{LHS: &build.Ident{Name: name}, Op: "=", RHS: value}
}

// tag returns the statement that declares the archive.
func (a toolArchive) tag() *build.CallExpr {
	return &build.CallExpr{
		X: &build.DotExpr{X: &build.Ident{Name: "hyp"}, Name: "prebuilt_tools"},
		List: []build.Expr{
			set("platform", &build.StringExpr{Value: a.platform}),
			set("sha256", &build.StringExpr{Value: a.sha256}),
			set("urls", &build.ListExpr{List: []build.Expr{&build.StringExpr{Value: a.url}}}),
		},
		ForceMultiLine: true,
	}
}

// prebuiltToolchain returns the BUILD file of the toolchains, which no longer takes those from source where no program fits: they need rules_go.
func prebuiltToolchain(text []byte) ([]byte, error) {
	file, err := build.ParseBuild(toolchainFile, text)
	if err != nil {
		return nil, errcode.ReleaseUnbuilt.Errorf("%w", err)
	}
	for _, rule := range file.Rules("bool_flag") {
		if rule.Name() == "from_source" {
			rule.SetAttr("build_setting_default", &build.Ident{Name: "False"})
			return build.Format(file), nil
		}
	}
	return nil, errcode.ReleaseUnbuilt.Errorf("%s: want a bool_flag from_source; adapt tools/release/publish", toolchainFile)
}
