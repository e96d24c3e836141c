// SPDX-License-Identifier: Apache-2.0

// Package workspace writes the files of a Bazel workspace that builds the
// hypervisor of a kernel tree: MODULE.bazel, .bazelrc and others.
package workspace

import (
	"maps"
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/keep"
)

const (
	moduleName      = "rules_hyp"
	platformsModule = "platforms"
	// platformsVersion is that of rules_hyp's MODULE.bazel, a minimum.
	platformsVersion = "1.1.0"
	extensionName    = "hyp"
	extensionFile    = "//rules:extensions.bzl"
)

const moduleHead = "# Written by hypgen init. Other statements stay when it runs again, and so does what has a comment `# keep`."

// Kernel is what a MODULE.bazel says of a kernel tree.
type Kernel struct {
	// Repository is its apparent name.
	Repository string
	// Path is the tree that was prepared, absolute or relative to the workspace.
	Path string
	// Headers is the label of its header manifest.
	Headers string
}

// Module is a MODULE.bazel.
type Module struct {
	file    *build.File
	name    string
	changed bool
	text    []byte
}

// ParseModule parses a MODULE.bazel. name is for errors; text is nil if there is no file.
func ParseModule(name string, text []byte) (*Module, error) {
	file, err := keep.ParseModule(name, text)
	if err != nil {
		return nil, err
	}
	m := &Module{file: file, name: name, text: text}
	if text == nil {
		file.Stmt = append(file.Stmt, &build.CommentBlock{Comments: build.Comments{Before: []build.Comment{{Token: moduleHead}}}})
		m.changed = true
	}
	return m, nil
}

// Text returns the file, which is as it was, formatting included, unless something had to change.
func (m *Module) Text() []byte {
	if !m.changed {
		return m.text
	}
	return build.Format(m.file)
}

// IsRules tells whether it is the module rules_hyp itself.
func (m *Module) IsRules() bool {
	call := m.find("module", "name", moduleName)
	return call != nil
}

// HasRules tells whether the module depends on rules_hyp.
func (m *Module) HasRules() bool { return m.find("bazel_dep", "name", moduleName) != nil }

// RulesPath returns the path of rules_hyp's local override; "" if there is none.
func (m *Module) RulesPath() string {
	if call := m.find("local_path_override", "module_name", moduleName); call != nil {
		return stringAttribute(call, "path")
	}
	return ""
}

// RulesRepository returns the apparent name of rules_hyp, which is another one if its bazel_dep has a repo_name.
func (m *Module) RulesRepository() string {
	if call := m.find("bazel_dep", "name", moduleName); call != nil {
		if name := stringAttribute(call, "repo_name"); name != "" {
			return name
		}
	}
	return moduleName
}

// SetRules makes the module depend on rules_hyp from a source. Where there is a dependency already, only a source that is
// given replaces it; nil leaves it alone.
func (m *Module) SetRules(source *Source) {
	if source == nil {
		return
	}
	dep := m.find("bazel_dep", "name", moduleName)
	if dep == nil {
		dep = call("bazel_dep", text("name", moduleName), text("version", source.Version))
		m.insert(dep, m.lastCall("bazel_dep"))
	} else if source.Registry != "" || stringAttribute(dep, "version") == "" {
		m.set(dep, "version", source.Version)
	}
	override := source.override()
	position := -1
	for i, stmt := range m.file.Stmt {
		old, ok := stmt.(*build.CallExpr)
		if !ok || !strings.HasSuffix(function(old), "_override") || stringAttribute(old, "module_name") != moduleName {
			continue
		}
		if keep.Marked(old) || slices.ContainsFunc(old.List, marked) {
			return
		}
		switch {
		case override != nil && function(old) == function(override):
			m.replace(old, override)
			return
		}
		position = i
	}
	switch {
	case position >= 0 && override != nil:
		m.file.Stmt[position] = override
		m.changed = true
	case position >= 0:
		m.file.Stmt = slices.Delete(m.file.Stmt, position, position+1)
		m.changed = true
	case override != nil:
		m.insert(override, slices.Index(m.file.Stmt, build.Expr(dep)))
	}
}

