// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"
)

// errorType is a type whose values are errors, or become ones.
type errorType struct {
	wraps bool // has an error, which has the code
	field int  // the index of its code; -1 for none
}

// findTypes finds the types that are errors, by a method Error or their names.
func (w *errorWalk) findTypes() {
	methods := map[string]map[string]bool{} // by directory.Type
	for _, f := range w.parsed {
		for _, declaration := range f.file.Decls {
			if d, ok := declaration.(*ast.FuncDecl); ok && d.Recv != nil {
				receiver := path.Dir(f.path) + "." + typeName(d.Recv.List[0].Type)
				if methods[receiver] == nil {
					methods[receiver] = map[string]bool{}
				}
				methods[receiver][d.Name.Name] = true
			}
		}
	}
	for _, f := range w.parsed {
		ast.Inspect(f.file, func(node ast.Node) bool {
			spec, ok := node.(*ast.TypeSpec)
			if !ok {
				return true
			}
			name := path.Dir(f.path) + "." + spec.Name.Name
			structure, _ := spec.Type.(*ast.StructType)
			if methods[name]["Error"] || structure != nil && strings.HasSuffix(name, "Error") {
				w.addType(f, spec, structure, name, methods[name])
			}
			return true
		})
	}
}

// addType adds a type of errors.
func (w *errorWalk) addType(f parsedFile, spec *ast.TypeSpec, structure *ast.StructType, name string, methods map[string]bool) {
	t := errorType{field: -1}
	if structure != nil {
		index := 0
		for _, field := range structure.Fields.List {
			kind := typeName(field.Type)
			if kind == "error" {
				t.wraps = true
			}
			if kind == "Code" || kind == "errcode.Code" {
				t.field = index
			}
			index += max(len(field.Names), 1)
		}
	}
	line := f.set.Position(spec.Pos()).Line
	switch {
	case t.wraps || t.field < 0 && methods["ErrorCode"]:
	case t.field < 0:
		w.add(f.path, line, "%s has no errcode.Code, and wraps no error that has one; add a field and the method ErrorCode", spec.Name.Name)
	case methods["Error"] && !methods["ErrorCode"]:
		w.add(f.path, line, "%s has no method ErrorCode, by which errcode finds its code", spec.Name.Name)
	}
	w.types[name] = t
}

// typeName returns the name of a type, or of what it points to; of another
// package's, with the package's.
func typeName(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.IndexExpr:
		return typeName(t.X)
	case *ast.SelectorExpr:
		return typeName(t.X) + "." + t.Sel.Name
	}
	return ""
}

// checkFile finds errors of a file that are made without a code, and notes the
// codes that it uses.
func (w *errorWalk) checkFile(f parsedFile) {
	dir := path.Dir(f.path)
	imports := map[string]string{} // directories of our packages
	for _, spec := range f.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		if ours, ok := strings.CutPrefix(name, module); ok {
			local := path.Base(ours)
			if spec.Name != nil {
				local = spec.Name.Name
			}
			imports[local] = ours
		}
	}
	exempt := w.sentinelsOf(f)
	ast.Inspect(f.file, func(node ast.Node) bool {
		line := 0
		if node != nil {
			line = f.set.Position(node.Pos()).Line
		}
		switch n := node.(type) {
		case *ast.CallExpr:
			switch typeName(n.Fun) {
			case "errors.New":
				if !exempt[n] {
					w.add(f.path, line, "errors.New makes an error without a code; make it with errcode")
				}
			case "fmt.Errorf":
				if text, isLiteral := formatOf(n); !isLiteral || !strings.Contains(text, "%w") {
					w.add(f.path, line, "fmt.Errorf without %%w makes an error without a code; make it with errcode")
				}
			}
		case *ast.CompositeLit:
			name := typeName(n.Type)
			if local, exported, ok := strings.Cut(name, "."); ok {
				name = imports[local] + "." + exported
			} else {
				name = dir + "." + name
			}
			if t, ok := w.types[name]; ok && !t.wraps && t.field >= 0 && !hasCode(n, t.field) {
				w.add(f.path, line, "%s without a code; give its Code", typeName(n.Type))
			}
		case *ast.SelectorExpr:
			if typeName(n.X) == path.Base(codesDir) && imports[path.Base(codesDir)] == codesDir {
				w.use(f, line, n.Sel.Name)
			}
		case *ast.BasicLit:
			if text := literal(n); errorCode.MatchString(text) {
				w.add(f.path, line, "%q; use the constant of %s", text, codesDir)
			}
		}
		return true
	})
}

// use notes that a name of errcode is used.
func (w *errorWalk) use(f parsedFile, line int, name string) {
	w.used[name] = true
	for _, other := range []string{"Code", "Of", "Text", "Lines"} {
		if name == other {
			return
		}
	}
	if _, ok := w.declared[name]; !ok {
		w.add(f.path, line, "errcode.%s is not declared in %s", name, codesDir)
	}
}

// formatOf returns the format of a call of fmt.Errorf, whose parts may be added.
func formatOf(call *ast.CallExpr) (text string, isLiteral bool) {
	if len(call.Args) == 0 {
		return "", false
	}
	isLiteral = true
	ast.Inspect(call.Args[0], func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.BasicLit:
			text += literal(n)
		case *ast.BinaryExpr, nil:
		default:
			isLiteral = false
		}
		return true
	})
	return text, isLiteral
}

// hasCode tells whether a literal sets the field of its code.
func hasCode(l *ast.CompositeLit, field int) bool {
	isCode := func(e ast.Expr) bool {
		_, constant := e.(*ast.BasicLit)
		return !constant
	}
	for i, element := range l.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if name := typeName(pair.Key); name == "Code" || name == "code" {
				return isCode(pair.Value)
			}
		} else if i == field {
			return isCode(element)
		}
	}
	return false
}

// sentinelsOf returns the calls of errors.New whose values the variables of
// sentinels are.
func (w *errorWalk) sentinelsOf(f parsedFile) map[ast.Node]bool {
	exempt := map[ast.Node]bool{}
	for _, declaration := range f.file.Decls {
		d, ok := declaration.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			s := spec.(*ast.ValueSpec)
			for i, value := range s.Values {
				if name := path.Dir(f.path) + "." + s.Names[i].Name; sentinels[name] != "" {
					exempt[value] = true
					w.exempt[name] = true
				}
			}
		}
	}
	return exempt
}
