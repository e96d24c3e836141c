// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	module     = "github.com/rules-hyp/rules_hyp/"
	layersFile = "tests/lint/layers_table.go"
)

// Layers finds imports that do not point down in the table of layers, and
// packages of internal/ that are not in it. Nothing imports a package of tools/,
// internal/ imports none of tests/, and the main packages of tools/ export no names.
func Layers(files []File) []Fault {
	var faults []Fault
	exist := map[string]bool{}    // packages of internal/
	imported := map[string]bool{} // "a b" where a imports b, both of internal/
	for _, file := range Select(files, isGoCode) {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, "", file.Text, parser.SkipObjectResolution)
		if err != nil {
			faults = append(faults, Fault{file.Path, 0, err.Error()})
			continue
		}
		fault := func(node ast.Node, what string) {
			faults = append(faults, Fault{file.Path, set.Position(node.Pos()).Line, what})
		}
		from, internal := strings.CutPrefix(path.Dir(file.Path), "internal/")
		test := strings.HasSuffix(file.Path, "_test.go")
		if internal && !test && !exist[from] {
			exist[from] = true
			if _, height := find(from); height < 0 && !slices.Contains(testPackages, from) {
				fault(parsed.Name, "internal/"+from+" is in no layer; add it to "+layersFile)
			}
		}
		for _, spec := range parsed.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			name, ours := strings.CutPrefix(name, module)
			to, inside := strings.CutPrefix(name, "internal/")
			switch {
			case !ours:
			case strings.HasPrefix(name, "tools/"):
				fault(spec, "imports "+name+", which is a program's own; move what both need to internal/")
			case !internal || test:
			case !inside:
				fault(spec, "internal/"+from+" imports "+name+"; internal/ imports only internal/")
			default:
				imported[from+" "+to] = true
				if why := mayImport(from, to); why != "" {
					fault(spec, why)
				}
			}
		}
		if strings.HasPrefix(file.Path, "tools/") && parsed.Name.Name == "main" && !test {
			for _, name := range exported(parsed) {
				fault(name, name.Name+" is exported by a main package, where nothing can import it; write it in lower case")
			}
		}
	}
	for _, from := range slices.Sorted(maps.Keys(arrows)) {
		for _, to := range arrows[from] {
			if exist[from] && exist[to] && !imported[from+" "+to] {
				faults = append(faults, Fault{layersFile, 0, fmt.Sprintf("%s no longer imports %s; remove that from arrows", from, to)})
			}
		}
	}
	return faults
}

// mayImport returns why a package of internal/ may not import another, or "".
func mayImport(from, to string) string {
	if slices.Contains(testPackages, from) {
		return ""
	}
	if slices.Contains(testPackages, to) {
		return fmt.Sprintf("internal/%s imports internal/%s, which is for tests", from, to)
	}
	fromStack, fromHeight := find(from)
	toStack, toHeight := find(to)
	switch {
	case fromHeight < 0 || toHeight < 0: // said where the package is
		return ""
	case toStack == 0 && toHeight <= groundHeight && (fromStack > 0 || fromHeight > toHeight):
		return ""
	case fromStack != toStack:
		return fmt.Sprintf("internal/%s imports internal/%s: kernel trees and ELF objects do not know each other", from, to)
	case toHeight >= fromHeight:
		return fmt.Sprintf("internal/%s imports internal/%s, which is not in a lower layer (%q and %q); move what both need further down",
			from, to, stacks[fromStack][fromHeight].what, stacks[toStack][toHeight].what)
	case to != "elfobj" && !slices.Contains(arrows[from], to):
		return fmt.Sprintf("internal/%s imports internal/%s, which is new; if it has to, add it to arrows in %s", from, to, layersFile)
	}
	return ""
}

// find returns in which stack a package is, and at what height; -1 where in none.
func find(name string) (stack, height int) {
	for stack, layers := range stacks {
		for height, layer := range layers {
			if slices.Contains(layer.packages, name) {
				return stack, height
			}
		}
	}
	return -1, -1
}

// exported returns the exported names that a file declares, other than methods:
// those may be needed for an interface.
func exported(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name)
				case *ast.ValueSpec:
					names = append(names, s.Names...)
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name *ast.Ident) bool { return !name.IsExported() })
}

func isGoCode(name string) bool { return isGo(name) && !strings.Contains(name, "testdata/") }