// SetKernel declares a kernel tree's repository, and the module `platforms`, which its BUILD file uses.
func (m *Module) SetKernel(kernel Kernel) error {
	if m.find("bazel_dep", "name", platformsModule) == nil {
		m.insert(call("bazel_dep", text("name", platformsModule), text("version", platformsVersion)), m.lastCall("bazel_dep"))
	}
	extension, at := m.extension()
	if extension == "" {
		extension = extensionName
		for _, stmt := range m.file.Stmt {
			if assign, ok := stmt.(*build.AssignExpr); ok && identifier(assign.LHS) == extension {
				extension = "rules_hyp_extension"
			}
		}
		use := &build.AssignExpr{
			LHS: &build.Ident{Name: extension}, Op: "=",
			RHS: call("use_extension", str("@"+m.RulesRepository()+extensionFile), str(extensionName)),
		}
		at = len(m.file.Stmt)
		m.insert(use, at-1)
	}
	tag := m.tag(extension, kernel.Repository)
	if tag == nil {
		tag = &build.CallExpr{X: &build.DotExpr{X: &build.Ident{Name: extension}, Name: "linux"}, ForceMultiLine: true}
		if kernel.Repository != DefaultRepository {
			tag.List = append(tag.List, text("name", kernel.Repository))
		}
		tag.List = append(tag.List, text("headers", kernel.Headers), text("path", kernel.Path))
		m.insert(tag, m.lastTag(extension, at))
	} else if !keep.Marked(tag) {
		m.set(tag, "headers", kernel.Headers)
		m.set(tag, "path", kernel.Path)
	}
	return m.useRepository(extension, kernel.Repository)
}

// DefaultRepository is the name of a kernel's repository whose tag has no name.
const DefaultRepository = "linux"

// extension returns the variable of rules_hyp's module extension, and the index of its statement.
func (m *Module) extension() (string, int) {
	file := "@" + m.RulesRepository() + extensionFile
	for i, stmt := range m.file.Stmt {
		assign, ok := stmt.(*build.AssignExpr)
		if !ok {
			continue
		}
		use, ok := assign.RHS.(*build.CallExpr)
		if !ok || function(use) != "use_extension" || len(use.List) < 2 || stringValue(use.List[0]) != file || stringValue(use.List[1]) != extensionName {
			continue
		}
		// A dev_dependency or an isolated use is another extension.
		if name := identifier(assign.LHS); name != "" && len(use.List) == 2 {
			return name, i
		}
	}
	return "", -1
}

// tag returns the linux tag of a repository.
func (m *Module) tag(extension, repository string) *build.CallExpr {
	for _, stmt := range m.file.Stmt {
		tag, ok := stmt.(*build.CallExpr)
		if !ok || !isTag(tag, extension) {
			continue
		}
		name := stringAttribute(tag, "name")
		if name == repository || name == "" && repository == DefaultRepository {
			return tag
		}
	}
	return nil
}

// lastTag returns the index of the last linux tag of the extension, or of the extension at index at.
func (m *Module) lastTag(extension string, at int) int {
	for i, stmt := range m.file.Stmt {
		if tag, ok := stmt.(*build.CallExpr); ok && isTag(tag, extension) {
			at = max(at, i)
		}
	}
	return at
}

func isTag(tag *build.CallExpr, extension string) bool {
	dot, ok := tag.X.(*build.DotExpr)
	return ok && dot.Name == "linux" && identifier(dot.X) == extension
}

// useRepository adds a repository to the first use_repo of the extension.
func (m *Module) useRepository(extension, repository string) error {
	var first *build.CallExpr
	for _, stmt := range m.file.Stmt {
		use, ok := stmt.(*build.CallExpr)
		if !ok || function(use) != "use_repo" || len(use.List) == 0 || identifier(use.List[0]) != extension {
			continue
		}
		if first == nil {
			first = use
		}
		for _, argument := range use.List[1:] {
			if assign, ok := argument.(*build.AssignExpr); ok {
				if stringValue(assign.RHS) == repository && identifier(assign.LHS) != repository {
					return errcode.RepositoryRenamed.Errorf("%s: use_repo gives the repository %s the name %s here; use its own name, which the BUILD file has", m.name, repository, identifier(assign.LHS))
				}
				if identifier(assign.LHS) == repository {
					return nil
				}
			}
			if stringValue(argument) == repository {
				return nil
			}
		}
	}
	if first == nil {
		m.insert(call("use_repo", &build.Ident{Name: extension}, str(repository)), m.lastTag(extension, 0))
		return nil
	}
	first.List = append(first.List, str(repository))
	m.changed = true
	return nil
}

// find returns the first call of a function at top level with this value of an attribute.
func (m *Module) find(name, attribute, value string) *build.CallExpr {
	for _, stmt := range m.file.Stmt {
		if call, ok := stmt.(*build.CallExpr); ok && function(call) == name && stringAttribute(call, attribute) == value {
			return call
		}
	}
	return nil
}

// lastCall returns the index of the last call of a function, or of the last statement at the file's head.
func (m *Module) lastCall(name string) int {
	last := -1
	for i, stmt := range m.file.Stmt {
		switch stmt := stmt.(type) {
		case *build.CallExpr:
			if function(stmt) == name || last < 0 && function(stmt) == "module" {
				last = i
			}
		case *build.CommentBlock, *build.StringExpr:
			if last < 0 && i == 0 {
				last = i
			}
		}
	}
	return last
}

// insert inserts a statement after the one at index at.
func (m *Module) insert(stmt build.Expr, at int) {
	m.file.Stmt = slices.Insert(m.file.Stmt, at+1, stmt)
	m.changed = true
}

// replace gives a call the arguments of another one, unless they are the same.
func (m *Module) replace(old, new *build.CallExpr) {
	if maps.Equal(attributes(old), attributes(new)) {
		return
	}
	old.List, old.ForceMultiLine = new.List, true
	m.changed = true
}

// set sets an attribute that has no comment `# keep`.
func (m *Module) set(call *build.CallExpr, name, value string) {
	if keep.Marked(call) {
		return
	}
	for _, argument := range call.List {
		assign, ok := argument.(*build.AssignExpr)
		if !ok || identifier(assign.LHS) != name {
			continue
		}
		if stringValue(assign.RHS) != value && !marked(assign) {
			assign.RHS = str(value)
			m.changed = true
		}
		return
	}
	call.List = append(call.List, text(name, value))
	m.changed = true
}

// marked tells whether an attribute has a comment `# keep`.
func marked(argument build.Expr) bool {
	assign, ok := argument.(*build.AssignExpr)
	return ok && (keep.Marked(assign) || keep.Marked(assign.RHS))
}

func function(call *build.CallExpr) string { return identifier(call.X) }

func identifier(expr build.Expr) string {
	if ident, ok := expr.(*build.Ident); ok {
		return ident.Name
	}
	return ""
}

// attributes returns the values of a call's attributes as text.
func attributes(call *build.CallExpr) map[string]string {
	values := map[string]string{}
	for _, argument := range call.List {
		if assign, ok := argument.(*build.AssignExpr); ok {
			values[identifier(assign.LHS)] = build.FormatString(assign.RHS)
		}
	}
	return values
}

func stringValue(expr build.Expr) string {
	if value, ok := expr.(*build.StringExpr); ok {
		return value.Value
	}
	return ""
}

func stringAttribute(call *build.CallExpr, name string) string {
	for _, argument := range call.List {
		if assign, ok := argument.(*build.AssignExpr); ok && identifier(assign.LHS) == name {
			return stringValue(assign.RHS)
		}
	}
	return ""
}

func str(value string) *build.StringExpr { return &build.StringExpr{Value: value} }

func text(name, value string) build.Expr {
	return &build.AssignExpr{LHS: &build.Ident{Name: name}, Op: "=", RHS: str(value)}
}

func call(name string, arguments ...build.Expr) *build.CallExpr {
	return &build.CallExpr{X: &build.Ident{Name: name}, List: arguments}
}
